{#
    The user's own prices of a var, data_transfer_prices_own or s3_request_prices_own, as a subquery in brackets, in the columns of
    the seed of list prices; without rows where there are none. Refuses what is no price, naming the var, the entry and the key.
#}
{%- macro own_prices(variable) -%}
    {#- Columns with what they hold and what stands for one that is left out; none: it must be there. -#}
    {%- set forms = {
        'data_transfer_prices_own': {'seed': 'data_transfer_prices', 'columns': [
            ('aws_partition', 'text', var('aws_partition')), ('region', 'text', '*'), ('traffic_class', 'text', none),
            ('destination', 'text', '*'), ('tier_start_gb', 'gigabytes', 0), ('tier_end_gb', 'gigabytes', 'null'),
            ('price_per_gb', 'price', none), ('currency', 'text', none), ('valid_from', 'day', '1970-01-01'), ('valid_to', 'day', 'null')
        ]},
        's3_request_prices_own': {'seed': 's3_prices', 'columns': [
            ('aws_partition', 'text', var('aws_partition')), ('region', 'text', '*'), ('request_price_tier', 'text', none),
            ('price_per_1000', 'price', none), ('currency', 'text', none), ('valid_from', 'day', '1970-01-01'), ('valid_to', 'day', 'null')
        ]},
    } -%}
    {%- set kinds = {
        'text': {'type': 'varchar'},
        'gigabytes': {'type': 'bigint', 'pattern': '[0-9]{1,9}', 'expected': 'whole GB, such as 10240'},
        'price': {
            'type': 'decimal(18, 8)', 'pattern': '[0-9]{1,9}([.][0-9]{1,8})?',
            'expected': 'a number of at most 8 decimal places, such as 0.045'
        },
        'day': {'type': 'date', 'pattern': '[0-9]{4}-[0-9]{2}-[0-9]{2}', 'expected': 'a day as YYYY-MM-DD'},
    } -%}
    {%- set form = forms[variable] -%}
    {%- set rows = [] -%}
    {%- for price in var(variable) -%}
        {%- set place = 'Var ' ~ variable ~ ', entry ' ~ loop.index ~ ': ' -%}
        {%- for key in price if key not in form.columns | map('first') -%}
            {%- do exceptions.raise_compiler_error(place ~ 'the key ' ~ key ~ ' is not known. Keys are those of seed ' ~ form.seed ~ '.') -%}
        {%- endfor -%}
        {%- set values = [] -%}
        {%- for name, kind, substitute in form.columns -%}
            {%- set value = substitute if price.get(name) is none else price[name] -%}
            {%- if value is none -%}
                {%- do exceptions.raise_compiler_error(place ~ 'the key ' ~ name ~ ' is missing.') -%}
            {%- endif -%}
            {%- if price.get(name) is not none and kind != 'text' and not modules.re.fullmatch(kinds[kind].pattern, value | string) -%}
                {%- do exceptions.raise_compiler_error(place ~ name ~ ' is ' ~ value ~ '; expected ' ~ kinds[kind].expected ~ '.') -%}
            {%- endif -%}
            {%- if kind == 'text' -%}
                {%- do values.append(sql_literal(value) ~ ' as ' ~ name) -%}
            {%- else -%}
                {%- set literal = sql_literal(value) if kind == 'day' and value != 'null' else value -%}
                {%- do values.append('cast(' ~ literal ~ ' as ' ~ kinds[kind].type ~ ') as ' ~ name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do rows.append('select ' ~ values | join(', ') ~ ", 'own' as confidence, 0 as origin_order") -%}
    {%- endfor -%}
    {%- if rows -%}
        {{- return('(' ~ rows | join('\n    union all\n    ') ~ ')') -}}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for name, kind, _ in form.columns -%}
        {%- do columns.append('cast(null as ' ~ kinds[kind].type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{- return(
        '(select ' ~ columns | join(', ') ~ ', cast(null as varchar) as confidence, cast(null as integer) as origin_order where false)'
    ) -}}
{%- endmacro -%}
