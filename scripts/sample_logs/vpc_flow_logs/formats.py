"""The formats of the story's flow logs: which fields, in which order, and how a file of them is written.

Fields and Parquet types: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html. Equal records give
equal bytes with the same zlib and DuckDB; another zlib may compress the same text to other bytes.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

Value = int | str | None
Row = Sequence[Value]

DEFAULT_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
# Every field of versions 2 to 5, in an order of its own.
CUSTOM_HEADER = (
    "version vpc-id subnet-id instance-id interface-id account-id region az-id sublocation-type sublocation-id type "
    "srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service protocol "
    "tcp-flags packets bytes start end flow-direction traffic-path action log-status"
)
LATER_HEADER = (
    "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id "
    "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"
)
DEFAULT_FIELDS = tuple(DEFAULT_HEADER.split())
CUSTOM_FIELDS = tuple(CUSTOM_HEADER.split())
# The fields of version 2, then those of versions 3 to 5, in the order in which AWS added them.
PARQUET_FIELDS = (*DEFAULT_FIELDS, *LATER_HEADER.split())
INT_32_FIELDS = {"version", "srcport", "dstport", "protocol", "tcp-flags", "traffic-path"}
INT_64_FIELDS = {"packets", "bytes", "start", "end"}


def text_values(values: Row) -> list[str]:
    """Return the values as a text file shows them: `-` for a field that does not apply."""
    return ["-" if value is None else str(value) for value in values]


def text_file(fields: Sequence[str], lines: Sequence[str]) -> bytes:
    """Return a gzip file with a header line, and without the time at which it was made."""
    text = "".join(f"{line}\n" for line in (" ".join(fields), *lines))
    return gzip.compress(text.encode(), mtime=0)


def parquet_file(fields: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Return a Parquet file, its columns named as the fields with underscores and Gzip-compressed inside."""
    selects = [f'unnest(?::{parquet_type(field)}[]) as "{field.replace("-", "_")}"' for field in fields]
    columns = [[row[position] for row in rows] for position in range(len(fields))]
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"create table flow_log as select {', '.join(selects)}", columns)
        path = Path(folder) / "flow.log.parquet"
        connection.table("flow_log").write_parquet(str(path), compression="gzip")
        return path.read_bytes()


def parquet_type(field: str) -> str:
    """Return the SQL type that DuckDB writes as the field's Parquet type."""
    if field in INT_32_FIELDS:
        return "integer"
    return "bigint" if field in INT_64_FIELDS else "varchar"
