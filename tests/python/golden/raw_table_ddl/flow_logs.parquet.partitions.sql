-- AWS: https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-partition.html (several partitions in one statement).
alter table `logs_raw`.`flow_logs_parquet` add if not exists
partition (`account_id` = '111111111111', `region` = 'us-east-1', `year` = '2026', `month` = '02', `day` = '28') location 's3://logs/prefix/flows/parquet/AWSLogs/111111111111/vpcflowlogs/us-east-1/2026/02/28/'
partition (`account_id` = '111111111111', `region` = 'us-east-1', `year` = '2026', `month` = '03', `day` = '01') location 's3://logs/prefix/flows/parquet/AWSLogs/111111111111/vpcflowlogs/us-east-1/2026/03/01/'
