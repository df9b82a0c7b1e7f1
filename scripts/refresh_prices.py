#!/usr/bin/env python3
"""Bring the seeds of list prices up to date from offer files of the AWS Price List.

Usage: python scripts/refresh_prices.py FILE_OR_URL... [--seeds seeds/prices] [--dry-run]

A URL is that of an offer and a region, such as
https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSDataTransfer/current/eu-west-1/index.json
Offers: AWSDataTransfer, AmazonEC2 (NAT gateways), AmazonVPC (endpoints, peering, transit gateways, public IPv4) and
AmazonS3 (requests), of all regions or of one; docs/reference_data.md says which product becomes which row. Files are
read piece by piece, so that their size does not matter. Regions come from regions.csv in the folder aws beside the
seeds.

History is kept: a price that differs begins a new row on the day the offer gives (valid_from), and the old one ends on
the day before (valid_to). A price that is the same is confirmed: the row becomes `verified`. A row that was `assumed`
ends even then, because its own days stay assumed. Rows without news stay. Changes are printed as a table, and what was
ignored is counted and named.

Exit codes: 0 written, or listed with --dry-run; 1 likewise, but prices that contradict each other were left out, or the
seeds could not be written; 2 wrong arguments, or refused: the message says why, and nothing is written.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.price_list import Offer, Price, Tier, read_offer
from shared.seed_files import NotWrittenError, RefusedError, Row, csv_text, read_rows, table, write_files

DEFAULT_SEEDS = Path(__file__).resolve().parent.parent / "seeds" / "prices"
CURRENCIES = {"USD", "CNY"}
UNITS = {"gb": "GB", "hrs": "hour", "hours": "hour", "hour": "hour", "requests": "request"}
LARGEST_SCALE = 8  # digits behind the point that the seeds' decimal(18,8) holds
EXAMPLE_COUNT = 3
ANY = "*"

# What usage types start with: the prefix of a region and a hyphen, or nothing in us-east-1.
PREFIX = r"(?:(?P<prefix>[A-Z]{2,3}[0-9]?)-)?"
REGION_PAIR = r"(?P<prefix>[A-Z]{2,3}[0-9]?)-(?P<to>[A-Z]{2,3}[0-9]?)-AWS-Out-Bytes"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Seed:
    """A seed of prices: what makes a row's key, and where its price stands."""

    name: str
    key_columns: tuple[str, ...]
    price_column: str
    has_tiers: bool = False
    extra_columns: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in the order of the file."""
        tiers = ("tier_start_gb", "tier_end_gb") if self.has_tiers else ()
        scope = ("tier_scope",) if self.has_tiers else ()
        validity = ("valid_from", "valid_to", "source", "confidence", "observed_on", "note")
        return (*self.key_columns, *tiers, self.price_column, *self.extra_columns, "currency", *scope, *validity)


TRANSFER = Seed(
    "data_transfer_prices", ("aws_partition", "region", "traffic_class", "destination"), "price_per_gb", has_tiers=True
)
HOURLY = Seed("hourly_prices", ("aws_partition", "region", "item"), "price_per_hour", extra_columns=("unit",))
S3 = Seed("s3_prices", ("aws_partition", "region", "storage_class", "request_price_tier"), "price_per_1000")
SEEDS = (TRANSFER, HOURLY, S3)


@dataclass(frozen=True)
class Rule:
    """Which product of an offer becomes which row. The usage type without its prefix must be the whole of `usage`."""

    offer: str
    usage: str
    seed: Seed
    what: tuple[str, ...]  # the key behind partition and region
    unit: str
    attributes: tuple[tuple[str, str], ...] = ()
    tier_scope: str = "none"
    quantity: int = 1  # how many the seed's price is for
    texts: tuple[tuple[str, str], ...] = ()  # other columns of a new row


BOTH_SIDES = (("note", "per direction: sender pays once and receiver pays once (0.02 per GB moved)"),)
PER_ENDPOINT = (("unit", "per endpoint, per AZ and hour"),)
PER_GATEWAY = (("unit", "per gateway and hour (zonal); a regional gateway counts once per AZ"),)
PER_AZ = (("unit", "per AZ the gateway spans and hour"),)
PER_ATTACHMENT = (("unit", "per attachment and hour"),)
PER_ADDRESS = (("unit", "per public IPv4 address and hour, in use or idle"),)
NAT = (("productFamily", "NAT Gateway"),)
TO_VPC = (("operation", "TransitGatewayVPC"),)
TIERED = "account_region_month"

RULES = (
    Rule(
        "AWSDataTransfer",
        "DataTransfer-Out-Bytes",
        TRANSFER,
        ("internet_egress", "internet"),
        "GB",
        (("transferType", "AWS Outbound"),),
        TIERED,
    ),
    Rule(
        "AWSDataTransfer",
        "DataTransfer-Regional-Bytes",
        TRANSFER,
        ("cross_az", "same_region"),
        "GB",
        (("transferType", "IntraRegion"),),
        texts=BOTH_SIDES,
    ),
    Rule("AmazonEC2", "NatGateway-Bytes", TRANSFER, ("nat_gateway_processing", "any"), "GB", NAT),
    Rule("AmazonEC2", "NatGateway-Hours", HOURLY, ("nat_gateway_hour",), "hour", NAT, texts=PER_GATEWAY),
    Rule("AmazonEC2", "RegionalNatGateway-Hours", HOURLY, ("regional_nat_gateway_hour",), "hour", NAT, texts=PER_AZ),
    Rule(
        "AmazonVPC",
        "VpcEndpoint-Bytes",
        TRANSFER,
        ("interface_endpoint_processing", "any"),
        "GB",
        tier_scope=TIERED,
    ),
    Rule("AmazonVPC", "VpcEndpoint-GWLBE-Bytes", TRANSFER, ("gwlb_endpoint_processing", "any"), "GB"),
    Rule("AmazonVPC", "VpcPeering-In-Bytes", TRANSFER, ("vpc_peering_cross_az", "same_region"), "GB", texts=BOTH_SIDES),
    Rule(
        "AmazonVPC", "VpcPeering-Out-Bytes", TRANSFER, ("vpc_peering_cross_az", "same_region"), "GB", texts=BOTH_SIDES
    ),
    Rule("AmazonVPC", "TransitGateway-Bytes", TRANSFER, ("transit_gateway_processing", "any"), "GB", TO_VPC),
    Rule("AmazonVPC", "VpcEndpoint-Hours", HOURLY, ("interface_endpoint_hour",), "hour", texts=PER_ENDPOINT),
    Rule("AmazonVPC", "VpcEndpoint-GWLBE-Hours", HOURLY, ("gwlb_endpoint_hour",), "hour", texts=PER_ENDPOINT),
    Rule(
        "AmazonVPC",
        "TransitGateway-Hours",
        HOURLY,
        ("transit_gateway_attachment_hour",),
        "hour",
        TO_VPC,
        texts=PER_ATTACHMENT,
    ),
    # An address costs the same in use and idle; were they to differ, the run says so and takes neither.
    Rule("AmazonVPC", "PublicIPv4:InUseAddress", HOURLY, ("public_ipv4_hour",), "hour", texts=PER_ADDRESS),
    Rule("AmazonVPC", "PublicIPv4:IdleAddress", HOURLY, ("public_ipv4_hour",), "hour", texts=PER_ADDRESS),
    Rule(
        "AmazonS3",
        "Requests-Tier1",
        S3,
        ("STANDARD", "put_tier"),
        "request",
        (("group", "S3-API-Tier1"),),
        quantity=1000,
        texts=(("note", "PUT, COPY, POST, LIST"),),
    ),
    Rule(
        "AmazonS3",
        "Requests-Tier2",
        S3,
        ("STANDARD", "get_tier"),
        "request",
        (("group", "S3-API-Tier2"),),
        quantity=1000,
        texts=(("note", "GET, SELECT and all other requests"),),
    ),
)
INTER_REGION = Rule(
    "AWSDataTransfer",
    "",
    TRANSFER,
    ("inter_region_egress",),
    "GB",
    (("transferType", "InterRegion Outbound"),),
)
OFFERS = sorted({rule.offer for rule in RULES})


@dataclass(frozen=True)
class Quote:
    """What the Price List says about one key of a seed."""

    rule: Rule
    key: Key
    tiers: tuple[Tier, ...]
    currency: str
    effective_date: date
    offer: Offer

    @property
    def source(self) -> str:
        """What the seeds write as source."""
        return f"AWS Price List {self.offer.code} {self.offer.publication_date}"


@dataclass
class Ignored:
    """Products that become no row, counted by reason and with some of their usage types."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, group: str, reason: str, name: str) -> None:
        """Count a product."""
        self.counts[group, reason] += 1
        names = self.examples[group, reason]
        if len(names) < EXAMPLE_COUNT and name not in names:
            names.append(name)

    def lines(self) -> Iterator[str]:
        """Yield a line for each group and reason."""
        for (group, reason), count in sorted(self.counts.items()):
            names = self.examples[group, reason]
            more = ", .." if count > len(names) else ""
            yield f"ignored: {group}: {reason}: {count} ({', '.join(names)}{more})"


