{#
    The predicate that makes a model read only the files delivered from `start_date` to `end_date` (YYYY-MM-DD, both
    inclusive), as literals: on the partition columns where there are any, else on "$path"; of a user's own table as
    existing_delivery_filter says. Left out, the days are those of
    the run's window and the late days behind it; a table that reads_all_days has no such bounds. Quarantined files are
    left out.
#}
{%- macro delivery_filter(source_name, table_name, start_date=none, end_date=none) -%}
    {{- return(adapter.dispatch('delivery_filter')(source_name, table_name, start_date, end_date)) -}}
{%- endmacro -%}

{%- macro athena__delivery_filter(source_name, table_name, start_date, end_date) -%}
    {%- if not execute -%}
        {{- return('true') -}}
    {%- endif -%}
    {%- set definition = raw_table_definitions(source_name, table_name)[0] -%}
    {%- if definition.reads_all_days -%}
        {%- set start_date, end_date = '0001-01-01', '9999-12-31' -%}
    {%- elif not start_date and not end_date -%}
        {#- Whether a first build may go without dates is for the model that is built to say. -#}
        {%- set window = delivery_window(rebuild_window(relation_exists=true)) -%}
        {%- set start_date, end_date = window.start_date, window.end_date -%}
    {%- endif -%}
    {%- set days = [] if definition.reads_all_days else delivery_days(start_date, end_date) -%}
    {%- if not definition.is_in_use -%}
        {{- return('false') -}}
    {%- endif -%}
    {%- set date_keys = definition.partition_keys | selectattr('kind', 'equalto', 'date') | list -%}
    {%- if definition.reads_all_days -%}
        {%- set predicate = 'true' -%}
    {%- elif definition.existing -%}
        {%- set predicate = existing_delivery_filter(definition, days) -%}
    {%- elif date_keys -%}
        {%- set predicate = date_key_filter(definition, date_keys[0], days) -%}
    {%- elif definition.partition_keys -%}
        {%- set predicate = '(' ~ year_month_day_filter(definition, days) ~ ')' -%}
    {%- else -%}
        {%- set predicate = '(' ~ file_path_filter(definition, days) ~ ')' -%}
    {%- endif -%}
    {%- set left_out = [] -%}
    {%- for path in unreadable_file_paths(definition, start_date, end_date) -%}
        {%- do left_out.append(sql_literal(path)) -%}
    {%- endfor -%}
    {%- if left_out -%}
        {%- set predicate = predicate ~ ' and ' ~ ('file_path' if definition.existing else '"$path"') ~ ' not in (' ~ left_out | join(', ') ~ ')' -%}
    {%- endif -%}
    {{- return(predicate) -}}
{%- endmacro -%}

{#- The view of DuckDB already holds exactly the lines of the window's readable files. -#}
{%- macro duckdb__delivery_filter(source_name, table_name, start_date, end_date) -%}
    {{- return('true') -}}
{%- endmacro -%}

{%- macro date_key_filter(definition, key, days) -%}
    {#- Outside its range, projection answers with no rows and no error. -#}
    {%- if definition.strategy == 'projection' and days[0] < key.start_date -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ definition.name ~ ': the window starts at ' ~ days[0] ~ ', before the first projected day '
            ~ key.start_date ~ ', and would read as empty. Set var first_log_date to the first day of the logs.'
        ) -%}
    {%- endif -%}
    {{- return(
        key.name ~ " between '" ~ format_delivery_day(days[0], key.date_format)
        ~ "' and '" ~ format_delivery_day(days[-1], key.date_format) ~ "'"
    ) -}}
{%- endmacro -%}

{%- macro year_month_day_filter(definition, days) -%}
    {%- set months = {} -%}
    {%- for day in days -%}
        {%- do months.setdefault(day.strftime('%Y-%m'), []).append("'" ~ day.strftime('%d') ~ "'") -%}
    {%- endfor -%}
    {%- set terms = [] -%}
    {%- for month, month_days in months.items() -%}
        {%- do terms.append(
            "(year = '" ~ month[:4] ~ "' and month = '" ~ month[5:] ~ "' and day in (" ~ month_days | join(', ') ~ '))'
        ) -%}
    {%- endfor -%}
    {{- return(terms | join(' or ')) -}}
{%- endmacro -%}

{#- A flat key starts with its day, so a range of paths is a range of days; the end is the day after the last. -#}
{%- macro file_path_filter(definition, days) -%}
    {%- set day_after = days[-1] + modules.datetime.timedelta(days=1) -%}
    {%- set terms = [] -%}
    {%- for key_prefix in definition.key_prefixes or [''] -%}
        {%- set start = definition.location ~ '/' ~ key_prefix -%}
        {%- do terms.append(
            '("$path" >= \'' ~ start ~ days[0].isoformat() ~ '\' and "$path" < \'' ~ start ~ day_after.isoformat() ~ "')"
        ) -%}
    {%- endfor -%}
    {{- return(terms | join(' or ')) -}}
{%- endmacro -%}
