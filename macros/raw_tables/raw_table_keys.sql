{#
    The partition keys of a raw table, in folder order, as dicts:
      name, description
      pattern      regular expression of one value
      holds        region, account_id, or nothing that the ledger of files asks for
      kind         date (a whole day, in `format`), year, month, day, integer, enum, or folder (found by MSCK alone)
      known_values of enum and integer keys: every value, as text
      date_format, start_date         of date keys
      range, digits                   of integer, year, month and day keys
    Athena's words for the projection kinds: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    Keys named `year`, `month` and `day` are parts of the delivery day, as AWS names them in Hive-compatible prefixes.
    `ledger` of the external block says which keys hold the account and the region: {account_id: <key>, region: <key>}; a
    list of keys where layouts call them differently.
#}
{%- macro raw_table_keys(partitions, external, table_name, strategy, is_in_use) -%}
    {%- set key_names = partitions | map(attribute='name') | list -%}
    {%- set account_key = raw_table_ledger_key(external, 'account_id', key_names) -%}
    {%- set region_key = raw_table_ledger_key(external, 'region', key_names) -%}
    {%- set keys = [] -%}
    {%- for partition in partitions -%}
        {%- set about = 'Raw table ' ~ table_name ~ ', partition key ' ~ partition.name ~ ': ' -%}
        {%- if partition.data_type != 'string' -%}
            {%- do exceptions.raise_compiler_error(
                about ~ 'data_type must be string, because folder names are text. Found ' ~ (partition.data_type | tojson) ~ '.'
            ) -%}
        {%- endif -%}
        {%- set projection = partition.projection or {} -%}
        {%- set key = {
            'name': raw_table_text(partition.name, table_name, 'the name of a partition key'),
            'description': partition.description,
            'pattern': partition.pattern or '[^/]+',
            'known_values': [],
            'holds': 'region' if partition.name == region_key else ('account_id' if partition.name == account_key),
        } -%}

        {%- if projection.type == 'date' -%}
            {%- do key.update({'kind': 'date', 'date_format': projection.format}) -%}
            {%- if projection.format not in ('yyyy/MM/dd', 'yyyy-MM-dd', 'yyyyMMdd') -%}
                {%- do exceptions.raise_compiler_error(
                    about ~ 'projection format must be yyyy/MM/dd, yyyy-MM-dd or yyyyMMdd. Found '
                    ~ (projection.format | tojson) ~ '.'
                ) -%}
            {%- endif -%}
            {%- if strategy == 'projection' -%}
                {%- set start = var(projection.start_var, none) if projection.start_var else none -%}
                {%- if not start -%}
                    {%- do exceptions.raise_compiler_error(
                        about ~ 'projection needs the first day of its range. Set var '
                        ~ (projection.start_var or '<start_var of the projection>') ~ ' to a day as YYYY-MM-DD.'
                    ) -%}
                {%- endif -%}
                {%- do key.update({'start_date': raw_table_day(start, 'var ' ~ projection.start_var)}) -%}
            {%- endif -%}
        {%- elif partition.name in ('year', 'month', 'day') or projection.type == 'integer' -%}
            {%- do key.update({
                'kind': partition.name if partition.name in ('year', 'month', 'day') else 'integer',
                'range': projection.range,
                'digits': projection.digits,
            }) -%}
            {%- set needs_range = strategy == 'projection' or (strategy == 'explicit' and key.kind == 'integer') -%}
            {%- if needs_range and not (key.range and key.range | length == 2 and key.digits) -%}
                {%- do exceptions.raise_compiler_error(
                    about ~ 'projection needs a range and digits, such as {type: integer, range: [0, 23], digits: 2}. Found '
                    ~ (projection | tojson) ~ '.'
                ) -%}
            {%- endif -%}
            {%- if key.kind == 'integer' and key.range -%}
                {%- for number in range(key.range[0], key.range[1] + 1) -%}
                    {%- do key.known_values.append(('%0' ~ key.digits ~ 'd') | format(number)) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- elif projection.type == 'enum' -%}
            {%- do key.update({'kind': 'enum'}) -%}
            {%- if is_in_use and strategy != 'hive' -%}
                {%- do key.update({'known_values': raw_table_enum_values(projection, key, table_name)}) -%}
            {%- endif -%}
        {%- elif strategy == 'hive' -%}
            {%- do key.update({'kind': 'folder'}) -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                about ~ 'the strategy ' ~ strategy ~ ' needs to know its values. Give it a projection of type enum, date or '
                ~ 'integer. Found ' ~ (projection | tojson) ~ '.'
            ) -%}
        {%- endif -%}
        {%- do keys.append(key) -%}
    {%- endfor -%}
    {{- return(keys) -}}
{%- endmacro -%}
