{# One group out of regex_groups(), by its position (from 1); NULL where nothing matched or the group is empty. #}
{%- macro regex_group(groups, position) -%}
    {{ return(adapter.dispatch('regex_group')(groups, position)) }}
{%- endmacro -%}

{%- macro athena__regex_group(groups, position) -%}
    nullif(element_at({{ groups }}, {{ position }}), '')
{%- endmacro -%}

{%- macro duckdb__regex_group(groups, position) -%}
    nullif(struct_extract({{ groups }}, 'group_{{ position }}'), '')
{%- endmacro -%}
