-- AWS: flow logs in text, https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-create-table-statement.html
--      (ROW FORMAT DELIMITED, FIELDS TERMINATED BY ' ', skip.header.line.count among the table properties) and
--      https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-partition-projection.html.
-- NULL DEFINED AS: row_format in https://docs.aws.amazon.com/athena/latest/ug/create-table.html.
create external table if not exists `logs_raw`.`flow_logs_text` (
    `version` int,
    `bytes` bigint,
    `end` bigint
)
partitioned by (
    `account_id` string,
    `region` string,
    `delivery_date` string,
    `hour` string
)
row format delimited
fields terminated by ' '
null defined as '-'
stored as textfile
location 's3://logs/prefix/flows/text/AWSLogs/'
tblproperties (
    'skip.header.line.count' = '1',
    'projection.enabled' = 'true',
    'projection.account_id.type' = 'enum',
    'projection.account_id.values' = '111111111111',
    'projection.region.type' = 'enum',
    'projection.region.values' = 'us-east-1',
    'projection.delivery_date.type' = 'date',
    'projection.delivery_date.format' = 'yyyy/MM/dd',
    'projection.delivery_date.range' = '2026/01/01,NOW',
    'projection.delivery_date.interval' = '1',
    'projection.delivery_date.interval.unit' = 'DAYS',
    'projection.hour.type' = 'integer',
    'projection.hour.range' = '0,23',
    'projection.hour.digits' = '2',
    'storage.location.template' = 's3://logs/prefix/flows/text/AWSLogs/${account_id}/vpcflowlogs/${region}/${delivery_date}/${hour}/'
)
