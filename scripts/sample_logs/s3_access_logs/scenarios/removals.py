"""Objects that go away or change their storage class."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    BACKUPS,
    DATA_LAKE,
    KEYS,
    LEGACY_REPORTS,
    LIFECYCLE,
    LOADER_ROLE,
    MEDIA_ASSETS,
    PATH_USER,
)
from sample_logs.s3_access_logs.operations import Operation
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

LIFECYCLE_OPERATIONS: tuple[Operation, ...] = (
    operations.EXPIRE_OBJECT,
    operations.EXPIRE_OBJECT,
    operations.TRANSITION_STANDARD_IA,
    operations.CREATE_DELETE_MARKER,
    operations.EXPIRE_UPLOAD,
)


def deletes(maker: RequestMaker) -> Iterator[Request]:
    """Delete single objects, answered with 204."""
    for _ in maker.times(40):
        bucket = maker.random.choice((DATA_LAKE, LEGACY_REPORTS))
        yield maker.request(
            bucket,
            PATH_USER,
            operations.DELETE_OBJECT,
            maker.random.choice(KEYS[bucket]),
            status=204,
            object_size=maker.random.byte_count(9, 20),
        )


def multi_object_deletes(maker: RequestMaker) -> Iterator[Request]:
    """Delete several objects in one request; its row and theirs share a request id.

    Two of them are versions of one key, so that the version is needed to tell the rows apart.
    """
    for number in maker.times(7):
        call = maker.request(DATA_LAKE, LOADER_ROLE, operations.MULTI_DELETE, query="?delete", bytes_sent=978)
        yield call
        keys = [f"staging/{maker.day:%Y%m%d}/{number:03d}/part-{part}.parquet" for part in (0, 0, 1, 2, 3)]
        for key in keys:
            yield maker.silent_request(
                DATA_LAKE,
                LOADER_ROLE,
                operations.BATCH_DELETE,
                key,
                at=call.at,
                request_id=call.request_id,
                status=204,
                object_size=maker.random.byte_count(9, 16),
                version_id=maker.version_id(),
                host=call.host,
            )


def lifecycle_actions(maker: RequestMaker) -> Iterator[Request]:
    """Apply lifecycle rules shortly after midnight UTC: no address, no request, no status."""
    for number in maker.times(60):
        bucket = (MEDIA_ASSETS, BACKUPS, LEGACY_REPORTS)[number % 3]
        yield maker.silent_request(
            bucket,
            LIFECYCLE,
            LIFECYCLE_OPERATIONS[number % len(LIFECYCLE_OPERATIONS)],
            f"expiring/{maker.day:%Y%m%d}/{number:04d}.tmp",
            quotes="-",
            at=maker.moment(0, 5_400),
            object_size=maker.random.byte_count(9, 30),
            version_id=maker.version_id() if number % 2 else "-",
        )
