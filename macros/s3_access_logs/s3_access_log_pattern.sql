{#
    The pattern for lines that splitting can't take apart: six groups, which are the fields up to the key, the request, the
    six fields from the status on, the referrer, the user agent, and the rest. Java and RE2 syntax, no look-ahead.
    Quotes inside a quoted field are not escaped by S3. The request ends at the first quote that is followed by a status and
    its numbers, the user agent at the last quote of the line; no later field may hold a quote. Two blanks between the first
    fields were seen in public logs (dandi/s3-log-extraction); the head is split after they were made one.
    Fields: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
#}
{%- macro s3_access_log_pattern() -%}
    {%- set head = '([^ ]+ {1,2}[^ ]+ {1,2}\\[[^]]*\\](?: {1,2}[^ ]+){5})' -%}
    {%- set middle = '((?:-|[0-9]+) [^ ]+(?: (?:-|[0-9]+)){4})' -%}
    {%- set quoted = '(?:-|"(.*?)")' -%}
    {{ return('^' ~ head ~ ' ' ~ quoted ~ ' ' ~ middle ~ ' ' ~ quoted ~ ' (?:-|"(.*)") ([^ ].*)$') }}
{%- endmacro -%}
