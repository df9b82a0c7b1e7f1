"""Clients that write objects. The log has no request size: an upload's bytes are its object size."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    BACKUP_ROLE,
    BACKUPS,
    DATA_LAKE,
    KEYS,
    LEGACY_REPORTS,
    LOADER_ROLE,
    MEDIA_ASSETS,
    ORDINARY_CLIENTS,
    REPORT_USER,
    VISITORS,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

MEBIBYTE = 2**20
PART_COUNT = 6


def ordinary_uploads(maker: RequestMaker) -> Iterator[Request]:
    """Write whole objects in one request; some are versioned, a few are empty."""
    for number in maker.times(220):
        bucket = maker.random.choice((MEDIA_ASSETS, DATA_LAKE, LEGACY_REPORTS))
        yield maker.request(
            bucket,
            maker.random.choice(ORDINARY_CLIENTS),
            operations.PUT_OBJECT,
            maker.random.choice(KEYS[bucket]),
            object_size=0 if number % 50 == 0 else maker.random.byte_count(9, 22),
            version_id=maker.version_id() if maker.random.chance(0.3) else "-",
        )


def refused_uploads(maker: RequestMaker) -> Iterator[Request]:
    """Try uploads that are refused: the rows name a size, and nothing was stored."""
    for _ in maker.times(10):
        yield maker.request(
            DATA_LAKE,
            REPORT_USER,
            operations.PUT_OBJECT,
            "sales/forbidden.csv",
            status=403,
            error_code="AccessDenied",
            bytes_sent=243,
            object_size=maker.random.byte_count(12, 20),
        )


def form_uploads(maker: RequestMaker) -> Iterator[Request]:
    """Send browser forms (POST Object), answered with 204."""
    for _ in maker.times(8):
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.choice(VISITORS),
            operations.POST_OBJECT,
            f"incoming/{maker.random.integer(1, 500):04d}.jpg",
            status=204,
            object_size=maker.random.byte_count(14, 20),
            request_uri="POST / HTTP/1.1",
        )


def multipart_uploads(maker: RequestMaker) -> Iterator[Request]:
    """Upload in parts: a start, the parts, and a completion that names the size of the whole object."""
    for number in maker.times(9):
        key = f"database/full-{maker.day:%Y%m%d}-{number:03d}.bak"
        first_second = maker.random.integer(0, 60_000)
        last_part_size = maker.random.integer(1, 64 * MEBIBYTE)
        upload = f"uploadId={maker.upload_id()}"
        yield maker.request(
            BACKUPS, BACKUP_ROLE, operations.START_UPLOAD, key, "?uploads", at=maker.moment(first_second, first_second)
        )
        for part in range(1, PART_COUNT + 1):
            second = first_second + 60 * part
            yield maker.request(
                BACKUPS,
                BACKUP_ROLE,
                operations.PUT_PART,
                key,
                f"?partNumber={part}&{upload}",
                at=maker.moment(second, second),
                object_size=last_part_size if part == PART_COUNT else 64 * MEBIBYTE,
            )
        second = first_second + 60 * (PART_COUNT + 1)
        yield maker.request(
            BACKUPS,
            BACKUP_ROLE,
            operations.COMPLETE_UPLOAD,
            key,
            f"?{upload}",
            at=maker.moment(second, second),
            bytes_sent=412,
            object_size=(PART_COUNT - 1) * 64 * MEBIBYTE + last_part_size,
        )


def abandoned_uploads(maker: RequestMaker) -> Iterator[Request]:
    """Give up an upload after its first part; the part was uploaded all the same."""
    key = "sales/abandoned.parquet"
    upload = f"uploadId={maker.upload_id()}"
    yield maker.request(DATA_LAKE, LOADER_ROLE, operations.START_UPLOAD, key, "?uploads")
    yield maker.request(
        DATA_LAKE, LOADER_ROLE, operations.PUT_PART, key, f"?partNumber=1&{upload}", object_size=8 * MEBIBYTE
    )
    yield maker.request(DATA_LAKE, LOADER_ROLE, operations.DELETE_UPLOAD, key, f"?{upload}", status=204)
