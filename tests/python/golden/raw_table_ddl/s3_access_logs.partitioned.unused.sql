-- A layout that is not in use: the same columns and keys over a prefix that holds nothing, without projection.
create external table if not exists `logs_raw`.`s3_access_logs_partitioned` (
    `line` string comment 'The line.'
)
comment 'One row per line` it`s verbatim.'
partitioned by (
    `source_account_id` string comment 'Account of the bucket.',
    `source_region` string,
    `source_bucket` string,
    `delivery_date` string
)
row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'
with serdeproperties ('input.regex' = '(.*)')
stored as inputformat 'org.apache.hadoop.mapred.TextInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location 's3://data/tables/no_log_files/'
