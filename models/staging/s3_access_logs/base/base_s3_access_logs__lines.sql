-- One row per line of any S3 access log delivered in the window's folders.
-- Adds the file and the delivery day. Leaves out empty lines and files that are not logs by their name.
with

partitioned_lines as (
    select
        line,
        {{ delivery_columns('s3_access_logs', 'partitioned') }}
    from {{ source('s3_access_logs', 'partitioned') }}
    where {{ delivery_filter('s3_access_logs', 'partitioned') }}
),

flat_lines as (
    select
        line,
        {{ delivery_columns('s3_access_logs', 'flat') }}
    from {{ source('s3_access_logs', 'flat') }}
    where {{ delivery_filter('s3_access_logs', 'flat') }}
),

all_lines as (
    select * from partitioned_lines
    where {{ regex_matches('file_path', log_file_name_pattern('s3_access_logs', 'partitioned')) }}
    union all
    select * from flat_lines
    where {{ regex_matches('file_path', log_file_name_pattern('s3_access_logs', 'flat')) }}
)

select
    line,
    file_path,
    delivery_date,
    log_account_id as account_id,
    log_region as region
from all_lines
where line <> ''
