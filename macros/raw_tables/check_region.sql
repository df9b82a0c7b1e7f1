{#
    An error when `region` does not belong to the AWS partition of var aws_partition. A role of one partition cannot
    read a bucket of another, so a mismatch is a mistake. Region names:
    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
#}
{%- macro check_region(region, table_name, setting) -%}
    {%- set shapes = {
        'aws': '(?!cn-|us-gov-|us-iso|eu-isoe-).*',
        'aws-cn': 'cn-.*',
        'aws-us-gov': 'us-gov-.*',
    } -%}
    {%- set aws_partition = var('aws_partition', 'aws') -%}
    {%- if aws_partition not in shapes -%}
        {%- do exceptions.raise_compiler_error(
            'Var aws_partition must be one of ' ~ (shapes | join(', ')) ~ '. Found ' ~ (aws_partition | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if not modules.re.fullmatch(shapes[aws_partition], region) -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': ' ~ setting ~ " holds '" ~ region ~ "', which is not a region of the AWS partition "
            ~ aws_partition ~ '. Correct the region, or set var aws_partition.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}
