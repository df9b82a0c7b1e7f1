-- AWS: flow logs in Parquet, https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-parquet.html. Its
--      skip.header.line.count and compressionType are left out: a Parquet file has no header line and names its own codec.
create external table if not exists `logs_raw`.`flow_logs_parquet` (
    `version` int,
    `bytes` bigint
)
partitioned by (
    `account_id` string,
    `region` string,
    `year` string,
    `month` string,
    `day` string
)
row format serde 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
stored as inputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
location 's3://logs/prefix/flows/parquet/AWSLogs/'
