{#
    A datetime.date as the folder names it: `java_format` is yyyy/MM/dd, yyyy-MM-dd or yyyyMMdd, in the letters that
    Athena's date projection uses.
#}
{%- macro format_delivery_day(day, java_format) -%}
    {{- return(day.strftime(java_format | replace('yyyy', '%Y') | replace('MM', '%m') | replace('dd', '%d'))) -}}
{%- endmacro -%}
