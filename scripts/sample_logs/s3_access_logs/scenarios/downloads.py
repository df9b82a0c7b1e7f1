"""Clients that read objects."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    ANALYTICS,
    BACKUP_KEYS,
    BACKUP_ROLE,
    BACKUPS,
    DATA_LAKE,
    GROWING_DOWNLOADER,
    HEAVY_DOWNLOADER,
    IMAGE_KEYS,
    IPV6_CLIENTS,
    KEYS,
    LEGACY_REPORTS,
    MEDIA_ASSETS,
    ORDINARY_CLIENTS,
    PRESIGNED_USER,
    PRIVATE_CLIENTS,
    REPORT_KEYS,
    TABLE_KEYS,
    VIDEO_KEYS,
    VISITORS,
)
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

MEBIBYTE = 2**20
GIBIBYTE = 2**30
GROWTH_DAY_NUMBER = 6
GROWTH_FACTOR = 10


def video_size(key: str) -> int:
    """Return the size of a video: 2 GiB and more, the same for each request."""
    return 2 * GIBIBYTE + VIDEO_KEYS.index(key) * 37_654_321


def heavy_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Let one address pull far more than all others, in ranges of large objects."""
    for _ in maker.times(260):
        key = maker.random.favourite(VIDEO_KEYS)
        yield maker.request(
            MEDIA_ASSETS,
            HEAVY_DOWNLOADER,
            operations.GET_OBJECT,
            key,
            status=206,
            bytes_sent=64 * MEBIBYTE,
            object_size=video_size(key),
        )


def growing_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Let one client pull ten times more on the sixth day."""
    factor = GROWTH_FACTOR if maker.day_number == GROWTH_DAY_NUMBER else 1
    for _ in maker.times(40 * factor):
        size = maker.random.integer(4 * MEBIBYTE, 6 * MEBIBYTE)
        key = maker.random.choice(IMAGE_KEYS)
        yield maker.request(
            MEDIA_ASSETS, GROWING_DOWNLOADER, operations.GET_OBJECT, key, bytes_sent=size, object_size=size
        )


def ordinary_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read whole objects as users, roles and a canonical id, some by path-style addresses."""
    for _ in maker.times(820):
        bucket = maker.random.choice((MEDIA_ASSETS, DATA_LAKE, ANALYTICS, LEGACY_REPORTS))
        client = maker.random.favourite(ORDINARY_CLIENTS)
        key = maker.random.favourite(KEYS[bucket])
        size = maker.random.byte_count(9, 22)
        request_uri = f"GET /{bucket.name}/{key} HTTP/1.1" if maker.random.chance(0.1) else f"GET /{key} HTTP/1.1"
        yield maker.request(
            bucket,
            client,
            operations.GET_OBJECT,
            key,
            bytes_sent=size,
            object_size=size,
            request_uri=request_uri,
        )


def part_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read an object part by part (`?partNumber=`)."""
    key = maker.random.choice(BACKUP_KEYS)
    for part in maker.times(12):
        yield maker.request(
            BACKUPS,
            BACKUP_ROLE,
            operations.GET_PART,
            key,
            f"?partNumber={part + 1}",
            status=206,
            bytes_sent=8 * MEBIBYTE,
            object_size=96 * MEBIBYTE,
        )


def unchanged_objects(maker: RequestMaker) -> Iterator[Request]:
    """Ask for objects that did not change: 304, no body, yet an object size."""
    for _ in maker.times(60):
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.choice(VISITORS),
            operations.GET_OBJECT,
            maker.random.favourite(IMAGE_KEYS),
            status=304,
            object_size=maker.random.byte_count(12, 18),
        )


def anonymous_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read public objects without credentials."""
    for _ in maker.times(180):
        size = maker.random.byte_count(12, 20)
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.favourite(VISITORS),
            operations.GET_OBJECT,
            maker.random.favourite(IMAGE_KEYS),
            bytes_sent=size,
            object_size=size,
            referrer="https://www.example.com/gallery",
            acl_required="Yes",
        )


def presigned_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Follow links with the signature in the query string."""
    for _ in maker.times(60):
        size = maker.random.byte_count(14, 24)
        query = (
            "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
            f"{maker.day:%Y%m%d}%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=3600"
        )
        yield maker.request(
            LEGACY_REPORTS,
            PRESIGNED_USER,
            operations.GET_OBJECT,
            maker.random.choice(REPORT_KEYS),
            query,
            bytes_sent=size,
            object_size=size,
        )


def private_network_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read through PrivateLink or a gateway endpoint: the address is a private one."""
    access_point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/lake-readers"
    for _ in maker.times(140):
        size = maker.random.byte_count(16, 24)
        yield maker.request(
            DATA_LAKE,
            maker.random.choice(PRIVATE_CLIENTS),
            operations.GET_OBJECT,
            maker.random.favourite(TABLE_KEYS),
            bytes_sent=size,
            object_size=size,
            access_point_arn=access_point if maker.random.chance(0.3) else "-",
        )


def ipv6_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read from IPv6 addresses."""
    for _ in maker.times(80):
        size = maker.random.byte_count(10, 20)
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.choice(IPV6_CLIENTS),
            operations.GET_OBJECT,
            maker.random.favourite(IMAGE_KEYS),
            bytes_sent=size,
            object_size=size,
        )


def huge_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Read objects whose size a 32-bit number cannot hold."""
    for number, size in enumerate((2**31, 2**32 + 1, 48 * GIBIBYTE + 12_345)):
        yield maker.request(
            BACKUPS, BACKUP_ROLE, operations.GET_OBJECT, BACKUP_KEYS[number], bytes_sent=size, object_size=size
        )


def broken_off_downloads(maker: RequestMaker) -> Iterator[Request]:
    """Hang up early: the status is 200, and fewer bytes than the object's size were sent, or none."""
    for number in maker.times(12):
        size = maker.random.byte_count(20, 24)
        yield maker.request(
            MEDIA_ASSETS,
            maker.random.choice(VISITORS),
            operations.GET_OBJECT,
            maker.random.choice(IMAGE_KEYS),
            bytes_sent=None if number % 4 == 0 else size // 3,
            object_size=size,
        )
