{# DDL text that names a day's partition, and a day's folder below a prefix, as CTAS lays it out. #}
{%- macro day_partition(day_column, day) -%}
    partition (`{{ day_column }}` = '{{ day }}')
{%- endmacro -%}

{%- macro day_folder(location, day_column, day) -%}
    {{ location }}/{{ day_column }}={{ day }}/
{%- endmacro -%}
