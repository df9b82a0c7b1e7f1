{#
    Name the days whose records were read but lie outside the window (see report_days_outside_window).
    staged: what stage_days returns; live: the table to compare with, or none where all its days are replaced.
#}
{%- macro report_staged_rows_outside_window(target_relation, staged, live, window) -%}
    {%- if staged.has_rows_outside -%}
        {%- set outside = beside_relation(target_relation, 'outside', type='view') -%}
        {%- set columns = ['outside_window_date as event_date'] -%}
        {%- if 'delivery_date' in staged.columns | map(attribute='name') -%}
            {%- do columns.append('delivery_date') -%}
        {%- endif -%}
        {%- do run_query(
            "create or replace view " ~ outside ~ " as select " ~ columns | join(', ') ~ " from " ~ staged.relation
            ~ " where " ~ config.get('partitioned_by')[0] ~ " is null") -%}
        {%- do report_days_outside_window(outside, staged.columns | map(attribute='name') | list, live, window) -%}
        {%- do adapter.delete_from_glue_catalog(outside) -%}
    {%- endif -%}
{%- endmacro -%}
