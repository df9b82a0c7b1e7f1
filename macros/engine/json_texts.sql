{#
    The single values below an array of a JSON document, as an array of text with one element for each of the document's array:
    NULL where that element has none there, or null, an object or an array. NULL when there is no array, or no JSON.
    document: SQL expression of text. array_path, value_path: plain text such as '$.TagSet' and '$.Key'.
#}
{%- macro json_texts(document, array_path, value_path) -%}
    {{ return(adapter.dispatch('json_texts')(document, sql_literal(array_path), sql_literal(value_path))) }}
{%- endmacro -%}

{%- macro athena__json_texts(document, array_path, value_path) -%}
    transform(
        try(cast(json_extract({{ document }}, {{ array_path }}) as array(json))),
        element -> json_extract_scalar(element, {{ value_path }})
    )
{%- endmacro -%}

{%- macro duckdb__json_texts(document, array_path, value_path) -%}
    case
        when not json_valid({{ document }}) then null
        when json_type({{ document }}, {{ array_path }}) = 'ARRAY'
            then list_transform(
                json_extract({{ document }}, {{ array_path }} || '[*]'),
                lambda element: case
                    when json_type(element, {{ value_path }}) in ('OBJECT', 'ARRAY') then null
                    else json_extract_string(element, {{ value_path }})
                end
            )
    end
{%- endmacro -%}
