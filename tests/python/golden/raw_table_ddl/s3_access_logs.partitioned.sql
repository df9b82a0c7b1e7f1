-- AWS: S3 access logs, "Creating an Athena table", https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html
--      (RegexSerDe, TextInputFormat, HiveIgnoreKeyTextOutputFormat); one group for the whole line as in
--      https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html.
-- Projection: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html (enum, date).
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
location 's3://logs/prefix/access/partitioned/'
tblproperties (
    'projection.enabled' = 'true',
    'projection.source_account_id.type' = 'enum',
    'projection.source_account_id.values' = '111111111111,222222222222',
    'projection.source_region.type' = 'enum',
    'projection.source_region.values' = 'us-east-1,eu-west-1',
    'projection.source_bucket.type' = 'enum',
    'projection.source_bucket.values' = 'web-assets',
    'projection.delivery_date.type' = 'date',
    'projection.delivery_date.format' = 'yyyy/MM/dd',
    'projection.delivery_date.range' = '2026/01/01,NOW',
    'projection.delivery_date.interval' = '1',
    'projection.delivery_date.interval.unit' = 'DAYS',
    'storage.location.template' = 's3://logs/prefix/access/partitioned/${source_account_id}/${source_region}/${source_bucket}/${delivery_date}/'
)
