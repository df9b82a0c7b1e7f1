-- What the shortest SQL needs for the S3 marts, with the pattern of Athena's documentation, whose user agent may hold quotes.
-- https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html
create temp table requests as
select
    fields.bucket as bucket_name,
    fields.address as remote_address,
    fields.operation,
    fields.requester,
    fields.status,
    strptime(fields.time, '%d/%b/%Y:%H:%M:%S %z')::date as event_date,
    count(*) as request_count,
    coalesce(sum(try_cast(fields.sent as bigint)), 0) as byte_count,
    coalesce(sum(try_cast(fields.size as bigint)), 0) as object_byte_count
from (
    select
        regexp_extract(
            line,
            '^(\S+) (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) ("[^"]*"|-) (\S+) (\S+) (\S+) (\S+)',
            ['owner', 'bucket', 'time', 'address', 'requester', 'id', 'operation', 'key', 'uri', 'status', 'error', 'sent', 'size']
        ) as fields
    from read_csv(
        '{logs}/s3/*/*/*/*/*/*/*', delim = '\x01', header = false, quote = '', escape = '', auto_detect = false,
        columns = {{'line': 'VARCHAR'}}
    )
)
group by all;

create table s3_usage as
select
    event_date,
    bucket_name,
    operation,
    requester,
    sum(request_count)::bigint as request_count,
    coalesce(sum(byte_count) filter (operation = 'REST.GET.OBJECT' and status in ('200', '206')), 0)::bigint
        as downloaded_byte_count,
    coalesce(sum(object_byte_count) filter (operation = 'REST.PUT.OBJECT' and status = '200'), 0)::bigint
        as uploaded_byte_count
from requests
group by all;

create table s3_clients as
select
    event_date,
    bucket_name,
    remote_address,
    sum(request_count)::bigint as request_count,
    coalesce(sum(byte_count) filter (operation = 'REST.GET.OBJECT' and status in ('200', '206')), 0)::bigint
        as downloaded_byte_count
from requests
group by all;
