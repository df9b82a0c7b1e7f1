"""What the scripts share that bring seeds up to date: reading AWS's files, and writing CSV files whole."""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import os
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

TIMEOUT_SECONDS = 60
CHUNK_BYTES = 1024 * 1024

Row = dict[str, str]


class RefusedError(Exception):
    """Something is not as expected. The message names the file, what was expected and found, and what to do."""


class NotWrittenError(Exception):
    """Files could not be written, or not all of them. The message says which and what to do."""


class HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https alone."""

    def redirect_request(self, request, file, code, message, headers, new_url):
        """Refuse a redirect that leaves https."""
        if not new_url.startswith("https://"):
            raise RefusedError(
                f"{request.full_url}: expected an answer over https, found a redirect to {new_url}. "
                "Download the file by other means, and name it here."
            )
        return super().redirect_request(request, file, code, message, headers, new_url)


@contextlib.contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """Open a local file or an https URL. Raises RefusedError."""
    if "://" in source and not source.startswith("https://"):
        raise RefusedError(
            f"{source}: expected a local file or a URL that starts with https://, found '{source.split('://')[0]}://'. "
            "Name the https URL, or download the file first."
        )
    try:
        if source.startswith("https://"):
            file = urllib.request.build_opener(HttpsOnly).open(source, timeout=TIMEOUT_SECONDS)
        else:
            file = Path(source).open("rb")  # noqa: SIM115 - closed below
        with file:
            yield file
    except (http.client.HTTPException, OSError) as error:  # URLError is an OSError
        raise RefusedError(
            f"{source}: expected a file that can be read, found: {error}. Correct the name, or try again later."
        ) from error


def chunks(source: str, limit_bytes: int) -> Iterator[bytes]:
    """Yield what a file or URL holds, piece by piece. Raises RefusedError, also when there is more than the limit."""
    total = 0
    with opened(source) as file:
        while piece := file.read(CHUNK_BYTES):
            total += len(piece)
            if total > limit_bytes:
                raise RefusedError(
                    f"{source}: expected at most {limit_bytes:,} bytes, found more. "
                    "Check that this is the right file; the limit is a constant of this script."
                )
            yield piece


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a seed that has at least these columns. Raises RefusedError."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except OSError as error:
        raise RefusedError(f"{path}: expected a seed, found: {error}. Correct --seeds.") from error
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise RefusedError(
            f"{path}: expected the columns {', '.join(columns)}, found no {', '.join(missing)}. "
            "Take the file from the repository again."
        )
    return rows


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows as the seeds are written: comma, LF, quotes where needed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_files(texts: Mapping[Path, str]) -> None:
    """Write files so that nobody sees half of one: all are complete before the first takes its place, in this order.

    Raises NotWrittenError.
    """
    unfinished = {path: path.with_name(f".{path.name}.{os.getpid()}.unfinished") for path in texts}
    try:
        for path, text in texts.items():
            unfinished[path].write_bytes(text.encode("utf-8"))
        for path in texts:
            unfinished[path].replace(path)
    except OSError as error:
        raise NotWrittenError(
            f"{', '.join(map(str, texts))}: expected to write them all, found: {error}. "
            "Make room or let this user write there, and run again."
        ) from error
    finally:
        for path in unfinished.values():
            path.unlink(missing_ok=True)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as text with aligned columns."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
