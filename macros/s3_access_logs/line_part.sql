{#
    One of the six parts of a log line: as splitting gives it where the line is plain, else as the pattern finds it.
    plain_part: SQL expression over the split line. position: number of the group in s3_access_log_pattern().
    Reads the columns line, is_plain and is_short_enough. NULL where neither finds it.
#}
{%- macro line_part(plain_part, position) -%}
    case
        when is_plain then {{ plain_part }}
        when is_short_enough
            then nullif(regexp_extract(line, {{ sql_literal(s3_access_log_pattern()) }}, {{ position }}), '')
    end
{%- endmacro -%}
