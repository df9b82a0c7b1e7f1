"""Random values that are the same on every Python version and platform."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import TypeVar

Option = TypeVar("Option")


class RandomStream:
    """A stream of random values that depends on its names alone.

    Give every independent part its own names, for example seed, log kind, day and scenario: a part that is added
    later then changes no value of the others. Only `Random.random()` is used: it is the one method whose sequence
    Python promises to keep (library reference, "Notes on Reproducibility").
    """

    def __init__(self, *names: object) -> None:
        text = "/".join(str(name) for name in names)
        self._random = Random(int.from_bytes(sha256(text.encode()).digest(), "big"))

    def integer(self, lowest: int, highest: int) -> int:
        """Return a whole number between the two, both included."""
        return lowest + int(self._random.random() * (highest - lowest + 1))

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self._random.random() < probability

    def choice(self, options: Sequence[Option]) -> Option:
        """Return one of the options, each as likely as the others."""
        return options[self.integer(0, len(options) - 1)]

    def favourite(self, options: Sequence[Option]) -> Option:
        """Return one of the options, the first ones much more often."""
        position = self._random.random()
        return options[int(position * position * position * len(options))]

    def text(self, alphabet: str, length: int) -> str:
        """Return a text of this length, made of letters of the alphabet."""
        return "".join(self.choice(alphabet) for _ in range(length))

    def byte_count(self, smallest_power: int, largest_power: int) -> int:
        """Return a size between 2**smallest_power and 2**(largest_power + 1), small ones more often."""
        power = self.integer(smallest_power, largest_power)
        return 2**power + self.integer(0, 2**power - 1)
