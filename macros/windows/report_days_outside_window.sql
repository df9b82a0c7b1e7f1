{#
    Say which days should be rebuilt: records that a run read but may not publish, because their day lies outside
    the window. A day is named only when the table holds fewer records of it, delivered in the same days, than were found.

    staged, target: relations; staged holds all that was read; staged_columns are the names of its columns. target may be none
    (first build).
#}
{%- macro report_days_outside_window(staged, staged_columns, target, window) -%}
    {%- set columns = staged_columns | map('lower') | list -%}
    {%- set found = run_query(
        "select cast(event_date as varchar) as event_date, count(*) as record_count"
        ~ (", cast(min(delivery_date) as varchar), cast(max(delivery_date) as varchar)" if 'delivery_date' in columns else "")
        ~ " from " ~ staged
        ~ " where event_date is null or event_date not between date '" ~ window.start_date ~ "' and date '" ~ window.end_date
        ~ "' group by event_date order by event_date") -%}
    {%- set days = [] -%}
    {%- for row in found.rows -%}
        {%- if row[0] is none -%}
            {{ exceptions.raise_compiler_error(
                "report_days_outside_window: " ~ this ~ " yields " ~ row[1] ~ " rows without an event_date. Every row needs one, "
                ~ "or it would be lost; nothing was changed.") }}
        {%- endif -%}
        {%- do days.append(
            "(event_date = date '" ~ row[0] ~ "'"
            ~ (" and delivery_date between date '" ~ row[2] ~ "' and date '" ~ row[3] ~ "'" if 'delivery_date' in columns else "") ~ ")") -%}
    {%- endfor -%}
    {%- set held = {} -%}
    {%- if target is not none and days -%}
        {%- for row in run_query(
            "select cast(event_date as varchar) as event_date, count(*) as record_count from " ~ target ~ " where " ~ days | join(" or ")
            ~ " group by event_date").rows -%}
            {%- do held.update({row[0]: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in found.rows -%}
        {%- set held_count = held.get(row[0], 0) -%}
        {%- if held_count | int < row[1] | int -%}
            {%- do log(
                this.identifier ~ ": " ~ row[1] ~ " records of " ~ row[0] ~ " were read but lie outside the window, and the table holds "
                ~ held_count ~ " of them. Rebuild the day: --vars '{start_date: " ~ row[0] ~ ", end_date: " ~ row[0] ~ ", late_days: "
                ~ late_days_needed(row[0], row[3] if 'delivery_date' in columns else row[0]) ~ "}'",
                info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}


{# late_days wide enough to read a record of `event_day` that was delivered on `delivery_day`; never below the var. #}
{%- macro late_days_needed(event_day, delivery_day) -%}
    {%- set needed = (modules.datetime.datetime.strptime(delivery_day, '%Y-%m-%d')
        - modules.datetime.datetime.strptime(event_day, '%Y-%m-%d')).days -%}
    {{ return([needed, var('late_days') | int] | max) }}
{%- endmacro -%}
