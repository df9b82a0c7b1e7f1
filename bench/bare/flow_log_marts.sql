-- What the shortest SQL needs for the egress and traffic marts: one format, one flow log, no NAT, no inventory, and every
-- peer outside 10.0.0.0/8 is internet. The project may take nothing of that for granted.
create temp table flows as
select
    "interface-id" as interface_id,
    srcaddr,
    dstaddr,
    action,
    "log-status" as log_status,
    to_timestamp("start")::date as event_date,
    sum(bytes) as byte_count,
    count(*) as record_count
from read_csv(
    '{logs}/AWSLogs/*/vpcflowlogs/*/*/*/*/*.log.gz', delim = ' ', header = true, quote = '', escape = '', nullstr = '-',
    auto_detect = false, columns = {{
        'version': 'INTEGER', 'account-id': 'VARCHAR', 'interface-id': 'VARCHAR', 'srcaddr': 'VARCHAR', 'dstaddr': 'VARCHAR',
        'srcport': 'INTEGER', 'dstport': 'INTEGER', 'protocol': 'INTEGER', 'packets': 'BIGINT', 'bytes': 'BIGINT',
        'start': 'BIGINT', 'end': 'BIGINT', 'action': 'VARCHAR', 'log-status': 'VARCHAR'
    }}
)
group by all;

create table network_traffic as
select
    event_date,
    interface_id,
    case log_status when 'NODATA' then 'no_data' else lower(action) || 'ed' end as record_outcome,
    sum(record_count)::bigint as record_count,
    coalesce(sum(byte_count), 0)::bigint as byte_count
from flows
group by all;

create table egress_peers as
select
    event_date,
    interface_id as sender_id,
    if(srcaddr like '10.%', dstaddr, srcaddr) as remote_address,
    coalesce(sum(byte_count) filter (srcaddr like '10.%'), 0)::bigint as byte_count,
    coalesce(sum(byte_count) filter (srcaddr not like '10.%'), 0)::bigint as received_byte_count
from flows
where action = 'ACCEPT' and not (srcaddr like '10.%' and dstaddr like '10.%')
group by all;

create table egress as
select event_date, sender_id, sum(byte_count)::bigint as byte_count
from egress_peers
group by all;
