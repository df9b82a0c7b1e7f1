-- Addresses are joined to intervals within an address bucket: of an interval that crosses into a second one, the addresses
-- there would belong to no service, and traffic to AWS would count as traffic to somebody else.
with

intervals as (
    select * from {{ ref('aws_ip_intervals') }}
)

select
    ip_version,
    start_hex,
    end_hex,
    valid_from
from intervals
where
    length(start_hex) <> length(end_hex)
    or substr(start_hex, 1, {{ address_bucket_length('start_hex') }})
    <> substr(end_hex, 1, {{ address_bucket_length('end_hex') }})