@dataclass(frozen=True)
class Regions:
    """The regions that the project knows."""

    rows: dict[str, Row]
    by_prefix: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Regions:
        """Read regions.csv. Raises RefusedError."""
        needed = ("region", "aws_partition", "currency", "usage_type_prefix", "usage_type_prefix_alt", "status")
        rows = {row["region"]: row for row in read_rows(path, needed)}
        prefixes = {
            row[column]: name
            for name, row in rows.items()
            for column in ("usage_type_prefix", "usage_type_prefix_alt")
            if row[column] not in ("", "(none)")
        }
        return cls(rows, prefixes)

    def find(self, code: str, prefix: str | None) -> str:
        """Return the region of a code and of a prefix, either of which may be missing; nothing where they disagree."""
        by_prefix = self.by_prefix.get(prefix or "", "")
        if not code:
            return by_prefix
        return code if code in self.rows and by_prefix in ("", code) else ""

    def partition(self, region: str) -> str:
        """Return the partition of a region."""
        return self.rows[region]["aws_partition"]

    def others(self, region: str) -> int:
        """Return how many other regions of its partition are open."""
        return sum(
            row["aws_partition"] == self.partition(region) and row["status"] == "available" and name != region
            for name, row in self.rows.items()
        )


# --- Read


class Reader:
    """Reads offer files into quotes."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self.quotes: list[Quote] = []
        self.ignored = Ignored()

    def read(self, source: str) -> None:
        """Take the quotes of a file. Raises RefusedError."""
        found: dict[str, tuple[Rule, Key, str]] = {}

        def wanted(offer: Offer, sku: str, product: dict[str, Any]) -> bool:
            attributes = {"productFamily": product.get("productFamily", ""), **product["attributes"]}
            match = self._matched(offer, attributes)
            if match:
                found[sku] = (*match, attributes["usagetype"])
            return match is not None

        quotes = []
        for offer, sku, price in read_offer(source, check_offer, wanted):
            rule, key, usage_type = found.pop(sku)
            if price is None:
                self.ignored.add(offer.code, "no price on demand", usage_type)
            else:
                quotes.append(self._quoted(offer, rule, key, usage_type, price))
        self.quotes += [*fallback_quotes(quotes, self._regions), *quotes]

    def _matched(self, offer: Offer, attributes: dict[str, str]) -> tuple[Rule, Key] | None:
        usage_type = attributes.get("usagetype", "")
        place = attributes.get("fromLocationType") or attributes.get("locationType") or "AWS Region"
        rule, match = rule_of(offer, usage_type)
        if rule is None or match is None:
            family = attributes["productFamily"] or "no product family"
            self.ignored.add(offer.code, f"{family}, no rule for the usage type", usage_type)
            return None
        for name, value in rule.attributes:
            if attributes.get(name) != value:
                self.ignored.add(offer.code, f"{name} is not '{value}'", usage_type)
                return None
        if {place, attributes.get("toLocationType") or place} - {"AWS Region", "Other"}:
            self.ignored.add(offer.code, "not in a region", usage_type)
            return None
        code = attributes.get("fromRegionCode") or attributes.get("regionCode") or ""
        region = self._regions.find(code, match["prefix"])
        if not region:
            self.ignored.add(offer.code, "region not in regions.csv, or not that of the usage type", usage_type)
            return None
        what = rule.what
        if rule is INTER_REGION:
            destination = self._regions.find(attributes.get("toRegionCode") or "", match["to"])
            if not destination or self._regions.partition(destination) != self._regions.partition(region):
                self.ignored.add(offer.code, "destination not in regions.csv, or in another partition", usage_type)
                return None
            what = (*what, destination)
        return rule, (self._regions.partition(region), region, *what)

    def _quoted(self, offer: Offer, rule: Rule, key: Key, usage_type: str, price: Price) -> Quote:
        where = f"{offer.source}, {usage_type}"
        own_currency = self._regions.rows[key[1]]["currency"]
        if price.currency not in CURRENCIES or price.currency != own_currency:
            raise RefusedError(
                f"{where}: expected a price in {own_currency} for {key[1]}, one of {', '.join(sorted(CURRENCIES))}; "
                f"found {price.currency}. Correct regions.csv, or leave the file out: currencies are never mixed."
            )
        if UNITS.get(price.unit.lower()) != rule.unit:
            raise RefusedError(
                f"{where}: expected a price per {rule.unit}, found one per '{price.unit}'. "
                "Leave the file out, or teach this script the unit."
            )
        tiers = tuple((start, end, amount * rule.quantity) for start, end, amount in price.tiers)
        if any(amount.normalize().as_tuple().exponent < -LARGEST_SCALE for *_, amount in tiers):
            raise RefusedError(
                f"{where}: expected at most {LARGEST_SCALE} digits behind the point, found {price_text(tiers)}. "
                "Widen the column types in _prices__seeds.yml first."
            )
        if len(tiers) > 1 and not rule.seed.has_tiers:
            raise RefusedError(
                f"{where}: expected one price, found tiers: {price_text(tiers)}. {rule.seed.name} has no tiers; "
                "leave the file out."
            )
        return Quote(rule, key, tiers, price.currency, price.effective_date, offer)


def check_offer(offer: Offer) -> None:
    """Refuse an offer for which there are no rules."""
    if offer.code not in OFFERS:
        raise RefusedError(
            f"{offer.source}: expected an offer of {', '.join(OFFERS)}, found '{offer.code}'. Name another file."
        )


def rule_of(offer: Offer, usage_type: str) -> tuple[Rule | None, re.Match[str] | None]:
    """Return the rule for a usage type. The whole of it has to fit: RegionalNatGateway-Hours ends in another's name."""
    if offer.code == INTER_REGION.offer and (match := re.fullmatch(REGION_PAIR, usage_type)):
        return INTER_REGION, match
    for rule in RULES:
        if rule.offer == offer.code and (match := re.fullmatch(PREFIX + re.escape(rule.usage), usage_type)):
            return rule, match
    return None, None


