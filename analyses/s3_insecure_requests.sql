-- The 100 most frequent clients that asked without TLS, or with less than TLS 1.2, in the days asked for.
-- A host header without a cipher is plain HTTP, as website endpoints are; lines too short to tell are left out.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter(relation_exists=true) }}
),

requests_with_protocol as (
    select
        bucket_name,
        coalesce(requester, 'anonymous') as requester,
        coalesce(remote_address, 'none') as remote_address,
        case
            when tls_version is not null then lower(tls_version)
            -- The cipher stands before the host in a line.
            when host_header is not null and cipher_suite is null then 'none'
        end as tls_version
    from requests
    where is_readable
)

select
    bucket_name,
    tls_version,
    requester,
    remote_address,
    count(*) as request_count
from requests_with_protocol
where tls_version in ('none', 'tlsv1', 'tlsv1.0', 'tlsv1.1') or tls_version like 'ssl%'
group by
    bucket_name,
    tls_version,
    requester,
    remote_address
order by
    request_count desc,
    bucket_name,
    tls_version,
    requester,
    remote_address
limit 100
