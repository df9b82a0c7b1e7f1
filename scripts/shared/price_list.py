"""Reads an offer file of the AWS Price List piece by piece, so that the size of a file does not matter.

The format: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-files.html
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.seed_files import RefusedError, chunks

LIMIT_BYTES = 8 * 1024**3  # AmazonEC2 of all regions has a few GB
# A product or its terms have some thousand characters; what does not end within these is no offer file.
LONGEST_VALUE = 32 * 1024 * 1024
AGAIN = "Download it again: index.json of an offer and a region, unchanged."

# First GB, inclusive; last GB, exclusive, None without an end; price of a unit.
Tier = tuple[int, int | None, Decimal]


@dataclass(frozen=True)
class Offer:
    """What an offer file says of itself."""

    source: str
    code: str
    publication_date: date


@dataclass(frozen=True)
class Price:
    """The prices on demand of a product, by tiers of its volume."""

    tiers: tuple[Tier, ...]
    unit: str
    currency: str
    effective_date: date


class JsonStream:
    """A JSON document, read value by value. Raises RefusedError where it is none."""

    def __init__(self, source: str, pieces: Iterator[bytes]) -> None:
        self._source = source
        self._texts = codecs.iterdecode(pieces, "utf-8")
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._place = 0

    def members(self) -> Iterator[str]:
        """Yield the keys of an object; the caller reads the value of each before it asks for the next."""
        self._take("{")
        while self.next_character() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise self._refuse("a key", repr(key)[:50])
            self._take(":")
            yield key
            if self.next_character() != "}":
                self._take(",")
        self._take("}")

    def value(self) -> Any:
        """Read a whole value."""
        self.next_character()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if len(self._text) - self._place > LONGEST_VALUE or not self._read_more():
                    raise self._refuse("JSON to its end", f"{error.msg} or the end of the file") from error
                continue
            except RecursionError as error:
                raise self._refuse("an offer file", "JSON nested too deeply") from error
            # A number could go on in the next piece.
            if end == len(self._text) and self._read_more():
                continue
            self._place = end
            return value

    def next_character(self) -> str:
        """Return the next character that is no blank, without taking it; nothing at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in " \t\r\n":
                self._place += 1
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._read_more():
                return ""

    def _take(self, character: str) -> None:
        found = self.next_character()
        if found != character:
            raise self._refuse(f"'{character}'", f"'{found}'" if found else "the end of the file")
        self._place += 1

    def _read_more(self) -> bool:
        try:
            more = next(self._texts, None)
        except UnicodeDecodeError as error:
            raise self._refuse("UTF-8", str(error)) from error
        if more is None:
            return False
        self._text = self._text[self._place :] + more
        self._place = 0
        return True

    def _refuse(self, expected: str, found: str) -> RefusedError:
        return RefusedError(f"{self._source}: expected {expected}, found {found}. {AGAIN}")


def read_offer(
    source: str, check: Callable[[Offer], None], wanted: Callable[[Offer, str, dict[str, Any]], bool]
) -> Iterator[tuple[Offer, str, Price | None]]:
    """Yield offer, SKU and price on demand of every wanted product, None where it has no price on demand.

    `check` sees the offer before its products, `wanted` each product. Of a product that is not wanted nothing is kept.
    Raises RefusedError.
    """
    stream = JsonStream(source, chunks(source, LIMIT_BYTES))
    head: dict[str, Any] = {}
    offer: Offer | None = None
    skus: set[str] = set()
    has_terms = False
    for key in stream.members():
        if key == "products":
            offer = read_head(source, head)
            check(offer)
            for sku in stream.members():
                product = stream.value()
                if not isinstance(product, dict) or not isinstance(product.get("attributes"), dict):
                    raise RefusedError(f"{source}: expected attributes in product {sku}, found none. {AGAIN}")
                if wanted(offer, sku, product):
                    skus.add(sku)
        elif key == "terms":
            if offer is None:
                raise RefusedError(f"{source}: expected products before terms, found terms first. {AGAIN}")
            has_terms = True
            for kind in stream.members():
                for sku in stream.members():
                    terms = stream.value()
                    if kind == "OnDemand" and sku in skus:
                        skus.remove(sku)
                        yield offer, sku, read_price(source, sku, terms)
        else:
            head[key] = stream.value()
    if offer is None or not has_terms:
        raise RefusedError(
            f"{source}: expected products and terms of an offer, found {', '.join(head) or 'none'}. {AGAIN}"
        )
    if rest := stream.next_character():
        raise RefusedError(f"{source}: expected the end of the file, found '{rest}'. {AGAIN}")
    for sku in sorted(skus):
        yield offer, sku, None


def read_head(source: str, head: dict[str, Any]) -> Offer:
    """Read what stands before the products."""
    missing = [key for key in ("offerCode", "publicationDate") if not isinstance(head.get(key), str)]
    if missing:
        raise RefusedError(f"{source}: expected {' and '.join(missing)} before the products, found none. {AGAIN}")
    return Offer(source, head["offerCode"], read_day(source, "publicationDate", head["publicationDate"]))


def read_day(source: str, name: str, text: Any) -> date:
    """Return the UTC day of a time."""
    try:
        return datetime.fromisoformat(text).date()
    except (TypeError, ValueError) as error:
        raise RefusedError(f"{source}: expected a time in {name}, found {text!r}. {AGAIN}") from error


def read_price(source: str, sku: str, terms: Any) -> Price:
    """Read the terms of a product; of several the one that came into force last."""
    where = f"{source}, product {sku}"
    try:
        term = max(terms.values(), key=lambda term: term["effectiveDate"])
        dimensions = list(term["priceDimensions"].values())
        units = {dimension["unit"] for dimension in dimensions}
        currencies = {currency for dimension in dimensions for currency in dimension["pricePerUnit"]}
        if len(units) != 1 or len(currencies) != 1:
            raise RefusedError(
                f"{where}: expected one unit and one currency, found {sorted(units)} and {sorted(currencies)}. {AGAIN}"
            )
        (unit,), (currency,) = units, currencies
        tiers = sorted(
            (
                int(dimension.get("beginRange", "0")),
                None if (end := dimension.get("endRange", "Inf")) == "Inf" else int(end),
                Decimal(dimension["pricePerUnit"][currency]),
            )
            for dimension in dimensions
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise RefusedError(
            f"{where}: expected terms with prices by range, found {json.dumps(terms)[:400]}. {AGAIN}"
        ) from error
    limits = [0, *(end for _, end, _ in tiers)]
    if [start for start, _, _ in tiers] != limits[:-1] or limits[-1] is not None:
        raise RefusedError(f"{where}: expected ranges from 0 to Inf without a gap, found {tiers}. {AGAIN}")
    if any(not price.is_finite() or price < 0 for _, _, price in tiers):
        raise RefusedError(f"{where}: expected prices of at least 0, found {tiers}. {AGAIN}")
    return Price(tuple(tiers), unit, currency, read_day(where, "effectiveDate", term["effectiveDate"]))