def fallback_quotes(quotes: Sequence[Quote], regions: Regions) -> Iterator[Quote]:
    """Yield what most other regions cost from a region, as the price of `*`.

    Most means more than half of those that the project knows, so that a file with a few pairs says nothing of the rest.
    """
    by_region = defaultdict(list)
    for quote in quotes:
        if quote.rule is INTER_REGION:
            by_region[quote.key[1]].append(quote)
    for region, pairs in by_region.items():
        tiers, count = Counter(quote.tiers for quote in pairs).most_common(1)[0]
        others = regions.others(region)
        if others > 1 and count > others / 2:
            newest = max((quote for quote in pairs if quote.tiers == tiers), key=lambda quote: quote.effective_date)
            key = (*newest.key[:-1], ANY)
            yield Quote(newest.rule, key, tiers, newest.currency, newest.effective_date, newest.offer)


def chosen_quotes(quotes: Iterable[Quote]) -> tuple[list[Quote], list[str]]:
    """Return one quote a key, of the newest file that has it, and a line for each key whose quotes contradict."""
    by_key: dict[tuple[str, Key], list[Quote]] = defaultdict(list)
    for quote in quotes:
        by_key[quote.rule.seed.name, quote.key].append(quote)
    chosen, contradictions = [], []
    for (name, key), found in by_key.items():
        newest_day = max(quote.offer.publication_date for quote in found)
        newest = [quote for quote in found if quote.offer.publication_date == newest_day]
        if len({quote.tiers for quote in newest}) == 1:
            chosen.append(max(newest, key=lambda quote: quote.effective_date))
        else:
            prices = sorted({price_text(quote.tiers) for quote in newest})
            contradictions.append(f"{name}: {', '.join(key)}: {' against '.join(prices)}")
    # Fallbacks first: whether a pair needs a row of its own depends on them.
    chosen.sort(key=lambda quote: (ANY not in quote.key, quote.rule.seed.name, quote.key))
    return chosen, sorted(contradictions)


