{#
    The elements of an array of a JSON document, each as JSON text: objects and arrays that json_text and json_texts read on.
    NULL when there is no array, or no JSON. document: SQL expression of text. array_path: plain text such as '$.items'.
#}
{%- macro json_elements(document, array_path) -%}
    {{ return(adapter.dispatch('json_elements')(document, sql_literal(array_path))) }}
{%- endmacro -%}

{%- macro athena__json_elements(document, array_path) -%}
    transform(
        try(cast(json_extract({{ document }}, {{ array_path }}) as array(json))),
        element -> json_format(element)
    )
{%- endmacro -%}

{%- macro duckdb__json_elements(document, array_path) -%}
    case
        when not json_valid({{ document }}) then null
        when json_type({{ document }}, {{ array_path }}) = 'ARRAY'
            then cast(json_extract({{ document }}, {{ array_path }} || '[*]') as varchar[])
    end
{%- endmacro -%}
