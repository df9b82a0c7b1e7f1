{#
    The account that pays for another, by the var payer_account_ids; without an entry every account belongs to one payer, named
    `all`. The free allowance and the volume tiers are the payer's. account_id: SQL expression.
#}
{%- macro payer_account_id(account_id) -%}
    {%- set payers = var('payer_account_ids') -%}
    {%- for member, payer in payers.items() -%}
        {%- for id in [member, payer] if not modules.re.fullmatch('[0-9]{12}', id | string) -%}
            {%- do exceptions.raise_compiler_error(
                "Var payer_account_ids: '" ~ id ~ "' is no account id. Expected twelve digits in quotes, as in {\"111122223333\": \"444455556666\"}.") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not payers -%}
        {{- return("'all'") -}}
    {%- endif -%}
    {%- set branches = [] -%}
    {%- for member, payer in payers.items() -%}
        {%- do branches.append("when '" ~ member ~ "' then '" ~ payer ~ "'") -%}
    {%- endfor -%}
    case {{ account_id }} {{ branches | join(' ') }} else 'all' end
{%- endmacro -%}
