-- AWS: flow logs in Hive-compatible folders, https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-hive-compatible.html
--      (hyphenated partition keys in backticks, every folder level is a key).
create external table if not exists `logs_raw`.`flow_logs_hive` (
    `version` int,
    `bytes` bigint,
    `end` bigint
)
partitioned by (
    `aws-account-id` string,
    `aws-service` string,
    `aws-region` string,
    `year` string,
    `month` string,
    `day` string
)
row format delimited
fields terminated by ' '
null defined as '-'
stored as textfile
location 's3://logs/prefix/flows/hive/AWSLogs/'
tblproperties (
    'skip.header.line.count' = '1'
)
