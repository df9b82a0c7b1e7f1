"""What is wrong with a CloudTrail log file, if anything, before DuckDB reads it.

A trail delivers JSON documents of the form {"Records": [..]}
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html). One file that is
none aborts a whole read. DuckDB's own parser judges here, because it is the one that reads the file afterwards; what is
wrong inside a record is for staging to say.
"""

from __future__ import annotations

import json
from functools import cache

from duckdb import DuckDBPyConnection, connect

# DuckDB takes several times a document's size as memory, and time that grows with the square of its number of records:
# 3 s and 1 GB for 100 MB, 27 s and 2 GB for 214 MB. largest_cloudtrail_bytes() in
# macros/engine/duckdb/cloudtrail_reader.sql is the same number.
LARGEST_CLOUDTRAIL_BYTES = 64 * 1024 * 1024

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

FETCH_AGAIN = "Fetch it again from its bucket; if it is no better there, it stays left out"

# The kind and the length of Records are only asked of what is valid: on anything else they fail.
JUDGE = """
    select
        is_valid,
        case when is_valid then json_type(document, '$.Records') end,
        case when is_valid then json_array_length(document, '$.Records') end,
        case when is_valid then json_type(document) = 'OBJECT' and len(json_keys(document)) = 0 end
    from (select $1 as document, json_valid($1) as is_valid)
"""


def inspect_cloudtrail(content: bytes) -> tuple[int | None, str | None]:
    """Return the number of records of an unpacked file, or None and why it can't be read.

    A file that holds nothing has 0 records: no text, {}, or Records that is empty or null. Anything else without
    Records may hold what is looked for under another name, so it is no log file.
    """
    if len(content) > LARGEST_CLOUDTRAIL_BYTES:
        return None, (
            f"holds {len(content)} bytes of JSON; the most that is read of one file is {LARGEST_CLOUDTRAIL_BYTES}. "
            'Split its Records over several files {"Records": [..]} with names of the same form in the same folder'
        )
    try:
        text = content.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        return None, f"is not UTF-8 at byte {error.start}. {FETCH_AGAIN}"
    if not text.strip():
        return 0, None
    with _parser().cursor() as cursor:
        ((is_valid, records_kind, record_count, is_empty),) = cursor.execute(JUDGE, [text]).fetchall()
    if not is_valid:
        return None, f"is not one JSON document: {_syntax_error(text)}. {FETCH_AGAIN}"
    if is_empty or records_kind == "NULL":
        return 0, None
    if records_kind != "ARRAY":
        found = f"Records of type {records_kind}" if records_kind else "JSON without Records"
        return None, f'is no log file of a trail: expected {{"Records": [..]}}, found {found}'
    return record_count, None


@cache
def _parser() -> DuckDBPyConnection:
    """Open one DuckDB for all files: to open one takes longer than most files do."""
    return connect()


def _syntax_error(text: str) -> str:
    """Say where a text stops being JSON, in words and numbers alone: what stands there may be anybody's."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    except (RecursionError, ValueError):
        return "it is nested too deeply, or holds a number that is too long"
    return "it holds a character or an escape that JSON does not allow"