# --- Compare


@dataclass(frozen=True)
class Change:
    """A price that is new, differs, or is no longer assumed."""

    quote: Quote
    old_tiers: tuple[Tier, ...]
    valid_from: date


class Prices:
    """The rows of a seed."""

    def __init__(self, seed: Seed, rows: list[Row]) -> None:
        self.seed = seed
        self.rows = rows
        self.changes: list[Change] = []
        self.outcomes: Counter[str] = Counter()

    def take(self, quote: Quote) -> None:
        """Let a quote confirm, end or begin rows."""
        history = self._of(quote.key)
        held = [row for row in history if not row["valid_to"]]
        observed = max((row["observed_on"] for row in held if row["confidence"] != "assumed"), default="")
        if observed > str(quote.offer.publication_date):
            self.outcomes["older than what is held"] += 1
        elif held and self._tiers(held) == quote.tiers and all(row["confidence"] != "assumed" for row in held):
            self.outcomes["confirmed"] += 1
            self._confirm(held, quote)
        elif not history and self._is_covered(quote):
            self.outcomes["covered by a row for all (*)"] += 1
        else:
            self._change(quote, history, held)

    def _of(self, key: Key) -> list[Row]:
        return [row for row in self.rows if tuple(row[column] for column in self.seed.key_columns) == key]

    def _tiers(self, rows: Iterable[Row]) -> tuple[Tier, ...]:
        return tuple(
            sorted(
                (
                    int(row.get("tier_start_gb") or 0),
                    int(row["tier_end_gb"]) if row.get("tier_end_gb") else None,
                    Decimal(row[self.seed.price_column]),
                )
                for row in rows
            )
        )

    def _is_covered(self, quote: Quote) -> bool:
        """Tell whether the row that holds without one of its own says the same, and is verified."""
        partition, region, *what = quote.key
        places = [(partition, place, *what) for place in (region, ANY)]
        if quote.rule.seed is TRANSFER:
            name, destination = what
            places = [(partition, place, name, to) for place in (region, ANY) for to in (destination, ANY)]
        for key in places:
            held = [row for row in self._of(key) if not row["valid_to"]]
            if held:
                return self._tiers(held) == quote.tiers and all(row["confidence"] == "verified" for row in held)
        return False

    def _confirm(self, held: Sequence[Row], quote: Quote) -> None:
        for row in held:
            sources = [
                part for part in row["source"].split("; ") if not part.startswith(f"AWS Price List {quote.offer.code} ")
            ]
            row["source"] = "; ".join([*sources, quote.source])
            row["confidence"] = "verified"
            row["observed_on"] = str(quote.offer.publication_date)

    def _change(self, quote: Quote, history: Sequence[Row], held: Sequence[Row]) -> None:
        last_day = max((date.fromisoformat(row["valid_to"] or row["valid_from"]) for row in history), default=date.min)
        # A row may begin on a day that is only roughly known; the new one begins after it all the same.
        days = [day for day in (quote.effective_date, quote.offer.publication_date) if day > last_day]
        if not days:
            self.outcomes["older than what is held"] += 1
            return
        valid_from = days[0]
        self.changes.append(Change(quote, self._tiers(held), valid_from))
        for row in held:
            row["valid_to"] = str(valid_from - timedelta(days=1))
        place = self._place(quote.key)
        self.rows[place:place] = list(self._new_rows(quote, valid_from, held))

    def _place(self, key: Key) -> int:
        """Return where new rows go: behind those of their key, else behind those of the same partition and thing."""
        columns = self.seed.key_columns
        thing = {"aws_partition": key[0], columns[2]: key[2]}
        places = [
            place
            for place, row in enumerate(self.rows, 1)
            if all(row[column] == value for column, value in thing.items()) and row["region"] != ANY
        ]
        own = [place for place, row in enumerate(self.rows, 1) if tuple(row[column] for column in columns) == key]
        return max(own or places, default=len(self.rows))

    def _new_rows(self, quote: Quote, valid_from: date, held: Sequence[Row]) -> Iterator[Row]:
        texts = dict(quote.rule.texts)
        if held and "unit" in texts:
            texts["unit"] = held[0]["unit"]
        if valid_from != quote.effective_date:
            late = f"in force since {quote.effective_date}, before the row that it replaces begins"
            texts["note"] = "; ".join(filter(None, (texts.get("note"), late)))
        for start, end, price in quote.tiers:
            row = {
                **dict.fromkeys(self.seed.columns, ""),
                **dict(zip(self.seed.key_columns, quote.key, strict=True)),
                self.seed.price_column: decimal_text(price),
                "currency": quote.currency,
                "valid_from": str(valid_from),
                "source": quote.source,
                "confidence": "verified",
                "observed_on": str(quote.offer.publication_date),
                **texts,
            }
            if self.seed.has_tiers:
                has_scope = len(quote.tiers) > 1
                row["tier_start_gb"] = str(start)
                row["tier_end_gb"] = "" if end is None else str(end)
                row["tier_scope"] = TIERED if has_scope else quote.rule.tier_scope
            yield row


