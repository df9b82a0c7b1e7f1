-- One row per line of any snapshot of network interfaces, whatever the run's window.
-- Adds the file. Leaves out empty lines and files that are no snapshots by their name.
with

lines as (
    select
        line,
        {{ delivery_columns('inventory', 'network_interfaces') }}
    from {{ source('inventory', 'network_interfaces') }}
    where {{ delivery_filter('inventory', 'network_interfaces') }}
)

select
    line,
    file_path,
    log_account_id,
    log_region
from lines
where
    line <> ''
    and {{ regex_matches('file_path', log_file_name_pattern('inventory', 'network_interfaces')) }}
