"""Copies inside S3. Each writes two rows: a read at the source bucket and a write at the destination."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    ANALYST_ROLE,
    ANALYTICS,
    BACKUP_KEYS,
    BACKUP_ROLE,
    BACKUPS,
    DATA_LAKE,
    LOADER_ROLE,
    MEDIA_ASSETS,
    TABLE_KEYS,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

GIBIBYTE = 2**30


def object_copies(maker: RequestMaker) -> Iterator[Request]:
    """Copy tables from the first account's data lake to the second account's analytics bucket.

    The read half has bare dashes for request-URI, referrer and user agent. A published log of 2010 shows its status
    as a number; two of three rows here have none, so that a reader must take both.
    """
    for number in maker.times(70):
        key = maker.random.favourite(TABLE_KEYS)
        size = maker.random.byte_count(16, 26)
        write = maker.request(
            ANALYTICS, ANALYST_ROLE, operations.COPY_OBJECT_WRITE, f"copy/{key}", bytes_sent=234, object_size=size
        )
        yield maker.silent_request(
            DATA_LAKE,
            ANALYST_ROLE,
            operations.COPY_OBJECT_READ,
            key,
            at=write.at,
            request_id=write.request_id,
            status=200 if number % 3 == 0 else None,
            object_size=size,
            host=write.host,
        )
        yield write


def refused_copies(maker: RequestMaker) -> Iterator[Request]:
    """Try copies that the source refuses: both halves fail, and no byte is copied."""
    for _ in maker.times(4):
        write = maker.request(
            ANALYTICS,
            ANALYST_ROLE,
            operations.COPY_OBJECT_WRITE,
            "copy/secret.mxf",
            status=403,
            error_code="AccessDenied",
            bytes_sent=243,
            object_size=7_000_000,
        )
        yield maker.silent_request(
            MEDIA_ASSETS,
            ANALYST_ROLE,
            operations.COPY_OBJECT_READ,
            "masters/secret.mxf",
            at=write.at,
            request_id=write.request_id,
            status=403,
            error_code="AccessDenied",
            object_size=7_000_000,
            host=write.host,
        )
        yield write


def part_copies(maker: RequestMaker) -> Iterator[Request]:
    """Copy large objects part by part (UploadPartCopy)."""
    for number in maker.times(3):
        source = BACKUP_KEYS[number % len(BACKUP_KEYS)]
        target = f"{source}.copy"
        upload = f"uploadId={maker.upload_id()}"
        yield maker.request(BACKUPS, BACKUP_ROLE, operations.START_UPLOAD, target, "?uploads")
        for part in range(1, 5):
            write = maker.request(
                BACKUPS,
                BACKUP_ROLE,
                operations.COPY_PART_WRITE,
                target,
                f"?partNumber={part}&{upload}",
                bytes_sent=234,
                object_size=GIBIBYTE,
            )
            yield maker.silent_request(
                BACKUPS,
                BACKUP_ROLE,
                operations.COPY_PART_READ,
                source,
                at=write.at,
                request_id=write.request_id,
                status=206 if part == 1 else None,
                object_size=GIBIBYTE,
                host=write.host,
            )
            yield write
        yield maker.request(
            BACKUPS,
            BACKUP_ROLE,
            operations.COMPLETE_UPLOAD,
            target,
            f"?{upload}",
            bytes_sent=412,
            object_size=4 * GIBIBYTE,
        )


def copies_within_a_bucket(maker: RequestMaker) -> Iterator[Request]:
    """Rename objects: both halves are logged for the same bucket, with the same request id."""
    for _ in maker.times(6):
        key = maker.random.choice(TABLE_KEYS)
        write = maker.request(
            DATA_LAKE, LOADER_ROLE, operations.COPY_OBJECT_WRITE, f"renamed/{key}", bytes_sent=234, object_size=4_096
        )
        yield maker.silent_request(
            DATA_LAKE,
            LOADER_ROLE,
            operations.COPY_OBJECT_READ,
            key,
            at=write.at,
            request_id=write.request_id,
            object_size=4_096,
            host=write.host,
        )
        yield write
