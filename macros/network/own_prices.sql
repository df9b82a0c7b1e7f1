{#
    The user's own prices (var data_transfer_prices_own) as a subquery in brackets, in columns of seed data_transfer_prices;
    without rows where there are none. Refuses what is no price, naming the var, the entry and the key.
#}
{%- macro own_prices() -%}
    {%- set rows = [] -%}
    {%- for price in var('data_transfer_prices_own') -%}
        {%- set place = 'Var data_transfer_prices_own, entry ' ~ loop.index ~ ': ' -%}
        {%- for key in price if key not in [
            'aws_partition', 'region', 'traffic_class', 'destination', 'tier_start_gb', 'tier_end_gb', 'price_per_gb', 'currency',
            'valid_from', 'valid_to'
        ] -%}
            {%- do exceptions.raise_compiler_error(place ~ 'the key ' ~ key ~ ' is not known. Keys are those of seed data_transfer_prices.') -%}
        {%- endfor -%}
        {%- for key in ['traffic_class', 'price_per_gb', 'currency'] if price.get(key) is none -%}
            {%- do exceptions.raise_compiler_error(place ~ 'the key ' ~ key ~ ' is missing.') -%}
        {%- endfor -%}
        {%- if not modules.re.fullmatch('[0-9]{1,9}([.][0-9]{1,8})?', price.price_per_gb | string) -%}
            {%- do exceptions.raise_compiler_error(
                place ~ 'price_per_gb is ' ~ price.price_per_gb
                ~ '; expected a number of at most 8 decimal places, such as 0.045.') -%}
        {%- endif -%}
        {%- for key in ['tier_start_gb', 'tier_end_gb'] if price.get(key) is not none -%}
            {%- if not modules.re.fullmatch('[0-9]{1,9}', price[key] | string) -%}
                {%- do exceptions.raise_compiler_error(place ~ key ~ ' is ' ~ price[key] ~ '; expected whole GB, such as 10240.') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for key in ['valid_from', 'valid_to'] if price.get(key) is not none -%}
            {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', price[key] | string) -%}
                {%- do exceptions.raise_compiler_error(place ~ key ~ ' is ' ~ price[key] ~ '; expected a day as YYYY-MM-DD.') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do rows.append(
            'select ' ~ [
                sql_literal(price.get('aws_partition') or var('aws_partition')) ~ ' as aws_partition',
                sql_literal(price.get('region') or '*') ~ ' as region',
                sql_literal(price.traffic_class) ~ ' as traffic_class',
                sql_literal(price.get('destination') or '*') ~ ' as destination',
                'cast(' ~ (price.get('tier_start_gb') or 0) ~ ' as bigint) as tier_start_gb',
                'cast(' ~ ('null' if price.get('tier_end_gb') is none else price.tier_end_gb) ~ ' as bigint) as tier_end_gb',
                'cast(' ~ price.price_per_gb ~ ' as decimal(18, 8)) as price_per_gb',
                sql_literal(price.currency) ~ ' as currency',
                "date '" ~ (price.get('valid_from') or '1970-01-01') ~ "' as valid_from",
                ("date '" ~ price.valid_to ~ "'" if price.get('valid_to') else 'cast(null as date)') ~ ' as valid_to',
                "'own' as confidence",
                '0 as origin_order',
            ] | join(', ')
        ) -%}
    {%- endfor -%}
    {%- if rows -%}
        {{- return('(' ~ rows | join('\n    union all\n    ') ~ ')') -}}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for name, type in [
        ('aws_partition', 'varchar'), ('region', 'varchar'), ('traffic_class', 'varchar'), ('destination', 'varchar'),
        ('tier_start_gb', 'bigint'), ('tier_end_gb', 'bigint'), ('price_per_gb', 'decimal(18, 8)'), ('currency', 'varchar'),
        ('valid_from', 'date'), ('valid_to', 'date'), ('confidence', 'varchar'), ('origin_order', 'integer')
    ] -%}
        {%- do columns.append('cast(null as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{- return('(select ' ~ columns | join(', ') ~ ' where false)') -}}
{%- endmacro -%}
