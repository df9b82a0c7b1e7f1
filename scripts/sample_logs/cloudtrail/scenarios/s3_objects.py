"""Data events of S3: the requests that the access log of the data lake holds too."""

from collections.abc import Iterator, Mapping
from typing import Any

from sample_logs.cloudtrail.actors import FIRST_EU, SECOND_EU, VPC_ENDPOINTS, Trail, caller_of
from sample_logs.cloudtrail.event_maker import EventMaker, uuid_text
from sample_logs.cloudtrail.records import DATA, Event
from sample_logs.cloudtrail.truth import S3_REQUEST
from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import DATA_LAKE, SECOND_ACCOUNT
from sample_logs.s3_access_logs.records import Request, host_id
from sample_logs.s3_access_logs.request_maker import RequestMaker
from sample_logs.s3_access_logs.scenarios import SCENARIOS

# What the trail's event selectors choose; what reads or writes no object is not logged.
EVENT_NAMES = {
    operations.GET_OBJECT: "GetObject",
    operations.PUT_OBJECT: "PutObject",
    operations.COPY_OBJECT_WRITE: "CopyObject",
    operations.DELETE_OBJECT: "DeleteObject",
    operations.MULTI_DELETE: "DeleteObjects",
    # Each key of a DeleteObjects call is an event of its own.
    operations.BATCH_DELETE: "DeleteObject",
}


def data_lake_requests(maker: EventMaker) -> Iterator[Event]:
    """Log every read, write, copy and removal of an object of the data lake, as the access log does.

    The request is the access log's own: same id, key, requester, second and bytes. Calls of the second account's roles
    are delivered to both accounts, as two events that share an id.
    """
    for scenario in SCENARIOS:
        for request in scenario(RequestMaker(maker.settings, maker.day, scenario.__name__)):
            if isinstance(request, Request) and request.bucket == DATA_LAKE and request.operation in EVENT_NAMES:
                yield from events_of(maker, request)


def events_of(maker: EventMaker, request: Request) -> Iterator[Event]:
    """Yield the event for the bucket's owner, and one more for a requester of the other account."""
    # From the request's own values, so that a scenario added to the access log's story changes no other event.
    stream = RandomStream(
        maker.settings.seed, "cloudtrail", request.request_id, request.operation.name, request.key, request.version_id
    )
    trails: tuple[Trail, ...] = (FIRST_EU,)
    if f"::{SECOND_ACCOUNT}:" in request.client.requester:
        trails = (FIRST_EU, SECOND_EU)
    has_bytes = request.operation is not operations.BATCH_DELETE and not stream.chance(0.03)
    bytes_in, bytes_out = transferred_bytes(request) if has_bytes else (None, None)
    are_bytes_floats = stream.chance(0.05)
    shared_event_id = uuid_text(stream) if len(trails) > 1 else None
    for trail in trails:
        yield maker.event(
            trail,
            caller_of(request.client).seen_from(request.client.remote_address, f"[{request.client.user_agent}]"),
            "s3",
            EVENT_NAMES[request.operation],
            at=request.at,
            event_id=uuid_text(stream),
            request_id=request.request_id,
            error_code=None if request.error_code == "-" else request.error_code,
            error_message=None if request.error_code == "-" else "Access Denied",
            request_parameters=request_parameters(request),
            response_elements=response_elements(request),
            additional_data=signature(request),
            bytes_in=bytes_in,
            bytes_out=bytes_out,
            are_bytes_floats=are_bytes_floats,
            category=DATA,
            is_read_only=request.operation is operations.GET_OBJECT,
            shared_event_id=shared_event_id,
            tls_host=DATA_LAKE.host,
            more_fields={**resources(request), **endpoint(request)},
            finding=S3_REQUEST,
        )


def transferred_bytes(request: Request) -> tuple[int | None, int]:
    """Return the bytes that came in and went out. The access log does not say what a DeleteObjects call sent."""
    bytes_out = request.bytes_sent or 0
    if request.operation is operations.MULTI_DELETE:
        return None, bytes_out
    is_stored = request.operation is operations.PUT_OBJECT and request.status == 200
    return (request.object_size or 0) if is_stored else 0, bytes_out


def request_parameters(request: Request) -> dict[str, str]:
    """Return what the client asked for."""
    parameters = {"bucketName": DATA_LAKE.name, "Host": DATA_LAKE.host}
    if request.operation is operations.MULTI_DELETE:
        return {**parameters, "delete": ""}
    if request.operation is operations.COPY_OBJECT_WRITE:
        source = request.key.removeprefix("renamed/")
        parameters["x-amz-copy-source"] = f"/{DATA_LAKE.name}/{source}"
    if request.operation is operations.BATCH_DELETE:
        parameters["versionId"] = request.version_id
    return {**parameters, "key": request.key}


def response_elements(request: Request) -> dict[str, str] | None:
    """Return the version that a write made, where the bucket keeps versions."""
    is_write = request.operation is operations.PUT_OBJECT and request.version_id != "-"
    return {"x-amz-version-id": request.version_id} if is_write else None


def signature(request: Request) -> dict[str, str]:
    """Return how the request was signed, which anonymous ones are not."""
    found = {"CipherSuite": "TLS_AES_128_GCM_SHA256", "x-amz-id-2": host_id(request.request_id)}
    if request.client.authentication != "-":
        found |= {"SignatureVersion": "SigV4", "AuthenticationMethod": request.client.authentication}
    return found


def resources(request: Request) -> Mapping[str, Any]:
    """Return the object and its bucket, or a prefix of the bucket when the call is about many."""
    bucket_arn = f"arn:aws:s3:::{DATA_LAKE.name}"
    bucket = {"accountId": DATA_LAKE.account_id, "type": "AWS::S3::Bucket", "ARN": bucket_arn}
    if request.key == "-":
        return {"resources": [{"type": "AWS::S3::Object", "ARNPrefix": f"{bucket_arn}/"}, bucket]}
    return {"resources": [{"type": "AWS::S3::Object", "ARN": f"{bucket_arn}/{request.key}"}, bucket]}


def endpoint(request: Request) -> Mapping[str, Any]:
    """Return the endpoint that a request from a private address came through."""
    if not request.client.remote_address.startswith("10."):
        return {}
    return {"vpcEndpointId": VPC_ENDPOINTS[FIRST_EU], "vpcEndpointAccountId": DATA_LAKE.account_id}
