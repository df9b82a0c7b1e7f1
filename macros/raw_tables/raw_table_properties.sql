{#
    The TBLPROPERTIES of a raw table as a dict of texts: those of its format, and its partition projection
    (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html). A table that is not in use
    has no projection, so that nobody lists folders for it.
#}
{%- macro raw_table_properties(definition) -%}
    {%- set properties = {} -%}
    {%- do properties.update(raw_table_format_clauses(definition).table_properties) -%}
    {%- if definition.strategy == 'projection' and definition.is_in_use -%}
        {%- set template = namespace(path=definition.partition_path) -%}
        {%- do properties.update({'projection.enabled': 'true'}) -%}
        {%- for key in definition.partition_keys -%}
            {%- set prefix = 'projection.' ~ key.name ~ '.' -%}
            {%- set template.path = template.path | replace('{' ~ key.name ~ '}', '$' ~ '{' ~ key.name ~ '}') -%}
            {%- if key.kind == 'date' -%}
                {%- do properties.update({
                    prefix ~ 'type': 'date',
                    prefix ~ 'format': key.date_format,
                    prefix ~ 'range': format_delivery_day(key.start_date, key.date_format) ~ ',NOW',
                    prefix ~ 'interval': '1',
                    prefix ~ 'interval.unit': 'DAYS',
                }) -%}
            {%- elif key.kind == 'enum' -%}
                {%- do properties.update({
                    prefix ~ 'type': 'enum',
                    prefix ~ 'values': key.known_values | join(','),
                }) -%}
            {%- else -%}
                {%- do properties.update({
                    prefix ~ 'type': 'integer',
                    prefix ~ 'range': key.range | join(','),
                    prefix ~ 'digits': key.digits | string,
                }) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do properties.update({'storage.location.template': definition.location ~ '/' ~ template.path ~ '/'}) -%}
    {%- endif -%}
    {{- return(properties) -}}
{%- endmacro -%}
