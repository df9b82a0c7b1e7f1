{#
    What a run says of a user's own table that stands in for a raw table.

    report_existing_table: which table it is, and what reading it costs or loses.
    report_existing_partitions: the delivery days of the window (datetime.date) for which it has no partition: they read as empty.
    An error when no partition has the form that the var gives. Projected tables have no list of partitions.
#}
{%- macro report_existing_table(definition) -%}
    {%- if not var('print_ddl', false) -%}
        {%- set glue_table = existing_glue_table(definition) -%}
        {%- set words = [
            'Raw table ' ~ definition.name ~ ' is your table ' ~ definition.existing.database ~ '.' ~ definition.existing.table
            ~ ' (var existing_raw_tables), which is only read.'
        ] -%}
        {%- if not definition.existing.day -%}
            {%- do words.append(
                'It is declared without a partition for the delivery day: every query reads all of it. A row of which neither the name of '
                ~ 'its file nor its own time tells the day belongs to the day on which S3 took the file.'
            ) -%}
        {%- endif -%}
        {%- if existing_header_condition(definition, glue_table) -%}
            {%- do words.append(
                'Its table properties lack skip.header.line.count, so that header lines are read as rows; they are left out.'
            ) -%}
        {%- endif -%}
        {%- do log(words | join(' '), info=true) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro report_existing_partitions(definition, days) -%}
    {%- set glue_table = existing_glue_table(definition) -%}
    {%- set day = definition.existing.day -%}
    {%- if not day or (glue_table.Parameters or {}).get('projection.enabled', 'false') | lower == 'true' -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set columns = [day.column] if day.column else [day.year, day.month, day.day] -%}
    {%- set partitions_relation = api.Relation.create(
        database=definition.relation.database, schema=definition.existing.database, identifier=definition.existing.table ~ '$partitions'
    ) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('cast("' ~ column ~ '" as varchar)') -%}
    {%- endfor -%}
    {%- set found = run_query('select distinct ' ~ texts | join(" || '/' || ") ~ ' from ' ~ partitions_relation.render()) -%}
    {%- set form = {
        'yyyy/MM/dd': '([0-9]{4})/([0-9]{2})/([0-9]{2})', 'yyyyMMdd': '([0-9]{4})([0-9]{2})([0-9]{2})', none: '([0-9]{4})-([0-9]{2})-([0-9]{2})',
        'yyyy-MM-dd': '([0-9]{4})-([0-9]{2})-([0-9]{2})',
    }[day.format or none] if day.column else '([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})' -%}
    {%- set known, strange = [], [] -%}
    {%- for row in found.rows if row[0] is not none -%}
        {%- set told = modules.re.fullmatch(form, row[0]) -%}
        {%- if told -%}
            {%- do known.append('%04d-%02d-%02d' | format(told.group(1) | int, told.group(2) | int, told.group(3) | int)) -%}
        {%- else -%}
            {%- do strange.append(row[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if strange and not known -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'no partition of ' ~ definition.existing.database ~ '.' ~ definition.existing.table ~ ' has a day of the form '
            ~ (day.format or ('yyyy-MM-dd' if day.column else 'year, month, day')) ~ ' in ' ~ columns | join(', ') ~ '. Found for example '
            ~ strange[0] | tojson ~ '. Correct delivery_date.'
        ) -%}
    {%- endif -%}
    {%- set missing = [] -%}
    {%- for each in days if each.isoformat() not in known -%}
        {%- do missing.append(each.isoformat()) -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- do log(
            'Raw table ' ~ definition.name ~ ': your table ' ~ definition.existing.database ~ '.' ~ definition.existing.table
            ~ ' has no partition for the delivery days ' ~ missing[:10] | join(', ') ~ (' and ' ~ (missing | length - 10) ~ ' more' if missing | length > 10 else '')
            ~ ', which read as empty. Add them to it when there are logs of them.', info=true
        ) -%}
    {%- endif -%}
{%- endmacro -%}
