{#
    The answer of every raw-table operation on DuckDB.
#}
{%- macro say_nothing_to_do_on_duckdb() -%}
    {%- do log(
        'Nothing to do on DuckDB: the raw tables are views over the log files of the window, made by each run.', info=true
    ) -%}
{%- endmacro -%}
