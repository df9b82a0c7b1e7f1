-- The columns that the project stages of flow records of the default format, read with their types and written, and nothing else:
-- no check of any value, no other format. Columns that the format lacks are written too; they take half of the time.
create table form as
select
    "version" as format_version,
    "account-id" as interface_account_id,
    "interface-id" as interface_id,
    srcaddr as source_address,
    dstaddr as destination_address,
    srcport as source_port,
    dstport as destination_port,
    protocol as protocol_number,
    packets as packet_count,
    bytes as byte_count,
    to_timestamp("start")::timestamp as started_at,
    to_timestamp("end")::timestamp as ended_at,
    action,
    "log-status" as log_status,
    {absent_columns},
    true as is_readable,
    null::varchar as unreadable_line,
    "account-id" as account_id,
    '{region}' as region,
    regexp_extract(filename, '_(fl-[0-9a-z]+)_', 1) as flow_log_id,
    '{account}' as log_account_id,
    '{region}' as log_region,
    filename as file_path,
    to_timestamp("start")::date as delivery_date,
    to_timestamp("start")::date as event_date
from read_csv(
    '{logs}/AWSLogs/*/vpcflowlogs/*/*/*/*/*.log.gz', delim = ' ', header = true, quote = '', escape = '', nullstr = '-',
    auto_detect = false, filename = true, columns = {{
        'version': 'INTEGER', 'account-id': 'VARCHAR', 'interface-id': 'VARCHAR', 'srcaddr': 'VARCHAR', 'dstaddr': 'VARCHAR',
        'srcport': 'INTEGER', 'dstport': 'INTEGER', 'protocol': 'INTEGER', 'packets': 'BIGINT', 'bytes': 'BIGINT',
        'start': 'BIGINT', 'end': 'BIGINT', 'action': 'VARCHAR', 'log-status': 'VARCHAR'
    }}
)
