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
