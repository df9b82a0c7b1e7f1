"""What the truths of all log kinds have in common: their tables of days and of coverage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Key = tuple[str, ...]
Counts = Mapping[str, Counter[str]]

COVERAGE_KEY = ("event_date", "account_id", "region")


def days_as_json(
    days: Counts, delivery_days: Counts, names: Sequence[str], file_names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return `totals`, `event_days` and `delivery_days`; `names` and `file_names` are the counts of the two."""
    totals = sum(days.values(), Counter())
    file_totals = sum(delivery_days.values(), Counter())
    return {
        "totals": {
            **{name: totals[name] for name in names},
            "file_count": file_totals["file_count"],
            "empty_file_count": file_totals["empty_file_count"],
        },
        "event_days": {day: {name: counts[name] for name in names} for day, counts in days.items()},
        "delivery_days": {day: {name: counts[name] for name in file_names} for day, counts in delivery_days.items()},
    }


def coverage_as_json(
    coverage: Mapping[Key, Counter[str]],
    names: Sequence[str],
    files: Mapping[Key, set[str]],
    moments: Mapping[Key, Sequence[datetime]],
) -> list[dict[str, Any]]:
    """Return the rows of `log_coverage_daily`; `moments` are when the events of a row that has any were."""

    def measures(key: Key) -> dict[str, Any]:
        told = moments.get(key, ())
        first, last = min(told, default=None), max(told, default=None)
        hours = {moment.hour for moment in told}
        return {
            "file_count": len(files[key]),
            **{name: coverage[key][name] for name in names},
            "gap_hour_count": len(set(range(min(hours), max(hours) + 1)) - hours) if hours else 0,
            "first_event_at": iso_seconds(first),
            "last_event_at": iso_seconds(last),
        }

    return [row(COVERAGE_KEY, key, measures(key)) for key in sorted(coverage)]


def row(key_names: Key, key: Key, measures: dict[str, Any]) -> dict[str, Any]:
    """Return one row of a table."""
    return {**dict(zip(key_names, key, strict=True)), **measures}


def iso_seconds(moment: datetime | None) -> str | None:
    """Return a UTC moment as `2026-11-01T23:59:59`."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}"
