-- Who stopped, deleted or changed a trail, an event data store or what they record in the days asked for, from
-- where, the latest first. Starting one is among them: it ends a gap. Attempts that failed have an error code.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and event_source = 'cloudtrail.amazonaws.com'
        -- https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html
        and event_name in (
            'CreateTrail',
            'UpdateTrail',
            'DeleteTrail',
            'StartLogging',
            'StopLogging',
            'PutEventSelectors',
            'PutInsightSelectors',
            'PutEventConfiguration',
            'UpdateEventDataStore',
            'DeleteEventDataStore',
            'StartEventDataStoreIngestion',
            'StopEventDataStoreIngestion'
        )
        and not is_shared_copy
)

select
    event_at,
    account_id,
    region,
    event_name,
    -- The calls have different words for what they change.
    coalesce(
        {{ json_text('request_parameters', '$.name') }},
        {{ json_text('request_parameters', '$.trailName') }},
        {{ json_text('request_parameters', '$.eventDataStore') }},
        'unknown'
    ) as changed_name,
    event_name in (
        'StopLogging', 'DeleteTrail', 'StopEventDataStoreIngestion', 'DeleteEventDataStore'
    )
    and error_code = 'none' as is_stopped,
    principal_name,
    principal_id,
    source_address,
    is_aws_service,
    error_code,
    event_id
from events
order by
    event_at desc,
    account_id,
    event_id
