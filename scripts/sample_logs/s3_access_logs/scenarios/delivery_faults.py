"""What best-effort delivery does: lines that come twice, late, or on the other side of midnight."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    ANALYTICS,
    DATA_LAKE,
    KEYS,
    LEGACY_REPORTS,
    LOADER_ROLE,
    MEDIA_ASSETS,
    REPORT_USER,
    Bucket,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import SECONDS_PER_DAY, RequestMaker

BUCKETS_WITH_FAULTS = (MEDIA_ASSETS, DATA_LAKE, ANALYTICS, LEGACY_REPORTS)
# How often and how late: again in the next file, again the next day, and both.
REPEATED_DELIVERIES = ((0, 0), (0, 1), (0, 0, 1), (1, 2))


def delivered_again(maker: RequestMaker) -> Iterator[Request]:
    """Deliver a line again in a later file of the same day, of the next day, of both, or late and then once more."""
    for number in maker.times(24):
        yield downloaded(
            maker,
            bucket_in_turn(number),
            at=maker.moment(last_second=60_000),
            delivered_after_days=REPEATED_DELIVERIES[number % len(REPEATED_DELIVERIES)],
        )


def batch_deletes_delivered_again(maker: RequestMaker) -> Iterator[Request]:
    """Delete two versions of one key in one request; one of the two rows comes twice, the other does not."""
    call = maker.request(
        DATA_LAKE, LOADER_ROLE, operations.MULTI_DELETE, query="?delete", at=maker.moment(last_second=60_000)
    )
    yield call
    for times_delivered in ((0, 0), (0,)):
        yield maker.silent_request(
            DATA_LAKE,
            LOADER_ROLE,
            operations.BATCH_DELETE,
            "staging/versioned.parquet",
            at=call.at,
            request_id=call.request_id,
            status=204,
            object_size=512,
            version_id=maker.version_id(),
            host=call.host,
            delivered_after_days=times_delivered,
        )


def delivered_late(maker: RequestMaker) -> Iterator[Request]:
    """Deliver records in the folder of the next day, or of the day after."""
    for number in maker.times(16):
        yield downloaded(maker, bucket_in_turn(number), delivered_after_days=(2,) if number % 4 == 0 else (1,))


def around_midnight(maker: RequestMaker) -> Iterator[Request]:
    """Send a request in the first second of the day and in the last two, which are delivered on the next day."""
    for bucket in BUCKETS_WITH_FAULTS:
        for second in (0, SECONDS_PER_DAY - 2, SECONDS_PER_DAY - 1):
            yield downloaded(maker, bucket, at=maker.moment(second, second))


def bucket_in_turn(number: int) -> Bucket:
    """Return a bucket, the same one for four numbers on end, so that each bucket has every kind of delivery."""
    return BUCKETS_WITH_FAULTS[number // 4 % len(BUCKETS_WITH_FAULTS)]


def downloaded(maker: RequestMaker, bucket: Bucket, **fields: object) -> Request:
    """Return a download from the bucket."""
    size = maker.random.byte_count(10, 20)
    return maker.request(
        bucket,
        REPORT_USER,
        operations.GET_OBJECT,
        maker.random.choice(KEYS[bucket]),
        bytes_sent=size,
        object_size=size,
        **fields,
    )
