{#
    Where the list of unreadable log files stands on Athena; the source log_ledger.unreadable_log_files reads it.
#}
{%- macro unreadable_log_files_relation() -%}
    {{- return(api.Relation.create(
        database=target.database, schema=target.schema ~ '_raw', identifier='unreadable_log_files', type='view'
    )) -}}
{%- endmacro -%}
