-- Who deleted what kind of thing, where and how often, in the days asked for, the most first.
-- Deletes by people and programs; what lifecycle rules remove has the category lifecycle.
with

usage as (
    select * from {{ ref('fct_s3_usage_daily') }}
    where {{ window_filter(relation_exists=true) }}
)

select
    bucket_name,
    requester,
    operation,
    http_status_class,
    cast(sum(request_count) as bigint) as request_count
from usage
where operation_category = 'delete'
group by
    bucket_name,
    requester,
    operation,
    http_status_class
order by
    request_count desc,
    bucket_name,
    requester,
    operation,
    http_status_class
