-- Which requests failed, by whom and how often, in the days asked for, the most first.
-- Status 400 and above; the error code itself stands in staging.
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
    cast(sum(error_count) as bigint) as error_count
from usage
where error_count > 0
group by
    bucket_name,
    requester,
    operation,
    http_status_class
order by
    error_count desc,
    bucket_name,
    requester,
    operation,
    http_status_class
