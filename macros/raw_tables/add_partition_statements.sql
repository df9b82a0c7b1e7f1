{#
    ALTER TABLE .. ADD IF NOT EXISTS PARTITION statements for every combination of the key values and every day of
    `days` (datetime.date), in batches: Athena takes statements of up to 262,144 bytes
    (https://docs.aws.amazon.com/athena/latest/ug/service-limits.html). `maximum_bytes` leaves room for a query comment.
    A partition needs no folder: one without files reads as empty.
#}
{%- macro add_partition_statements(definition, days, maximum_bytes=250000) -%}
    {%- set head = 'alter table ' ~ definition.relation.render_hive() ~ ' add if not exists' -%}
    {%- set statements = [] -%}
    {%- set batch = namespace(clauses=[], bytes=head | length) -%}
    {%- for day in days -%}
        {%- for partition in partitions_of_day(definition, day) -%}
            {%- set clause = 'partition (' ~ partition.spec ~ ") location '" ~ definition.location ~ '/' ~ partition.path ~ "/'" -%}
            {%- set clause_bytes = clause.encode('utf-8') | length + 1 -%}
            {%- if batch.clauses and batch.bytes + clause_bytes > maximum_bytes -%}
                {%- do statements.append(([head] + batch.clauses) | join('\n')) -%}
                {%- set batch.clauses = [] -%}
                {%- set batch.bytes = head | length -%}
            {%- endif -%}
            {%- do batch.clauses.append(clause) -%}
            {%- set batch.bytes = batch.bytes + clause_bytes -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if batch.clauses -%}
        {%- do statements.append(([head] + batch.clauses) | join('\n')) -%}
    {%- endif -%}
    {{- return(statements) -}}
{%- endmacro -%}
