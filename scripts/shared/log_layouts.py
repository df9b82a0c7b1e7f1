"""Which paths are log files of this project, and of which delivery day.

The layouts are read from the `external:` blocks of the sources, out of which the models read their files too: a path is
a log file here when macros/engine/duckdb/raw_file_pattern.sql and refresh_log_ledger.sql put it into the ledger, with
the same kind and day. Paths are relative to the folder of logs. The vars that narrow a table to a sub-path are ignored.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]

# Folders of days whoever writes them, plain and Hive-compatible, with and without leading zeros: what lies beside the
# logs is not to be listed whole either.
FOLDER_OF_DAYS = re.compile(
    r"(?:^|/)(?:year=)?((?:19|20)[0-9]{2})/(?:(?:month=)?([0-9]{1,2})/(?:(?:day=)?([0-9]{1,2})/)?)?$"
)
DATE_PARTS = {"year": "[0-9]{4}", "month": "[0-9]{2}", "day": "[0-9]{2}"}


@dataclass(frozen=True)
class LogFile:
    """What a path tells of a log file. Of snapshots every run reads all days."""

    source: str
    delivery_date: date
    reads_all_days: bool


@dataclass(frozen=True)
class Layout:
    """One of the folder layouts of a raw table. `dated_folder` matches its folders of years, months and days."""

    source: str
    reads_all_days: bool
    key_names: tuple[str, ...]
    file: re.Pattern[str]
    dated_folder: re.Pattern[str] | None

    def delivery_date(self, path: str) -> date | None:
        """Return the delivery day of a file of this layout, None when it is none or its day is not in the calendar."""
        match = self.file.fullmatch(path)
        if not match:
            return None
        values = dict(zip(self.key_names, match.groups(), strict=True))
        if "delivery_date" in values:
            text = values["delivery_date"].replace("/", "-")
        elif "day" in values:
            text = f"{values['year']}-{values['month']}-{values['day']}"
        else:
            text = re.search(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$", path)[1]
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None


class LogLayouts:
    """The layouts of all raw tables, the one that wins first."""

    def __init__(self, layouts: Sequence[Layout], neighbours: Mapping[str, str]) -> None:
        self._layouts = layouts
        self._neighbours = [(re.compile(pattern), description) for pattern, description in neighbours.items()]

    @classmethod
    def of_project(cls, project: Path = PROJECT) -> LogLayouts:
        """Read the sources of a project."""
        tables, neighbours = {}, {}
        for file in project.glob("models/staging/*/_*__sources.yml"):
            for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
                for table in source["tables"]:
                    if external := table.get("external"):
                        tables[f"{source['name']}.{table['name']}"] = (source["name"], external)
                        if beside := external.get("neighbours"):
                            neighbours[beside["pattern"]] = beside["description"]
        layouts = [layout for name in sorted(tables, reverse=True) for layout in read_layouts(*tables[name])]
        return cls(list(dict.fromkeys(layouts)), neighbours)

    def log_file(self, path: str) -> LogFile | None:
        """Return what a path tells of a log file, None when it is no log file."""
        for layout in self._layouts:
            if day := layout.delivery_date(path):
                return LogFile(layout.source, day, layout.reads_all_days)
        return None

    def neighbour(self, folder: str) -> str | None:
        """Return what a folder holds that AWS puts beside the logs and nobody reads; None when it is another folder."""
        return next((text for pattern, text in self._neighbours if pattern.search(f"/{folder}")), None)

    def is_dated_folder(self, folder: str, *, reads_all_days: bool) -> bool:
        """Tell whether a folder is one of years, months or days of a log, or of snapshots."""
        return any(
            layout.dated_folder is not None
            and layout.reads_all_days == reads_all_days
            and layout.dated_folder.fullmatch(folder) is not None
            for layout in self._layouts
        )


def read_layouts(source: str, external: Mapping[str, Any]) -> list[Layout]:
    """Return the layouts of a raw table, the one with the most keys first."""
    paths = external["layouts"].values() if "layouts" in external else [external.get("partition_path", "")]
    patterns = {partition["name"]: partition["pattern"] for partition in external.get("partitions", [])}
    layouts = []
    for path in (path.strip("/") for path in paths):
        folders = "".join(f"{with_patterns(folder, patterns)}/" for folder in path.split("/") if folder)
        layouts.append(
            Layout(
                source,
                bool(external.get("reads_all_days")),
                tuple(re.findall(r"\{([^{}]*)\}", path)),
                re.compile(rf"(?:.*/)?{folders}(?:[^/]*[^/0-9])?{external['file_name_pattern']}", re.DOTALL),
                dated_folder(path, patterns),
            )
        )
    return sorted(layouts, key=lambda layout: -len(layout.key_names))


def with_patterns(path: str, patterns: Mapping[str, str]) -> str:
    """Return a path with the pattern of each key, as a group, in the place of its name in braces."""
    return re.sub(r"\{([^{}]*)\}", lambda name: f"({patterns[name[1]]})", path)


def dated_folder(path: str, patterns: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return what matches the folders of years, months and days of a layout; None when it has none."""
    folders = path.replace("{delivery_date}", "{year}/{month}/{day}").split("/")
    start = next((place for place, folder in enumerate(folders) if "{year}" in folder), None)
    if start is None:
        return None
    before = "".join(f"{folder}/" for folder in folders[:start])
    year, month, day = folders[start : start + 3]
    return re.compile(
        with_patterns(f"(?:.*/)?{before}{year}/(?:{month}/(?:{day}/)?)?", DATE_PARTS | dict(patterns)), re.DOTALL
    )


def days_of_folder(folder: str) -> tuple[date, date] | None:
    """Return the first and the last day of a folder that is named after a year, month or day; None of any other."""
    match = FOLDER_OF_DAYS.search(folder)
    if not match:
        return None
    year, month, day = (part and int(part) for part in match.groups())
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    return first, date(year, month or 12, calendar.monthrange(year, month or 12)[1])
