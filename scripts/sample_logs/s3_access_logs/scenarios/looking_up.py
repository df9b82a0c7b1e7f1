"""Requests about objects and buckets: no object bytes move."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    ANALYTICS,
    BACKUP_ROLE,
    BACKUPS,
    BUCKETS,
    DATA_LAKE,
    KEYS,
    LEGACY_REPORTS,
    MEDIA_ASSETS,
    OFFICE_USER,
    ORDINARY_CLIENTS,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

OBJECT_BUCKETS = (MEDIA_ASSETS, DATA_LAKE, ANALYTICS, BACKUPS, LEGACY_REPORTS)


def object_heads(maker: RequestMaker) -> Iterator[Request]:
    """Ask for an object's metadata: the log names its size, and nothing was sent."""
    for _ in maker.times(240):
        bucket = maker.random.choice(OBJECT_BUCKETS)
        yield maker.request(
            bucket,
            maker.random.favourite(ORDINARY_CLIENTS),
            operations.HEAD_OBJECT,
            maker.random.favourite(KEYS[bucket]),
            object_size=maker.random.byte_count(9, 24),
        )


def bucket_heads(maker: RequestMaker) -> Iterator[Request]:
    """Ask whether a bucket is there, as clients do at their start."""
    for _ in maker.times(24):
        yield maker.request(maker.random.choice(OBJECT_BUCKETS), BACKUP_ROLE, operations.HEAD_BUCKET)


def listings(maker: RequestMaker) -> Iterator[Request]:
    """List objects: the listing's bytes are sent, and are no download of an object."""
    for number in maker.times(200):
        is_versions = number % 20 == 0
        yield maker.request(
            maker.random.choice(OBJECT_BUCKETS),
            maker.random.favourite(ORDINARY_CLIENTS),
            operations.LIST_VERSIONS if is_versions else operations.LIST_BUCKET,
            query="?versions" if is_versions else "?list-type=2&prefix=reports%2F&encoding-type=url",
            bytes_sent=maker.random.integer(300, 250_000),
        )


def settings_reads(maker: RequestMaker) -> Iterator[Request]:
    """Look through the settings of every bucket; none has a policy."""
    for bucket in BUCKETS:
        yield maker.request(bucket, OFFICE_USER, operations.GET_VERSIONING, query="?versioning", bytes_sent=113)
        yield maker.request(bucket, OFFICE_USER, operations.GET_LOCATION, query="?location", bytes_sent=137)
        yield maker.request(
            bucket,
            OFFICE_USER,
            operations.GET_BUCKET_POLICY,
            query="?policy",
            status=404,
            error_code="NoSuchBucketPolicy",
            bytes_sent=297,
        )


def object_settings(maker: RequestMaker) -> Iterator[Request]:
    """Read tags and set access lists."""
    for number in maker.times(20):
        operation, query = (operations.PUT_ACL, "?acl") if number % 5 == 0 else (operations.GET_TAGGING, "?tagging")
        yield maker.request(
            MEDIA_ASSETS, OFFICE_USER, operation, maker.random.choice(KEYS[MEDIA_ASSETS]), query, bytes_sent=130
        )
