{#
    Executes the statements, one after another; with var print_ddl it prints them instead and touches nothing.
#}
{%- macro run_raw_table_statements(statements) -%}
    {%- for statement in statements -%}
        {%- if var('print_ddl', false) -%}
            {{- print(statement ~ ';\n') -}}
        {%- else -%}
            {%- do run_query(statement) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
