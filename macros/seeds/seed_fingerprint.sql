{#
    One text for everything that decides what a seed's table looks like: the file, the columns' types, the descriptions that
    are kept with the table, the engine's settings for it, and the way of loading itself. It is stored with the table when
    a load is complete; a seed whose table carries the same text needs no load.
#}
{%- macro seed_fingerprint() -%}
    {#- Raise it with every change of the loading that changes tables. -#}
    {%- set way_of_loading = 1 -%}
    {%- set descriptions = {} -%}
    {%- for column in model.columns.values() -%}
        {%- do descriptions.update({column.name: column.description}) -%}
    {%- endfor -%}
    {{ return(local_md5(tojson({
        'way_of_loading': way_of_loading,
        'file': seed_file_checksum(),
        'delimiter': model.config.delimiter,
        'column_types': model.config.column_types.items() | list,
        'description': model.description,
        'column_descriptions': descriptions,
        'persist_docs': model.config.persist_docs,
        'write_compression': config.get('write_compression'),
    }, sort_keys=True))) }}
{%- endmacro -%}


{#
    dbt has read the file while parsing and keeps its checksum. Of files above 1 MiB it keeps the path alone; those are read
    here.
#}
{%- macro seed_file_checksum() -%}
    {%- if model.checksum.name != 'path' -%}
        {{ return(model.checksum.checksum) }}
    {%- endif -%}
    {%- set table = load_agate_table() -%}
    {%- set lines = [tojson(table.column_names | list)] -%}
    {%- for row in table.rows -%}
        {%- do lines.append(tojson(row.values() | list)) -%}
    {%- endfor -%}
    {{ return(local_md5(lines | join('\n'))) }}
{%- endmacro -%}
