-- All columns of S3 access log lines by one pattern with a greedy user agent, typed, duplicates removed as the project does.
create table form as
with lines as (
    select
        filename,
        regexp_extract(
            line,
            '^(\S+) (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) ("[^"]*"|-) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)'
            || ' ("[^"]*"|-) (".*"|-) (\S+)(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: (\S+))?(?: (\S+))?(.*)$',
            [
                'owner', 'bucket', 'time', 'address', 'requester', 'id', 'operation', 'key', 'uri', 'status', 'error', 'sent',
                'size', 'total', 'turn_around', 'referrer', 'agent', 'version', 'host_id', 'signature', 'cipher',
                'authentication', 'host', 'tls', 'access_point', 'acl', 'rest'
            ]
        ) as fields
    from read_csv(
        '{logs}/s3/*/*/*/*/*/*/*', delim = '\x01', header = false, quote = '', escape = '', auto_detect = false,
        filename = true, columns = {{'line': 'VARCHAR'}}
    )
),

requests as (
    select
        fields.id as request_id,
        strptime(fields.time, '%d/%b/%Y:%H:%M:%S %z')::timestamp as request_at,
        nullif(fields.owner, '-') as bucket_owner_id,
        nullif(fields.bucket, '-') as bucket_name,
        nullif(fields.address, '-') as remote_address,
        nullif(fields.requester, '-') as requester,
        nullif(fields.operation, '-') as operation,
        nullif(fields.key, '-') as object_key,
        nullif(trim(fields.uri, '"'), '-') as request_uri,
        try_cast(fields.status as integer) as http_status,
        nullif(fields.error, '-') as error_code,
        coalesce(try_cast(fields.sent as bigint), 0) as bytes_sent,
        try_cast(fields.size as bigint) as object_size,
        try_cast(fields.total as bigint) as total_time_ms,
        try_cast(fields.turn_around as bigint) as turn_around_time_ms,
        nullif(trim(fields.referrer, '"'), '-') as referrer,
        nullif(fields.agent[2:-2], '-') as user_agent,
        nullif(fields.version, '-') as version_id,
        nullif(fields.host_id, '-') as host_id,
        nullif(fields.signature, '-') as signature_version,
        nullif(fields.cipher, '-') as cipher_suite,
        nullif(fields.authentication, '-') as authentication_type,
        nullif(fields.host, '-') as host_header,
        nullif(fields.tls, '-') as tls_version,
        nullif(fields.access_point, '-') as access_point_arn,
        nullif(fields.acl, '-') as acl_required,
        nullif(fields.rest, '') as additional_fields,
        filename as file_path
    from lines
),

numbered_copies as (
    select
        *,
        row_number() over (partition by request_id, operation, object_key, version_id order by file_path) as copy_number,
        count(*) over (partition by request_id, operation, object_key, version_id) as copy_count
    from requests
)

select * from numbered_copies
where copy_number = 1
