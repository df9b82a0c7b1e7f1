-- What the shortest SQL needs for the marts of API calls.
create temp table events as
select
    event.eventTime[1:10]::date as event_date,
    event.eventSource as event_source,
    event.eventName as event_name,
    coalesce(event.errorCode, 'none') as error_code,
    event.sourceIPAddress as source_address,
    event.userIdentity.arn as principal_arn,
    count(*) as event_count
from (
    select
        unnest(from_json(json -> '$.Records', '[{{
            "eventTime": "VARCHAR", "eventSource": "VARCHAR", "eventName": "VARCHAR", "errorCode": "VARCHAR",
            "sourceIPAddress": "VARCHAR", "userIdentity": {{"arn": "VARCHAR"}}
        }}]')) as event
    from read_json_objects('{logs}/cloudtrail/AWSLogs/*/CloudTrail/*/*/*/*/*.json.gz', maximum_object_size = 200000000)
)
group by all;

create table api_activity as
select event_date, principal_arn, event_source, event_name, error_code, sum(event_count)::bigint as event_count
from events
group by all;

create table api_clients as
select event_date, source_address, principal_arn, event_source, sum(event_count)::bigint as event_count
from events
group by all;
