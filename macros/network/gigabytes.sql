{#- Bytes in the GB that AWS bills, 2^30 bytes, as a double. bytes: SQL expression of a whole number. -#}
{%- macro gigabytes(bytes) -%}
    (cast({{ bytes }} as double) / 1073741824)
{%- endmacro -%}
