"""Copy objects from S3 to a folder side by side, each whole or not at all, and as old as in S3."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import HTTPError

from shared.log_listing import StoredLog

CHUNK_BYTES = 1024 * 1024
# How often a file is asked for whose bytes break off or are not those that S3 promised: as often as boto3's own
# transfers do (num_download_attempts of
# https://boto3.amazonaws.com/v1/documentation/api/latest/reference/customizations/s3.html).
BODY_ATTEMPTS = 5
UNFINISHED_NAME = re.compile(r"\.fetch-[0-9a-f]{32}\.unfinished")


class WrongBytesError(Exception):
    """The bytes that arrived are not those of the object."""


class InUseError(Exception):
    """Another run copies to the folder. The message says what to do."""


class InterruptedByUserError(Exception):
    """The run is being ended."""


# The ways in which bytes fail to arrive after S3 has begun to send them.
WRONG_BYTES = (FlexibleChecksumError, IncompleteReadError, WrongBytesError)
BROKEN_BODY = (*WRONG_BYTES, ReadTimeoutError, ResponseStreamingError, HTTPError)


class Progress(Protocol):
    """What hears of the bytes and files, from any thread."""

    def add_bytes(self, count: int) -> None:
        """Count bytes that arrived; fewer than none where they have to come again."""

    def add_file(self) -> None:
        """Count a file that is done with."""


class Copying:
    """Copies objects to a folder."""

    def __init__(self, s3: Any, folder: Path, request: dict[str, Any], progress: Progress) -> None:
        self._s3 = s3
        self._folder = folder
        self._request = request
        self._progress = progress
        self._is_interrupted = threading.Event()
        self.problems: dict[str, Exception] = {}

    def copy_all(self, logs: Sequence[StoredLog], parallel: int) -> None:
        """Copy objects side by side. What fails is remembered, and the others are copied."""
        waiting = iter(logs)
        with ThreadPoolExecutor(parallel) as pool:
            running: dict[Future[None], StoredLog] = {}
            try:
                while True:
                    for stored in islice(waiting, 2 * parallel - len(running)):
                        running[pool.submit(self._copy, stored)] = stored
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        stored = running.pop(future)
                        try:
                            future.result()
                        except (BotoCoreError, ClientError, OSError, *BROKEN_BODY) as error:
                            self.problems[stored.path] = error
                        self._progress.add_file()
            except KeyboardInterrupt:
                self._is_interrupted.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _copy(self, stored: StoredLog) -> None:
        """Copy an object, whole or not at all."""
        file = self._folder / stored.path
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = unfinished_file(file)
        try:
            for attempt in range(1, BODY_ATTEMPTS + 1):
                try:
                    modified_at = self._write(stored, unfinished)
                    break
                except BROKEN_BODY:
                    if attempt == BODY_ATTEMPTS:
                        raise
            os.utime(unfinished, (modified_at.timestamp(), modified_at.timestamp()))
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)

    def _write(self, stored: StoredLog, unfinished: Path) -> datetime:
        """Write the bytes of an object, and return when they were changed in S3.

        boto3 compares their number with ContentLength, and their checksum with S3's where it is one that it can compute
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
        """
        answer = self._s3.get_object(Bucket=stored.bucket, Key=stored.key, **self._request)
        digest = hashlib.md5(usedforsecurity=False)
        arrived = 0
        try:
            # As a context, a body gives what it wraps, which compares nothing.
            with contextlib.closing(answer["Body"]) as body, unfinished.open("wb") as file:
                while piece := body.read(CHUNK_BYTES):
                    if self._is_interrupted.is_set():
                        raise InterruptedByUserError
                    file.write(piece)
                    digest.update(piece)
                    arrived += len(piece)
                    self._progress.add_bytes(len(piece))
            check_entity_tag(answer, digest.hexdigest())
        except BaseException:
            self._progress.add_bytes(-arrived)
            raise
        return answer["LastModified"]


def check_entity_tag(answer: dict[str, Any], digest: str) -> None:
    """Compare the MD5 of what arrived with the entity tag, where that is one. Raises WrongBytesError.

    It is one of objects that were written in one piece and are not encrypted with a key of KMS or of a customer
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, ETag).
    """
    entity_tag = answer.get("ETag", "").strip('"')
    is_digest = re.fullmatch(r"[0-9a-f]{32}", entity_tag) and "SSECustomerAlgorithm" not in answer
    if is_digest and answer.get("ServerSideEncryption", "AES256") == "AES256" and entity_tag != digest:
        raise WrongBytesError("expected the bytes whose MD5 is the object's ETag, found others")


def unfinished_file(file: Path) -> Path:
    """Return where a file is written before it has its name: no layout of a log has such a name."""
    name = hashlib.sha256(os.fsencode(file.name)).hexdigest()[:32]
    return file.with_name(f".fetch-{name}.unfinished")


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed run left."""
    for place, _, names in os.walk(folder):
        for name in names:
            if UNFINISHED_NAME.fullmatch(name):
                Path(place, name).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder alone: another run's unfinished files are not to be removed. Raises InUseError.

    The kernel ends the lock with the process. Where a file system has no locks for folders, there is none.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InUseError(
            f"{folder}: expected to copy there alone, found another fetch_logs at work. Wait for it to end."
        ) from None
    except OSError:
        pass
    try:
        yield
    finally:
        os.close(descriptor)
