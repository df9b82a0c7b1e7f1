{#
    The days for which a table has a partition, as 'YYYY-MM-DD'; none stands for the partition NULL.
    window: only days in it, when given.
#}
{%- macro partition_days(relation, day_column, window=none) -%}
    {%- set query -%}
        select cast("{{ day_column }}" as varchar)
        from "{{ relation.schema }}"."{{ relation.identifier }}$partitions"
        {%- if window is not none %}
        where "{{ day_column }}" between date '{{ window.start_date }}' and date '{{ window.end_date }}'
        {%- endif %}
        order by 1
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro -%}
