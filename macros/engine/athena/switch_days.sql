{#
    Point the target's partitions of the window at newly written days, one statement a day, and drop the partitions of
    days that are now empty. Each statement leaves every day whole; a run that stops between two of them leaves some days
    old and some new, and the next run of that window makes them all new.
    days: 'YYYY-MM-DD'; location: the prefix under which each has its folder.
#}
{%- macro switch_days(target_relation, day_column, days, location, window) -%}
    {%- set table = target_relation.render_hive() -%}
    {%- set live_days = partition_days(target_relation, day_column, window) -%}
    {%- for day in days -%}
        {%- set partition = day_partition(day_column, day) -%}
        {%- set folder = day_folder(location, day_column, day) -%}
        {%- if day not in live_days -%}
            {%- do run_query("alter table " ~ table ~ " add if not exists " ~ partition ~ " location '" ~ folder ~ "'") -%}
        {%- endif -%}
        {# Also after adding: a rival run may have added the day first, and then `add if not exists` keeps the rival's. #}
        {%- do run_query("alter table " ~ table ~ " " ~ partition ~ " set location '" ~ folder ~ "'") -%}
    {%- endfor -%}
    {%- for day in live_days if day not in days -%}
        {%- do run_query("alter table " ~ table ~ " drop if exists " ~ day_partition(day_column, day)) -%}
    {%- endfor -%}
{%- endmacro -%}
