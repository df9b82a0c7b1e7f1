"""What the caller may choose, and what every log kind hands back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Settings:
    """The arguments of one run: equal settings give equal bytes."""

    seed: int
    start_date: date
    days: int
    scale: int

    @property
    def event_days(self) -> list[date]:
        """The UTC days on which the records happen. Delivery reaches two days further."""
        return [self.start_date + timedelta(days=number) for number in range(self.days)]


@dataclass(frozen=True)
class SampleFile:
    """One file: its path below the output folder, with forward slashes, and its bytes."""

    path: str
    content: bytes


class LogKind(Protocol):
    """One kind of log. Its truth is complete once its files have all been taken."""

    name: str

    def files(self) -> Iterator[SampleFile]:
        """Yield every file of this kind, in an order that depends on the settings alone."""

    def truth(self) -> dict[str, Any]:
        """Return what a correct reader finds in the files, as plain JSON values."""
