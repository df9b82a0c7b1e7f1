-- One row per line of any snapshot of billed usage, whatever the run's window.
-- Adds the file. Leaves out empty lines and files that are no snapshots by their name.
with

lines as (
    select
        line,
        {{ delivery_columns('billing', 'billed_usage') }}
    from {{ source('billing', 'billed_usage') }}
    where {{ delivery_filter('billing', 'billed_usage') }}
)

select
    line,
    file_path,
    log_account_id,
    delivery_date
from lines
where
    line <> ''
    and {{ regex_matches('file_path', log_file_name_pattern('billing', 'billed_usage')) }}
