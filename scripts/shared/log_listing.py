"""Find the log files of some delivery days in S3 without listing the other days.

Folders are listed one level at a time. A folder that is named after a year, month or day outside the days is not looked
into; one of a day that is asked for is listed whole, with its hours. In a flat prefix the other days' keys are jumped
over. Folders of snapshots are listed whole, because a run reads all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.log_layouts import LogFile, LogLayouts, days_of_folder

# Objects of these classes cannot be read before they are restored
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html). Of those in the archive tiers of
# Intelligent-Tiering a listing tells nothing; S3 refuses to send them.
ARCHIVE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")

# A name in a flat prefix: the text before the date, which holds no other date, and the day.
FLAT_NAME = re.compile(r"((?:[^/]*?[^/0-9])??)([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{2}-[0-9]{2}-[0-9]{2}-")
AFTER_DIGITS = ":"  # the character that follows 9 in the order in which S3 lists keys, that of their UTF-8 bytes


class NothingThereError(Exception):
    """A source holds no key at all."""


class UnusableKeyError(Exception):
    """A key can't be the path of a local file."""


@dataclass(frozen=True)
class Days:
    """Delivery days, inclusive."""

    first: date
    last: date

    def hold(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Folder:
    """A prefix of keys, empty or with a slash at its end."""

    bucket: str
    prefix: str

    @property
    def path(self) -> str:
        """Where the folder lies below the local one."""
        return f"{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A log file as S3 lists it."""

    bucket: str
    key: str
    byte_count: int
    modified_at: datetime
    is_archived: bool
    log: LogFile

    @property
    def path(self) -> str:
        """Where the file lies below the local folder."""
        return f"{self.bucket}/{self.key}"


@dataclass
class Example:
    """How many there are of something, and the first of them."""

    count: int = 0
    path: str = ""

    def add(self, path: str) -> None:
        """Count one more."""
        self.path = self.path or path
        self.count += 1


@dataclass
class Findings:
    """What the sources hold of the days, by path: a bucket and a key of it, unescaped.

    refused: the log files that can't be kept under their names. failed: the folders that can't be listed. neighbours: a
    path for each kind of file that AWS puts beside the logs.
    """

    logs: dict[str, StoredLog] = field(default_factory=dict)
    refused: dict[str, Exception] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    unknown_keys: Example = field(default_factory=Example)
    unknown_folders: Example = field(default_factory=Example)
    neighbours: dict[str, str] = field(default_factory=dict)
    request_counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Content:
    """What S3 said about a folder, until it was done or refused."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    request_count: int = 0
    error: Exception | None = None


class Listing:
    """Lists the sources of one run. request: what each request to S3 says besides the folder."""

    def __init__(self, s3: Any, layouts: LogLayouts, days: Days, request: Mapping[str, Any]) -> None:
        self._s3 = s3
        self._layouts = layouts
        self._days = days
        self._request = request
        self._findings = Findings()

    def find(self, sources: Sequence[Folder], parallel: int, progress: Callable[[int], None]) -> Findings:
        """List the sources, the folders of a level side by side. progress takes the number of keys of each folder."""
        folders = list(dict.fromkeys(sources))
        seen = set(folders)
        with ThreadPoolExecutor(parallel) as pool:
            while folders:
                below: dict[Folder, None] = {}
                for folder, content in zip(folders, pool.map(self._content, folders), strict=True):
                    self._take(folder, content, is_source=folder in sources)
                    below.update(dict.fromkeys(child for child in content.folders if self._is_looked_into(child)))
                    progress(len(content.keys))
                folders = [folder for folder in below if folder not in seen]
                seen.update(folders)
        self._refuse_files_that_are_folders()
        return self._findings

    def _content(self, folder: Folder) -> Content:
        """Ask S3 what a folder holds."""
        content = Content()
        whole = self._is_listed_whole(folder)
        request = {"Bucket": folder.bucket, "Prefix": folder.prefix, **({} if whole else {"Delimiter": "/"})}
        position: dict[str, str] = {}
        try:
            while True:
                content.request_count += 1
                page = self._s3.list_objects_v2(
                    **request, **position, **self._request, OptionalObjectAttributes=["RestoreStatus"]
                )
                keys, prefixes = page.get("Contents", []), page.get("CommonPrefixes", [])
                content.keys += keys
                content.folders += [Folder(folder.bucket, entry["Prefix"]) for entry in prefixes]
                if not page["IsTruncated"]:
                    return content
                last = max([entry["Key"] for entry in keys[-1:]] + [entry["Prefix"] for entry in prefixes[-1:]])
                jump = self._jump(folder, last)
                position = {"StartAfter": jump} if jump else {"ContinuationToken": page["NextContinuationToken"]}
        except (BotoCoreError, ClientError) as error:
            content.error = error
            return content

    def _jump(self, folder: Folder, last_key: str) -> str | None:
        """Return after which key to go on where a page ended among a flat prefix's keys of other days.

        Jumps over dates of one year alone, so that other keys and folders that sort between the years are found.
        """
        match = FLAT_NAME.match(last_key.removeprefix(folder.prefix))
        log = self._layouts.log_file(f"{folder.bucket}/{last_key}")
        if not match or not log or log.delivery_date.isoformat() != match[2] or self._days.hold(log.delivery_date):
            return None
        first = self._days.first
        if log.delivery_date < first and log.delivery_date.year == first.year:
            return f"{folder.prefix}{match[1]}{first}"
        return f"{folder.prefix}{match[1]}{match[2][:4]}-{AFTER_DIGITS}"

    def _is_listed_whole(self, folder: Folder) -> bool:
        """Tell whether all keys below a folder are of a day that is asked for, or of snapshots."""
        days = days_of_folder(folder.path)
        is_of_day = days is not None and days[0] == days[1] and self._days.hold(days[0])
        return is_of_day or self._layouts.is_dated_folder(folder.path, reads_all_days=True)

    def _is_looked_into(self, folder: Folder) -> bool:
        """Tell whether a folder may hold what is asked for, and remember why where it may not."""
        description = self._layouts.neighbour(folder.path)
        if description:
            self._findings.neighbours.setdefault(description, folder.path)
            return False
        days = days_of_folder(folder.path)
        if days is None or self._layouts.is_dated_folder(folder.path, reads_all_days=True):
            return True
        if days[0] <= self._days.last and days[1] >= self._days.first:
            return True
        if not self._layouts.is_dated_folder(folder.path, reads_all_days=False):
            self._findings.unknown_folders.add(folder.path)
        return False

    def _take(self, folder: Folder, content: Content, *, is_source: bool) -> None:
        """Sort the keys of a folder."""
        findings = self._findings
        findings.request_counts[folder.bucket] += content.request_count
        if content.error:
            findings.failed[folder.path] = content.error
        elif is_source and not content.keys and not content.folders:
            findings.failed[folder.path] = NothingThereError("expected logs, found no key")
        for entry in content.keys:
            self._take_key(folder.bucket, entry)

    def _take_key(self, bucket: str, entry: Mapping[str, Any]) -> None:
        key = entry["Key"]
        path = f"{bucket}/{key}"
        log = self._layouts.log_file(path.rstrip("/"))
        if log is None:
            description = self._layouts.neighbour(path)
            if description:
                self._findings.neighbours.setdefault(description, path)
            elif entry["Size"] or not key.endswith("/"):  # else what the console makes to show an empty folder
                self._findings.unknown_keys.add(path)
        elif log.reads_all_days or self._days.hold(log.delivery_date):
            reason = refusal(key)
            if reason:
                self._findings.refused[path] = UnusableKeyError(reason)
                return
            is_archived = entry.get("StorageClass") in ARCHIVE_CLASSES
            is_restored = "RestoreExpiryDate" in entry.get("RestoreStatus", {})
            self._findings.logs[path] = StoredLog(
                bucket, key, entry["Size"], entry["LastModified"], is_archived and not is_restored, log
            )

    def _refuse_files_that_are_folders(self) -> None:
        """Refuse a file whose name is also that of a folder around another one, and that other one."""
        logs = self._findings.logs
        for path in list(logs):
            for folder in folders_around(path):
                if folder in logs:
                    self._findings.refused[folder] = UnusableKeyError("the key is also that of a folder of log files")
                    self._findings.refused[path] = UnusableKeyError("the key lies in a folder that is also a log file")
        for path in self._findings.refused:
            logs.pop(path, None)


def refusal(key: str) -> str | None:
    """Return why a key cannot be the path of a local file; None when it can."""
    if key.endswith("/"):
        return "the key ends with a slash, as that of a folder does"
    if any(part in ("", ".", "..") for part in key.split("/")):
        return "a part of the key is empty, '.' or '..'"
    if any(unicodedata.category(character) == "Cc" for character in key):
        return "the key holds a control character"
    return None


def folders_around(path: str) -> Iterator[str]:
    """Yield the paths of the folders that a path lies in."""
    place = path.find("/")
    while place >= 0:
        yield path[:place]
        place = path.find("/", place + 1)
