-- One row per line of the raw table that the vars name, within the run's window.
{{ config(materialized='table') }}

select
    line,
    {{ file_path() }} as file_path
from {{ source(var('read_source', 's3_access_logs'), var('read_table', 'partitioned')) }}
where {{ delivery_filter(var('read_source', 's3_access_logs'), var('read_table', 'partitioned')) }}
