"""Requests that fail. Their error bodies are sent, and are no downloads."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    ANALYST_ROLE,
    DATA_LAKE,
    IMAGE_KEYS,
    MEDIA_ASSETS,
    SCANNER,
    TABLE_KEYS,
    VISITORS,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker


def refused_reads(maker: RequestMaker) -> Iterator[Request]:
    """Read without permission (403): the object's size may be logged, and the body is an error document."""
    for number in maker.times(110):
        client = ANALYST_ROLE if number % 5 == 0 else SCANNER
        yield maker.request(
            DATA_LAKE,
            client,
            operations.GET_OBJECT,
            maker.random.choice(TABLE_KEYS),
            status=403,
            error_code="AccessDenied",
            bytes_sent=243 + number % 7,
            object_size=maker.random.byte_count(16, 24) if number % 2 else None,
        )


def missing_objects(maker: RequestMaker) -> Iterator[Request]:
    """Read what is not there (404)."""
    for _ in maker.times(60):
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.choice(VISITORS),
            operations.GET_OBJECT,
            f"missing/{maker.random.integer(1, 999):03d}.jpg",
            status=404,
            error_code="NoSuchKey",
            bytes_sent=maker.random.integer(270, 310),
        )


def service_errors(maker: RequestMaker) -> Iterator[Request]:
    """Meet failures of S3 itself (5xx)."""
    for number in maker.times(10):
        status, error_code = ((503, "SlowDown"), (500, "InternalError"))[number % 2]
        yield maker.request(
            MEDIA_ASSETS,
            SCANNER,
            operations.GET_OBJECT,
            maker.random.choice(IMAGE_KEYS),
            status=status,
            error_code=error_code,
            bytes_sent=312,
        )
