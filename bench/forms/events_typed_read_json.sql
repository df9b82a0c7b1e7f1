-- CloudTrail events by read_json with a declared schema, the fields that most people lift.
create table form as
select
    event.eventID as event_id,
    event.eventTime::timestamp as event_at,
    event.eventVersion as event_version,
    event.eventSource as event_source,
    event.eventName as event_name,
    event.eventType as event_type,
    event.eventCategory as event_category,
    event.awsRegion as aws_region,
    event.sourceIPAddress as source_address,
    event.userAgent as user_agent,
    event.errorCode as error_code,
    event.errorMessage as error_message,
    event.requestParameters as request_parameters,
    event.responseElements as response_elements,
    event.additionalEventData as additional_event_data,
    event.requestID as request_id,
    event.sharedEventID as shared_event_id,
    event.readOnly as is_read_only,
    event.managementEvent as is_management_event,
    event.recipientAccountId as account_id,
    event.vpcEndpointId as vpc_endpoint_id,
    event.userIdentity.type as principal_type,
    event.userIdentity.principalId as principal_id,
    event.userIdentity.arn as principal_arn,
    event.userIdentity.accountId as caller_account_id,
    event.userIdentity.accessKeyId as access_key_id,
    event.userIdentity.userName as principal_name,
    event.userIdentity.invokedBy as invoked_by,
    event.userIdentity.sessionContext.sessionIssuer.arn as session_issuer_arn,
    event.userIdentity.sessionContext.sessionIssuer.userName as session_issuer_name,
    event.userIdentity.sessionContext.attributes.mfaAuthenticated as mfa_authenticated,
    event.tlsDetails.tlsVersion as tls_version,
    event.tlsDetails.cipherSuite as cipher_suite,
    event.tlsDetails.clientProvidedHostHeader as host_header,
    filename as file_path,
    event.eventTime[1:10]::date as event_date
from (
    select
        unnest("Records") as event,
        filename
    from read_json(
        '{logs}/cloudtrail/AWSLogs/*/CloudTrail/*/*/*/*/*.json.gz', maximum_object_size = 200000000, filename = true,
        columns = {{'Records': 'STRUCT(
            eventID VARCHAR, eventTime VARCHAR, eventVersion VARCHAR, eventSource VARCHAR, eventName VARCHAR, eventType VARCHAR,
            eventCategory VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR,
            errorMessage VARCHAR, requestParameters JSON, responseElements JSON, additionalEventData JSON, requestID VARCHAR,
            sharedEventID VARCHAR, readOnly BOOLEAN, managementEvent BOOLEAN, recipientAccountId VARCHAR, vpcEndpointId VARCHAR,
            userIdentity STRUCT(
                type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
                invokedBy VARCHAR, sessionContext STRUCT(
                    sessionIssuer STRUCT(arn VARCHAR, userName VARCHAR), attributes STRUCT(mfaAuthenticated VARCHAR)
                )
            ),
            tlsDetails STRUCT(tlsVersion VARCHAR, cipherSuite VARCHAR, clientProvidedHostHeader VARCHAR)
        )[]'}}
    )
)
