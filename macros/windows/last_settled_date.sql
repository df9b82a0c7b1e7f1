{#
    The newest event day, as 'YYYY-MM-DD', of which no more records can come: all folders that may still hold late ones (var
    late_days) lie behind the newest delivered day.
#}
{%- macro last_settled_date() -%}
    {{ return(shift_date(newest_delivery_date(), -(var('late_days') | int))) }}
{%- endmacro -%}