# --- Say


def decimal_text(price: Decimal) -> str:
    """Return a price as the seeds write it."""
    return f"{price.normalize():f}"


def price_text(tiers: Iterable[Tier]) -> str:
    """Return prices in a line."""
    return ", ".join(f"{decimal_text(price)} from {start}" for start, _, price in tiers)


def change_rows(prices: Prices) -> Iterator[tuple[str, ...]]:
    """Yield a line of the table for each tier of each change."""
    for change in prices.changes:
        old = {start: price for start, _, price in change.old_tiers}
        new = {start: price for start, _, price in change.quote.tiers}
        _, region, *what = change.quote.key
        for start in sorted(old.keys() | new.keys()):
            yield (
                prices.seed.name,
                region,
                " ".join(what),
                str(start),
                decimal_text(old[start]) if start in old else "-",
                decimal_text(new[start]) if start in new else "-",
                change.quote.currency,
                str(change.valid_from),
            )


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"refresh_prices: {text}", file=sys.stderr)


def refresh(sources: Sequence[str], folder: Path, *, dry_run: bool) -> bool:
    """Bring the seeds up to date; return whether nothing contradicted itself. Raises RefusedError."""
    paths = {seed.name: folder / f"{seed.name}.csv" for seed in SEEDS}
    prices = {seed.name: Prices(seed, read_rows(paths[seed.name], seed.columns)) for seed in SEEDS}
    reader = Reader(Regions.read(folder.parent / "aws" / "regions.csv"))
    for source in sources:
        reader.read(source)
    quotes, contradictions = chosen_quotes(reader.quotes)
    for quote in quotes:
        prices[quote.rule.seed.name].take(quote)
    header = ("seed", "region", "what", "tier", "old price", "new price", "currency", "valid from")
    print(table(header, [line for held in prices.values() for line in change_rows(held)]))
    outcomes = sum((held.outcomes for held in prices.values()), Counter())
    outcomes["changed or new"] = sum(len(held.changes) for held in prices.values())
    for line in reader.ignored.lines():
        say(line)
    for line in contradictions:
        say(f"left out, because two products of one offer contradict each other: {line}")
    say("; ".join(f"{what}: {count}" for what, count in sorted(outcomes.items())))
    if dry_run:
        say("nothing written")
        return not contradictions
    write_files({paths[name]: csv_text(held.seed.columns, held.rows) for name, held in prices.items()})
    say(f"written to {folder}")
    return not contradictions


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "sources", metavar="FILE_OR_URL", nargs="+", help="index.json of an offer, local files or https URLs"
    )
    parser.add_argument("--seeds", type=Path, default=DEFAULT_SEEDS, help="folder of the seeds (default: seeds/prices)")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, and write nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the seeds up to date, and return the exit code."""
    options = read_arguments(arguments)
    try:
        is_clear = refresh(options.sources, options.seeds, dry_run=options.dry_run)
    except RefusedError as error:
        say(f"{error} Nothing was written.")
        return 2
    except NotWrittenError as error:
        say(str(error))
        return 1
    return 0 if is_clear else 1


if __name__ == "__main__":
    sys.exit(main())
