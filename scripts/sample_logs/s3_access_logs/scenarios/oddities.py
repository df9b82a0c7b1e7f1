"""Lines that a careless reader gets wrong: odd names, hostile text, other formats, no records at all."""

from collections.abc import Iterator
from typing import Any

from sample_logs.s3_access_logs import operations
from sample_logs.s3_access_logs.actors import (
    DATA_LAKE,
    LEGACY_REPORTS,
    MEDIA_ASSETS,
    OFFICE_USER,
    REPORT_USER,
    SCANNER,
    VISITORS,
    WEBSITE,
)
from sample_logs.s3_access_logs.records import Request, UnreadableLine
from sample_logs.s3_access_logs.request_maker import RequestMaker

# Keys as the log shows them. S3 encodes the key of the request once more, so that %2520 is a blank.
ODD_KEYS = (
    "plus+and%2Bplus.txt",
    "two%20words.txt",
    "two%2520words%252Bmore.txt",
    "gr%C3%BC%C3%9Fe/%E6%97%A5%E6%9C%AC%E8%AA%9E.txt",
    "gr%25C3%25BC%25C3%259Fe.txt",
    "percent%25.txt",
    "100%.txt",
    "folder//double/",
    "%22quoted%22.txt",
    "';drop%20table%20requests;--.csv",
    "{{7*7}}.txt",
    "%3Cscript%3Ealert(1)%3C/script%3E.html",
)

FORGED_FIELDS = 'x" 200 - 999999999 999999999 1 1 "-" "y'
# S3 writes the three quoted fields as they came, without escapes (S3 user guide, log format).
UNPLEASANT_FIELDS: tuple[dict[str, Any], ...] = (
    {"request_uri": 'GET /search?q="two words" HTTP/1.1'},
    {"request_uri": "GET /a  b HTTP/1.1"},
    {"request_uri": 'GET //?s=index/\\think\\app/invokefunction&x=<?php echo "1"; ?> HTTP/1.1'},
    {"request_uri": "GET /?x={{ 7*7 }}&y=<script>alert(1)</script> HTTP/1.1"},
    {"referrer": 'http://www.example.com/?q="a b"'},
    {"referrer": "http://www.example.com/a b  c"},
    {"referrer": "http://www.example.com/\\"},
    {"user_agent": '"Mozilla/5.0 (quoted twice)"'},
    {"user_agent": 'agent "with quotes" and blanks'},
    {"user_agent": "C:\\Program Files\\agent\\"},
    {"user_agent": "'; drop table requests; --"},
    {"user_agent": "{{ 7*7 }}{% raw %}"},
    {"user_agent": "<script>alert(1)</script>", "referrer": "javascript:alert(1)"},
    {"user_agent": "double  blanks   inside"},
    {"user_agent": "tab\tinside, comma, pipe | and [brackets]"},
    {"user_agent": "Grüße ☃ 日本語"},
    {"user_agent": ""},
    {"user_agent": FORGED_FIELDS},
)

FIELD_COUNTS = (18, 24, 25, 26)
GARBAGE = (
    "this is no log line",
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code></Error>',
    "{{ garbage }} '; drop table requests; --",
)


def odd_keys(maker: RequestMaker) -> Iterator[Request]:
    """Read keys that are percent-encoded, encoded twice, hold a plus sign or UTF-8, or are not quite encoded."""
    for key in ODD_KEYS:
        size = maker.random.byte_count(9, 14)
        yield maker.request(LEGACY_REPORTS, REPORT_USER, operations.GET_OBJECT, key, bytes_sent=size, object_size=size)


def unpleasant_lines(maker: RequestMaker) -> Iterator[Request]:
    """Put hostile text into the quoted fields, in both layouts. The numbers of the line still hold."""
    for number, fields in enumerate(UNPLEASANT_FIELDS):
        bucket = (WEBSITE, LEGACY_REPORTS)[number % 2]
        yield maker.request(
            bucket,
            SCANNER,
            operations.GET_OBJECT,
            f"unpleasant/{number:02d}.txt",
            bytes_sent=1_000 + number,
            object_size=2_000 + number,
            status=206,
            **fields,
        )


def older_and_newer_formats(maker: RequestMaker) -> Iterator[Request]:
    """Write lines of 18 and of 24 to 26 fields, as S3 did in earlier years, and one with three more than now."""
    for number in maker.times(40):
        size = maker.random.byte_count(9, 16)
        yield maker.request(
            MEDIA_ASSETS,
            OFFICE_USER,
            operations.GET_OBJECT,
            f"archive/{number:03d}.txt",
            bytes_sent=size,
            object_size=size,
            version_id=maker.version_id() if number % 2 else "-",
            field_count=FIELD_COUNTS[number % len(FIELD_COUNTS)],
        )
    yield maker.request(
        MEDIA_ASSETS,
        OFFICE_USER,
        operations.GET_OBJECT,
        "archive/later.txt",
        bytes_sent=30,
        object_size=30,
        acl_required="Yes",
        field_count=30,
    )


def unreadable_lines(maker: RequestMaker) -> Iterator[UnreadableLine]:
    """Write, every second day, a line cut off in the middle of the user agent, and text that is no log at all."""
    if maker.day_number % 2 == 0:
        return
    client = maker.random.choice(VISITORS)
    whole = maker.request(
        DATA_LAKE, client, operations.GET_OBJECT, "torn.txt", bytes_sent=123_456, object_size=123_456
    ).line()
    cut_at = whole.index(client.user_agent) + len(client.user_agent) // 2
    yield maker.unreadable(DATA_LAKE, whole[:cut_at])
    yield maker.unreadable(MEDIA_ASSETS, maker.random.choice(GARBAGE))
    yield maker.unreadable(LEGACY_REPORTS, GARBAGE[0])
