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
        {%- do report_days_outside_window(outside, live, window) -%}
        {%- do adapter.delete_from_glue_catalog(outside) -%}
    {%- endif -%}
{%- endmacro -%}


{# A full refresh holds its window and nothing else: say which days the table had beyond it. #}
{%- macro log_days_left_out(target_relation, live, day_column, window) -%}
    {%- if live is not none -%}
        {%- set left_out = partition_days(target_relation, day_column) | reject('none')
            | reject('in', partition_days(target_relation, day_column, window)) | list -%}
        {%- if left_out -%}
            {%- do log(
                model.name ~ ": the full refresh holds " ~ window.start_date ~ " to " ~ window.end_date ~ "; " ~ left_out | length
                ~ " days are no longer in the table, " ~ left_out | first ~ " to " ~ left_out | last ~ " among them.", info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
