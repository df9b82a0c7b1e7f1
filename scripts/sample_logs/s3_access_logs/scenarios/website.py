"""Visitors of the website endpoint: anonymous, plain HTTP."""

from collections.abc import Iterator

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import PAGE_KEYS, VISITORS, WEBSITE
from sample_logs.s3_access_logs.records import Request
from sample_logs.s3_access_logs.request_maker import RequestMaker

ERROR_PAGE_BYTES = 1_842


def website_visits(maker: RequestMaker) -> Iterator[Request]:
    """Visit pages, pages that did not change, and missing pages, whose error page is sent but is no download."""
    for _ in maker.times(420):
        visitor = maker.random.favourite(VISITORS)
        key = maker.random.favourite(PAGE_KEYS)
        size = 2_000 + 711 * PAGE_KEYS.index(key)
        fields = {"host": WEBSITE.website_host, "referrer": "http://www.example.com/"}
        outcome = maker.random.integer(1, 10)
        if outcome == 1:
            missing = {"status": 404, "error_code": "NoSuchKey", "bytes_sent": ERROR_PAGE_BYTES}
            yield maker.request(WEBSITE, visitor, operations.WEBSITE_GET, "old-page.html", **missing, **fields)
        elif outcome == 2:
            yield maker.request(WEBSITE, visitor, operations.WEBSITE_GET, key, status=304, object_size=size, **fields)
        else:
            yield maker.request(
                WEBSITE, visitor, operations.WEBSITE_GET, key, bytes_sent=size, object_size=size, **fields
            )


def website_checks(maker: RequestMaker) -> Iterator[Request]:
    """Check a page as a monitor does (HEAD) and as browsers do (preflight)."""
    for number in maker.times(24):
        operation = operations.PREFLIGHT if number % 4 == 0 else operations.WEBSITE_HEAD
        host = WEBSITE.host if operation is operations.PREFLIGHT else WEBSITE.website_host
        yield maker.request(WEBSITE, VISITORS[number % 3], operation, "index.html", host=host)
