{#
    How a raw table's files are read, as a dict:
      clauses            lines of DDL between the columns and LOCATION, in Athena's order
                         (https://docs.aws.amazon.com/athena/latest/ug/create-table.html)
      serde              the library those lines stand for, as Glue shows it
      serde_properties   the properties among those lines
      input_format       as Glue shows it
      table_properties   what belongs into TBLPROPERTIES
    Options in the external block: field_delimiter, null_marker and header_line_count of delimited text.
#}
{%- macro raw_table_format_clauses(definition) -%}
    {%- set options = definition.format_options -%}
    {%- set text_input = 'org.apache.hadoop.mapred.TextInputFormat' -%}
    {%- set text_output = 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' -%}

    {%- if definition.format == 'lines' -%}
        {#- One group that is the whole line: https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html -#}
        {{- return({
            'clauses': [
                "row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'",
                "with serdeproperties ('input.regex' = '(.*)')",
                "stored as inputformat '" ~ text_input ~ "'",
                "outputformat '" ~ text_output ~ "'",
            ],
            'serde': 'org.apache.hadoop.hive.serde2.RegexSerDe',
            'serde_properties': {'input.regex': '(.*)'},
            'input_format': text_input,
            'table_properties': {},
        }) -}}

    {%- elif definition.format == 'delimited' -%}
        {%- set delimiter = raw_table_text(options.field_delimiter, definition.name, 'field_delimiter') -%}
        {%- set clauses = ['row format delimited', "fields terminated by '" ~ delimiter ~ "'"] -%}
        {%- set serde_properties = {'field.delim': delimiter} -%}
        {%- set table_properties = {} -%}
        {%- if options.null_marker -%}
            {%- set null_marker = raw_table_text(options.null_marker, definition.name, 'null_marker') -%}
            {%- do clauses.append("null defined as '" ~ null_marker ~ "'") -%}
            {%- do serde_properties.update({'serialization.null.format': null_marker}) -%}
        {%- endif -%}
        {%- if options.header_line_count -%}
            {#- A table property; among the SERDEPROPERTIES it does nothing and the header is read as data. -#}
            {%- do table_properties.update({'skip.header.line.count': options.header_line_count | string}) -%}
        {%- endif -%}
        {%- do clauses.append('stored as textfile') -%}
        {{- return({
            'clauses': clauses,
            'serde': 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
            'serde_properties': serde_properties,
            'input_format': text_input,
            'table_properties': table_properties,
        }) -}}

    {%- elif definition.format == 'parquet' -%}
        {#- No header and no compression property: Parquet files have the one in themselves and never the other. -#}
        {{- return({
            'clauses': [
                "row format serde 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'",
                "stored as inputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'",
                "outputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'",
            ],
            'serde': 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
            'serde_properties': {},
            'input_format': 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
            'table_properties': {},
        }) -}}

    {%- elif definition.format == 'cloudtrail_json' -%}
        {#- The older CloudTrailSerde leaves newer fields out: https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html -#}
        {{- return({
            'clauses': [
                "row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'",
                "stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'",
                "outputformat '" ~ text_output ~ "'",
            ],
            'serde': 'org.apache.hive.hcatalog.data.JsonSerDe',
            'serde_properties': {},
            'input_format': 'com.amazon.emr.cloudtrail.CloudTrailInputFormat',
            'table_properties': {},
        }) -}}
    {%- endif -%}
{%- endmacro -%}
