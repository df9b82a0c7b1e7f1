{#
    What the path of a log file on S3 says about it: a dict with log_source, raw_table, file_path, delivery_date
    (YYYY-MM-DD), account_id and region (none where the path does not name them) and size_bytes (none: unknown).
    An error when no raw table in use can hold a file of that path.
#}
{%- macro describe_log_file(file) -%}
    {%- do raw_table_text(file, '(any)', 'the argument file') -%}
    {%- set found = [] -%}
    {%- set locations = [] -%}
    {%- for definition in raw_table_definitions() if definition.is_in_use -%}
        {%- set location = raw_table_location(definition) -%}
        {%- do locations.append(definition.name ~ ' at ' ~ location ~ '/') -%}
        {%- set path = namespace(pattern=modules.re.escape(location ~ '/')) -%}
        {%- if definition.existing -%}
            {%- set path.pattern = path.pattern ~ '.+' -%}
        {%- elif definition.partition_keys -%}
            {%- set folders = namespace(pattern=definition.partition_path) -%}
            {%- for key in definition.partition_keys -%}
                {%- set folders.pattern = folders.pattern | replace('{' ~ key.name ~ '}', '(' ~ key.pattern ~ ')') -%}
            {%- endfor -%}
            {%- set path.pattern = path.pattern ~ folders.pattern ~ '/(?:' ~ definition.file_name_pattern ~ ')' -%}
        {%- else -%}
            {%- set prefixes = [] -%}
            {%- for key_prefix in definition.key_prefixes or [''] -%}
                {%- do prefixes.append(modules.re.escape(key_prefix)) -%}
            {%- endfor -%}
            {%- set path.pattern = path.pattern ~ '(?:' ~ prefixes | join('|') ~ ')(?:' ~ definition.file_name_pattern ~ ')' -%}
        {%- endif -%}
        {%- set match = modules.re.fullmatch(path.pattern, file) -%}
        {%- if match and not found -%}
            {%- do found.append({
                'log_source': definition.source_name, 'raw_table': definition.table_name, 'file_path': file,
                'account_id': none, 'region': none, 'size_bytes': none,
            }) -%}
            {%- do found[0].update(describe_folders(definition, match.groups(), file)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            'The file ' ~ (file | tojson) ~ ' is not a log file of a raw table in use. Expected the whole s3:// path of a file of '
            ~ (locations | join(', ') or 'none') ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(found[0]) -}}
{%- endmacro -%}

{%- macro describe_folders(definition, values, file) -%}
    {%- set about = {} -%}
    {%- set day = {} -%}
    {%- for key in definition.partition_keys -%}
        {%- set value = values[loop.index0] -%}
        {%- if key.kind == 'date' -%}
            {%- set digits = modules.re.sub('[^0-9]', '', value) -%}
            {%- do day.update({'year': digits[:4], 'month': digits[4:6], 'day': digits[6:8]}) -%}
        {%- elif key.kind in ('year', 'month', 'day') -%}
            {%- do day.update({key.kind: value}) -%}
        {%- elif key.holds -%}
            {%- do about.update({key.holds: value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if day -%}
        {%- do about.update({'delivery_date': [day.year, day.month, day.day] | join('-')}) -%}
    {%- elif definition.existing -%}
        {#- How their folders tell the day is theirs to know; a name as AWS writes it tells it too. -#}
        {%- set told = modules.re.search('(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])[T-][0-9][^/]*$', file) -%}
        {%- do about.update({'delivery_date': told.groups() | join('-') if told else none}) -%}
    {%- else -%}
        {#- A flat key starts with its day, right behind its prefix. -#}
        {%- do about.update({'delivery_date': modules.re.findall('[0-9]{4}-[0-9]{2}-[0-9]{2}', file.split('/')[-1])[0]}) -%}
    {%- endif -%}
    {{- return(about) -}}
{%- endmacro -%}
