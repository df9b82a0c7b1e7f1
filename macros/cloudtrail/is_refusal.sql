{#
    True for an error code that says that a permission is missing; services word it differently. After the filter *UnauthorizedOperation,
    AccessDenied* of https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html (CloudWatch.2), and the words of
    services that have others, such as NotAuthorizedException. `error_code` is an SQL expression.
#}
{%- macro is_refusal(error_code) -%}
    {{ regex_matches(error_code, 'AccessDenied|Unauthorized|NotAuthorized|Forbidden') }}
{%- endmacro -%}
