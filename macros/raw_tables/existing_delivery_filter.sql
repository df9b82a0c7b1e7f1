{#
    The predicate that reads the delivery days `days` (datetime.date) through the view over a user's own table: literals of the
    types and forms that their partition columns have, so that Athena leaves the other partitions unopened. Months and days of
    text are asked for with and without a leading zero: people write both. A table without such a partition is read whole.
#}
{%- macro existing_delivery_filter(definition, days) -%}
    {%- set day = definition.existing.day -%}
    {%- if not day -%}
        {{- return("delivery_date between date '" ~ days[0] ~ "' and date '" ~ days[-1] ~ "'") -}}
    {%- endif -%}
    {{- return(existing_partition_filter(definition, existing_glue_table(definition), days, 'their_')) -}}
{%- endmacro -%}


{#- The same over columns with any prefix: '' for the table itself. -#}
{%- macro existing_partition_filter(definition, glue_table, days, prefix) -%}
    {%- set day = definition.existing.day -%}
    {%- if day.column -%}
        {%- set kind = existing_partition_type(definition, glue_table, day.column) -%}
        {%- set ends = [] -%}
        {%- for end in (days[0], days[-1]) -%}
            {%- set text = format_delivery_day(end, day.format or 'yyyy-MM-dd') -%}
            {%- do ends.append(text if kind == 'int' else ('date ' if kind == 'date' else '') ~ "'" ~ text ~ "'") -%}
        {%- endfor -%}
        {{- return('"' ~ prefix ~ day.column ~ '" between ' ~ ends[0] ~ ' and ' ~ ends[1]) -}}
    {%- endif -%}
    {%- set months = {} -%}
    {%- for each in days -%}
        {%- do months.setdefault((each.year, each.month), []).append(each.day) -%}
    {%- endfor -%}
    {%- set terms = [] -%}
    {%- for month, month_days in months.items() -%}
        {%- do terms.append(
            '(' ~ existing_part_filter(definition, glue_table, prefix, 'year', [month[0]])
            ~ ' and ' ~ existing_part_filter(definition, glue_table, prefix, 'month', [month[1]])
            ~ ' and ' ~ existing_part_filter(definition, glue_table, prefix, 'day', month_days) ~ ')'
        ) -%}
    {%- endfor -%}
    {{- return('(' ~ terms | join(' or ') ~ ')') -}}
{%- endmacro -%}


{%- macro existing_part_filter(definition, glue_table, prefix, part, numbers) -%}
    {%- set column = definition.existing.day[part] -%}
    {%- set literals = [] -%}
    {%- for number in numbers -%}
        {%- if existing_partition_type(definition, glue_table, column) == 'int' -%}
            {%- do literals.append(number | string) -%}
        {%- else -%}
            {%- do literals.append("'" ~ ('%02d' | format(number)) ~ "'") -%}
            {%- if number < 10 -%}
                {%- do literals.append("'" ~ number ~ "'") -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return('"' ~ prefix ~ column ~ '" in (' ~ literals | join(', ') ~ ')') -}}
{%- endmacro -%}
