{#
    The raw tables declared in the sources ymls (`external:` blocks), checked, as a list of dicts: see
    raw_table_definition. `source` and `table` narrow the list; a name that is not declared is an error.
#}
{%- macro raw_table_definitions(source=none, table=none) -%}
    {%- set declared = [] -%}
    {%- set chosen = [] -%}
    {%- for node in raw_tables() -%}
        {%- do declared.append(node.source_name ~ '.' ~ node.name) -%}
        {%- if source in (none, node.source_name) and table in (none, node.name) -%}
            {%- do chosen.append(raw_table_definition(node)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not chosen -%}
        {%- do exceptions.raise_compiler_error(
            'No raw table is declared as source ' ~ (source or '(any)') ~ ', table ' ~ (table or '(any)')
            ~ '. Declared with an external block: ' ~ (declared | join(', ') or 'none') ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(chosen) -}}
{%- endmacro -%}
