{#
    Select-list text of what is known about a raw row from its file: file_path, delivery_date (date), log_account_id and
    log_region (NULL where the layout has no such folder).
#}
{%- macro delivery_columns(source_name, table_name) -%}
    {{- return(adapter.dispatch('delivery_columns')(source_name, table_name)) -}}
{%- endmacro -%}

{%- macro athena__delivery_columns(source_name, table_name) -%}
    {%- if not execute -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set definition = raw_table_definitions(source_name, table_name)[0] -%}
    {%- if definition.existing -%}
        {{- return('file_path, delivery_date, log_account_id, log_region') -}}
    {%- endif -%}
    {%- set found = {'account_id': 'cast(null as varchar)', 'region': 'cast(null as varchar)'} -%}
    {%- for key in definition.partition_keys if key.holds -%}
        {%- do found.update({key.holds: '"' ~ key.name ~ '"'}) -%}
    {%- endfor -%}
    {{- return(
        file_path() | trim ~ ' as file_path, ' ~ delivery_date_of_keys(definition.partition_keys) ~ ' as delivery_date, '
        ~ found.account_id ~ ' as log_account_id, ' ~ found.region ~ ' as log_region'
    ) -}}
{%- endmacro -%}

{#- The views of DuckDB have these columns from the ledger of files. -#}
{%- macro duckdb__delivery_columns(source_name, table_name) -%}
    {{- return(
        'file_path, ledger_delivery_date as delivery_date, ledger_account_id as log_account_id, ledger_region as log_region'
    ) -}}
{%- endmacro -%}

{#- The delivery day as an expression on the partition keys; of a flat table, whose keys start with it, on the file's name. -#}
{%- macro delivery_date_of_keys(keys) -%}
    {%- set date_key = keys | selectattr('kind', 'equalto', 'date') | first -%}
    {%- if date_key and date_key.date_format == 'yyyyMMdd' -%}
        {%- set name = '"' ~ date_key.name ~ '"' -%}
        {%- set text = "substr(" ~ name ~ ", 1, 4) || '-' || substr(" ~ name ~ ", 5, 2) || '-' || substr(" ~ name ~ ", 7, 2)" -%}
    {%- elif date_key -%}
        {%- set text = 'replace("' ~ date_key.name ~ "\", '/', '-')" -%}
    {%- elif keys -%}
        {%- set text = "\"year\" || '-' || \"month\" || '-' || \"day\"" -%}
    {%- else -%}
        {%- set text = "regexp_extract(\"$path\", '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1)" -%}
    {%- endif -%}
    {{- return('try_cast(' ~ text ~ ' as date)') -}}
{%- endmacro -%}
