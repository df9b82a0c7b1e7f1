-- AWS: as for the partitioned prefix; a flat prefix has no PARTITIONED BY and no table properties.
create external table if not exists `logs_raw`.`s3_access_logs_flat` (
    `line` string
)
row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'
with serdeproperties ('input.regex' = '(.*)')
stored as inputformat 'org.apache.hadoop.mapred.TextInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location 's3://logs/prefix/access/flat/'
