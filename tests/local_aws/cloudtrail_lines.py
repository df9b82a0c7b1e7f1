"""Show tables of CloudTrail files to Trino as tables of JSON lines.

Athena reads CloudTrail's files, one JSON document with an array `Records`, through an input format that open-source
Trino lacks. For such a table the files are copied, once each, to a shadow prefix of their bucket in which every element
of `Records` is one line, and columns declared as string hold JSON text, as they do on Athena. The table that Trino sees
points there; statements and messages know the files by their own places. It proves our SQL over these columns, not
Athena's reader.
"""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from local_aws.hive_statements import TEXT_INPUT
from local_aws.s3_locations import objects_below, split_location
from local_aws.sql_text import Kind, quote_string, tokenize

SHADOW_PREFIX = "cloudtrail-lines/"
INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
PROJECTED_LOCATION = "storage.location.template"


class CloudTrailLines:
    """Makes the shadow copies, each file once, and takes away those of files that are gone."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self._copied: dict[tuple[str, str], str] = {}  # the ETag of each bucket and key
        self._lock = threading.Lock()

    def show_as_lines(self, entry: dict[str, Any]) -> None:
        """Change a Glue table or partition of CloudTrail files into one of JSON lines; leave any other alone."""
        storage = entry.get("StorageDescriptor") or {}
        if storage.get("InputFormat") != INPUT_FORMAT:
            return
        text_columns = {column["Name"] for column in storage["Columns"] if column["Type"] == "string"}
        with self._lock:
            self._copy(storage["Location"], text_columns)
        storage["InputFormat"] = TEXT_INPUT
        # The older CloudTrailSerde reads the same records; Trino has no reader for it either.
        storage["SerdeInfo"] = {**storage.get("SerdeInfo", {}), "SerializationLibrary": JSON_SERDE}
        storage["Location"] = _shadow(storage["Location"])
        parameters = entry.get("Parameters") or {}
        if PROJECTED_LOCATION in parameters:
            parameters[PROJECTED_LOCATION] = _shadow(parameters[PROJECTED_LOCATION])

    def _copy(self, location: str, text_columns: set[str]) -> None:
        bucket, prefix = split_location(location)
        present = {item["Key"]: item for item in objects_below(self.s3, location)}
        for listed in present.values():
            identity = (bucket, listed["Key"])
            if self._copied.get(identity) == listed["ETag"] or listed["Key"].startswith(SHADOW_PREFIX):
                continue
            content = self.s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read()
            try:
                lines = _as_lines(content, text_columns)
                content = gzip.compress(lines, 1) if listed["Key"].endswith(".gz") else lines
            except (OSError, EOFError, zlib.error, ValueError):
                pass  # a damaged file is copied as it is, so that the query fails on it
            self.s3.put_object(Bucket=bucket, Key=SHADOW_PREFIX + listed["Key"], Body=content)
            self._copied[identity] = listed["ETag"]
        for known_bucket, key in list(self._copied):
            if known_bucket == bucket and key.startswith(prefix) and key not in present:
                self.s3.delete_object(Bucket=bucket, Key=SHADOW_PREFIX + key)
                del self._copied[known_bucket, key]


def with_own_paths(text: str, is_cloudtrail_table: Callable[[str, str], bool]) -> str:
    """Return a statement in which "$path" is the place of the file itself, when it reads a table of CloudTrail files.

    `is_cloudtrail_table` is asked for a schema and a table.
    """
    tokens = tokenize(text, hive=False)
    paths = [token for token in tokens if token.kind is Kind.QUOTED_NAME and token.value == "$path"]
    names = {
        (schema.value, table.value)
        for schema, dot, table in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if schema.kind is table.kind is Kind.QUOTED_NAME and dot.is_symbol(".")
    }
    if not paths or not any(is_cloudtrail_table(*name) for name in sorted(names)):
        return text
    changes: dict[tuple[int, int], str] = {}
    for path in paths:
        following = tokens[tokens.index(path) + 1 :]
        if not following[0].is_word("in", "not"):
            changes[path.start, path.end] = f"replace(\"$path\", '{SHADOW_PREFIX}', '')"
            continue
        # A list of files stays a predicate on "$path", so that Trino opens none of them.
        listed = takewhile(lambda token: not token.is_symbol(")"), following)
        for literal in (token for token in listed if token.kind is Kind.STRING):
            changes[literal.start, literal.end] = quote_string(_shadow(literal.value))
    for (start, end), replacement in sorted(changes.items(), reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _shadow(location: str) -> str:
    bucket, key = split_location(location)
    return f"s3://{bucket}/{SHADOW_PREFIX}{key}"


def _as_lines(content: bytes, text_columns: set[str]) -> bytes:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    lines = [_line(record, text_columns) for record in json.loads(content).get("Records") or []]
    return "".join(lines).encode()


def _line(record: dict[str, Any], text_columns: set[str]) -> str:
    values = {
        name: json.dumps(value) if name.lower() in text_columns and isinstance(value, dict | list) else value
        for name, value in record.items()
    }
    return json.dumps(values) + "\n"
