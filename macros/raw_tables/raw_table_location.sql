{# Where the files of a raw table in use lie, without a closing slash; of a user's own table as the Glue catalog says. #}
{%- macro raw_table_location(definition) -%}
    {%- if definition.existing -%}
        {{- return(existing_glue_table(definition).StorageDescriptor.Location.rstrip('/')) -}}
    {%- endif -%}
    {{- return(definition.location) -}}
{%- endmacro -%}
