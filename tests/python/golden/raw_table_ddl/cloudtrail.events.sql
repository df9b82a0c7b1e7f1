-- AWS: CloudTrail with partition projection, https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
--      (org.apache.hive.hcatalog.data.JsonSerDe, CloudTrailInputFormat).
create external table if not exists `logs_raw`.`cloudtrail_events` (
    `eventid` string,
    `useridentity` struct<type: string, arn: string>,
    `resources` array<struct<arn: string>>,
    `requestparameters` string
)
partitioned by (
    `account_id` string,
    `region` string,
    `delivery_date` string
)
row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'
stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location 's3://logs/prefix/trail/AWSLogs/'
tblproperties (
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
    'storage.location.template' = 's3://logs/prefix/trail/AWSLogs/${account_id}/CloudTrail/${region}/${delivery_date}/'
)
