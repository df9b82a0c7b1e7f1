-- One row per line of any S3 access log delivered in the window's folders.
-- Adds the file and the delivery day. Leaves out empty lines and files that are not logs by their name.
with

partitioned_lines as (
    select
        line,
        {{ file_path() }} as file_path,
        cast(replace(delivery_date, '/', '-') as date) as delivery_date,
        source_account_id as account_id,
        source_region as region
    from {{ source('s3_access_logs', 'partitioned') }}
    where {{ delivery_filter('s3_access_logs', 'partitioned') }}
),

flat_lines as (
    select
        line,
        {{ file_path() }} as file_path,
        try_cast(
            regexp_extract({{ file_path() }}, '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1) as date
        ) as delivery_date,
        cast(null as varchar) as account_id,
        cast(null as varchar) as region
    from {{ source('s3_access_logs', 'flat') }}
    where {{ delivery_filter('s3_access_logs', 'flat') }}
),

all_lines as (
    select * from partitioned_lines
    union all
    select * from flat_lines
)

select
    line,
    file_path,
    delivery_date,
    account_id,
    region
from all_lines
where
    line <> ''
    and {{ regex_matches('file_path', log_file_name_pattern('s3_access_logs', 'partitioned')) }}
