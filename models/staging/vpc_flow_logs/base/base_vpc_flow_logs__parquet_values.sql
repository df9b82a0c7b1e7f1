-- One row per row of the Parquet flow logs delivered in the window's folders.
-- Adds the file.
with

parquet_rows as (
    select
        {{ flow_log_values('parquet') }},
        {{ delivery_columns('vpc_flow_logs', 'parquet') }}
    from {{ source('vpc_flow_logs', 'parquet') }}
    where {{ delivery_filter('vpc_flow_logs', 'parquet') }}
)

select * from parquet_rows
