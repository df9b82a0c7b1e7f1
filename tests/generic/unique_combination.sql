{#
    Fails when two rows agree in all the given columns; null agrees with null.
    columns: list of column names that together are the model's grain.
#}
{% test unique_combination(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
