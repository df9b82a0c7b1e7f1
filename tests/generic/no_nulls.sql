{#
    Fails when any of the given columns is null in a row: one query, where a not_null test per column would be one each.
    columns: list of column names.
#}
{% test no_nulls(model, columns) %}
select *
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
