"""Refreshing AWS's addresses: the intervals say what a search through all prefixes says, and history stays."""

from __future__ import annotations

import csv
import functools
import http.client
import io
import ipaddress
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import refresh_ip_ranges
from shared import seed_files

Document = dict[str, Any]
Row = dict[str, str]

FIRST_DAY = ("1787411825", "2026-08-22-15-17-05")
LATER_DAY = ("1790000000", "2026-09-21-14-13-20")

# prefix, service, region, border group. A service in lower case is one nobody has a rule for.
IPV4 = [
    ("3.0.0.0/9", "AMAZON", "us-east-1", "us-east-1"),
    ("3.0.0.0/9", "EC2", "us-east-1", "us-east-1"),
    ("3.0.16.0/20", "S3", "us-east-1", "us-east-1"),  # inside, more specific
    ("3.0.16.0/20", "AMAZON", "us-east-1", "us-east-1"),
    ("3.0.17.0/24", "EC2", "us-east-1", "us-east-1-bos-1"),  # inside that, and longer than S3
    ("3.0.32.0/24", "DYNAMODB", "us-east-1", "us-east-1"),  # equal prefixes of four services
    ("3.0.32.0/24", "EC2", "us-east-1", "us-east-1"),
    ("3.0.32.0/24", "CLOUD9", "us-east-1", "us-east-1"),
    ("3.0.32.0/24", "AMAZON", "us-east-1", "us-east-1"),
    ("3.0.33.0/24", "KINESIS", "us-east-1", "us-east-1"),  # two others: by name
    ("3.0.33.0/24", "EBS", "us-east-1", "us-east-1"),
    ("3.0.34.0/24", "EC2", "us-east-1", "us-east-1"),
    ("3.0.34.0/24", "EC2_INSTANCE_CONNECT", "us-east-1", "us-east-1"),
    ("13.32.0.0/16", "CLOUDFRONT", "GLOBAL", "GLOBAL"),  # two neighbours that agree
    ("13.33.0.0/16", "CLOUDFRONT", "GLOBAL", "GLOBAL"),
    ("13.34.0.0/16", "CLOUDFRONT", "GLOBAL", "elsewhere"),  # a neighbour that does not
    ("43.255.0.0/16", "EC2", "eu-west-1", "eu-west-1"),  # neighbours that agree across a bucket border
    ("44.0.0.0/16", "EC2", "eu-west-1", "eu-west-1"),
    ("99.99.99.99/32", "ROUTE53", "GLOBAL", "GLOBAL"),
]
IPV6 = [
    ("2600:1f00::/24", "AMAZON", "us-west-2", "us-west-2"),
    ("2600:1f14::/35", "EC2", "us-west-2", "us-west-2"),
    ("2600:1f14:2000::/35", "EC2", "us-west-2", "us-west-2"),
    ("2600:1f14::/36", "S3", "us-west-2", "us-west-2"),
    ("2a05:d07f::/32", "EC2", "eu-west-2", "eu-west-2"),
    ("2a05:d07f::/32", "AMAZON", "eu-west-2", "eu-west-2"),
    ("2a04:ffff::/32", "EC2", "eu-west-2", "eu-west-2"),
    ("2a05::/32", "EC2", "eu-west-2", "eu-west-2"),
]
# In the order in which they win among equal prefixes.
SERVICES = [
    *("S3", "DYNAMODB", "CLOUDFRONT", "CLOUDFRONT_ORIGIN_FACING", "GLOBALACCELERATOR", "API_GATEWAY"),
    *("CLOUD9", "EBS", "KINESIS", "ROUTE53"),
    *("EC2_INSTANCE_CONNECT", "EC2", "AMAZON"),
]


def document(ipv4=IPV4, ipv6=IPV6, day: tuple[str, str] = FIRST_DAY) -> Document:
    """ip-ranges.json as AWS writes it."""

    def entries(prefixes, name: str) -> list[Row]:
        return [
            {name: prefix, "region": region, "service": service, "network_border_group": group}
            for prefix, service, region, group in prefixes
        ]

    return {
        "syncToken": day[0],
        "createDate": day[1],
        "prefixes": entries(ipv4, "ip_prefix"),
        "ipv6_prefixes": entries(ipv6, "ipv6_prefix"),
    }


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder with the two seeds, without rows."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "aws_ip_intervals.csv").write_text(
        "ip_version,start_hex,end_hex,start_int,end_int,service,region,network_border_group,valid_from,valid_to,source,"
        "confidence\n"
    )
    (folder / "aws_ip_snapshots.csv").write_text(
        "valid_from,created_at,sync_token,ipv4_prefix_count,ipv6_prefix_count,source,confidence\n"
    )
    return folder


@pytest.fixture
def refresh(seeds: Path, tmp_path: Path) -> Callable[..., int]:
    """Refresh the seeds from a document."""

    def run(content: Document | str, *more: str) -> int:
        file = tmp_path / "ip-ranges.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return refresh_ip_ranges.main([str(file), "--seeds", str(seeds), *more])

    return run


def rows(seeds: Path, name: str = "aws_ip_intervals") -> list[Row]:
    with (seeds / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def texts(seeds: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in seeds.iterdir()}


network_of = functools.cache(ipaddress.ip_network)


def searched(address: Any, prefixes: list[tuple[str, str, str, str]]) -> tuple[str, str, str] | None:
    """What an address is, looked up in every prefix."""
    found = []
    for prefix, service, region, group in prefixes:
        network = network_of(prefix)
        if address in network:
            found.append((-network.prefixlen, SERVICES.index(service), (service, region, group)))
    return min(found)[2] if found else None


def looked_up(address: Any, intervals: list[Row]) -> tuple[str, str, str] | None:
    """What an address is according to the seed; it must not be two things."""
    digits = f"{int(address):0{8 if address.version == 4 else 32}x}"
    found = [
        (row["service"], row["region"], row["network_border_group"] or row["region"])
        for row in intervals
        if row["ip_version"] == str(address.version) and row["start_hex"] <= digits <= row["end_hex"]
    ]
    assert len(found) <= 1, f"{address} lies in several intervals"
    return found[0] if found else None


def addresses(prefixes: list[tuple[str, str, str, str]], chance: random.Random) -> list[Any]:
    """The ends of every prefix, the addresses beside them, and some within."""
    found = []
    for prefix, *_ in prefixes:
        network = ipaddress.ip_network(prefix)
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        first, last = int(network[0]), int(network[-1])
        found += [kind(number) for number in (first, last, max(first - 1, 0), last + 1)]
        found += [kind(chance.randint(first, last)) for _ in range(10)]
    return found


def test_every_address_is_what_a_search_through_all_prefixes_finds(refresh, seeds: Path) -> None:
    assert refresh(document()) == 0
    intervals = rows(seeds)
    for prefixes in (IPV4, IPV6):
        for address in addresses(prefixes, random.Random(7)):
            assert looked_up(address, intervals) == searched(address, prefixes), address


@pytest.mark.parametrize("number", range(5))
def test_every_address_of_random_prefixes_is_what_a_search_finds(refresh, seeds: Path, number: int) -> None:
    chance = random.Random(number)
    ipv4, ipv6 = [], []
    for _ in range(120):
        # Few addresses in many lengths, so that most prefixes lie in others, and some begin alike.
        near_3 = chance.choice((2, 3)) << 24 | chance.getrandbits(10)
        near_2600 = 0x2600 << 112 | chance.getrandbits(12) << 100 | chance.getrandbits(4)
        for prefixes, address, lengths in ((ipv4, near_3, (6, 32)), (ipv6, near_2600, (12, 128))):
            kind = ipaddress.IPv4Network if prefixes is ipv4 else ipaddress.IPv6Network
            prefix = str(kind((address, chance.randint(*lengths)), strict=False))
            prefixes.append((prefix, chance.choice(SERVICES), "us-east-1", "us-east-1"))
    assert refresh(document(ipv4, ipv6)) == 0
    intervals = rows(seeds)
    for prefixes in (ipv4, ipv6):
        for address in addresses(prefixes, chance):
            assert looked_up(address, intervals) == searched(address, prefixes), address


def test_intervals_are_merged_cut_at_buckets_and_written_in_both_ways(refresh, seeds: Path) -> None:
    assert refresh(document()) == 0
    found = {(row["start_hex"], row["end_hex"]): row for row in rows(seeds)}
    cloudfront = found["0d200000", "0d21ffff"]  # 13.32.0.0 to 13.33.255.255
    assert (cloudfront["start_int"], cloudfront["end_int"]) == ("220200960", "220332031")
    assert (cloudfront["region"], cloudfront["network_border_group"]) == ("GLOBAL", "")
    assert found["0d220000", "0d22ffff"]["network_border_group"] == "elsewhere"
    assert ("2bff0000", "2bffffff") in found
    assert ("2c000000", "2c00ffff") in found
    assert ("2a04ffff" + "0" * 24, "2a04ffff" + "f" * 24) in found
    assert ("2a050000" + "0" * 24, "2a050000" + "f" * 24) in found
    assert ("26001f14" + "1" + "0" * 23, "26001f14" + "3" + "f" * 23) in found  # what S3 leaves of two EC2 prefixes
    for row in found.values():
        length = 2 if row["ip_version"] == "4" else 4
        assert row["start_hex"][:length] == row["end_hex"][:length]
        assert (row["valid_from"], row["valid_to"], row["source"]) == ("2026-08-22", "", "ip-ranges.json")
    assert [row["start_hex"] for row in found.values()] == sorted(
        (row["start_hex"] for row in found.values()), key=lambda digits: (len(digits), digits)
    )


def test_an_edition_becomes_a_snapshot(refresh, seeds: Path) -> None:
    assert refresh(document()) == 0
    assert rows(seeds, "aws_ip_snapshots") == [
        {
            "valid_from": "2026-08-22",
            "created_at": "2026-08-22 15:17:05",
            "sync_token": "1787411825",
            "ipv4_prefix_count": "19",
            "ipv6_prefix_count": "8",
            "source": "ip-ranges.json",
            "confidence": "verified",
        }
    ]


def test_history_is_kept(refresh, seeds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One interval goes, one comes, one changes its service; the others keep their row."""
    assert refresh(document()) == 0
    before = rows(seeds)
    later = [entry for entry in IPV4 if entry[0] not in ("99.99.99.99/32", "13.34.0.0/16")]
    later += [("13.34.0.0/16", "S3", "GLOBAL", "GLOBAL"), ("99.99.99.98/32", "ROUTE53", "GLOBAL", "GLOBAL")]
    capsys.readouterr()
    assert refresh(document(later, day=LATER_DAY)) == 0
    after = rows(seeds)
    spans = [(row["start_hex"], row["service"], row["valid_from"], row["valid_to"]) for row in after]
    changed = [span for span in spans if span[0] in ("0d220000", "63636362", "63636363")]
    assert changed == [
        ("0d220000", "CLOUDFRONT", "2026-08-22", "2026-09-20"),
        ("0d220000", "S3", "2026-09-21", ""),
        ("63636362", "ROUTE53", "2026-09-21", ""),
        ("63636363", "ROUTE53", "2026-08-22", "2026-09-20"),
    ]
    assert len(after) == len(before) + 2
    assert [row for row in before if row["start_hex"] not in ("0d220000", "63636363")] == [
        row for row in after if row["start_hex"] not in ("0d220000", "63636362", "63636363")
    ]
    assert [row["valid_from"] for row in rows(seeds, "aws_ip_snapshots")] == ["2026-08-22", "2026-09-21"]
    said = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert said["service"] == ["kept", "added", "ended"]
    assert said["CLOUDFRONT"] == ["1", "0", "1"]
    assert said["ROUTE53"] == ["0", "1", "1"]
    assert said["all"][1:] == ["2", "2"]


def test_what_comes_back_gets_a_row_of_its_own(refresh, seeds: Path) -> None:
    """Days on which AWS did not list an address stay days without it."""
    assert refresh(document()) == 0
    assert refresh(document(IPV4[:-1], day=LATER_DAY)) == 0
    assert refresh(document(day=("1792627200", "2026-10-22-00-00-00"))) == 0
    spans = [(row["valid_from"], row["valid_to"]) for row in rows(seeds) if row["start_hex"] == "63636363"]
    assert spans == [("2026-08-22", "2026-09-20"), ("2026-10-22", "")]


def test_a_dry_run_says_the_same_and_writes_nothing(refresh, seeds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = texts(seeds)
    assert refresh(document(), "--dry-run") == 0
    assert texts(seeds) == before
    planned = capsys.readouterr().out
    assert re.search(r"(?m)^CLOUDFRONT +0 +2 +0$", planned)
    assert refresh(document()) == 0
    assert capsys.readouterr().out == planned


def test_the_order_of_the_file_does_not_matter(refresh, seeds: Path, tmp_path: Path) -> None:
    assert refresh(document()) == 0
    straight = texts(seeds)
    for name in straight:
        (seeds / name).write_text(straight[name].splitlines()[0] + "\n")
    assert refresh(document(IPV4[::-1], IPV6[::-1])) == 0
    assert texts(seeds) == straight


def test_a_second_run_ends_what_a_broken_one_began(
    refresh, seeds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run stopped between the two files; the same edition is new once more."""
    assert refresh(document()) == 0
    replace, replaced = Path.replace, []

    def break_off(path: Path, target: Path) -> Path:
        if replaced:
            raise OSError(28, "No space left on device", str(target))
        replaced.append(target)
        return replace(path, target)

    later = document(IPV4[:-1], day=LATER_DAY)
    monkeypatch.setattr(Path, "replace", break_off)
    assert refresh(later) == 1
    monkeypatch.undo()
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "run again" in said
    assert "Nothing was written" not in said
    assert [path.name for path in replaced] == ["aws_ip_intervals.csv"]
    assert [path.name for path in seeds.iterdir() if "unfinished" in path.name] == []
    assert refresh(later) == 0
    spans = [(row["valid_from"], row["valid_to"]) for row in rows(seeds) if row["start_hex"] == "63636363"]
    assert spans == [("2026-08-22", "2026-09-20")]
    assert len(rows(seeds, "aws_ip_snapshots")) == 2


def without(key: str) -> Document:
    return {name: value for name, value in document(day=LATER_DAY).items() if name != key}


BAD_ENTRY = {"region": "us-east-1", "service": "EC2", "network_border_group": "us-east-1"}

REFUSED = {
    "no JSON": ("<html>", "no JSON"),
    "cut off": (json.dumps(document(day=LATER_DAY))[:-20], "no JSON"),
    "a list": ("[]", "found a JSON list"),
    "no prefixes": (without("prefixes"), "found no prefixes"),
    "no ipv6_prefixes": (without("ipv6_prefixes"), "found no ipv6_prefixes"),
    "no token": (without("syncToken"), "found no syncToken"),
    "a token of another time": ({**document(), "syncToken": "1787411826"}, "found 1787411826"),
    "a date that is none": ({**document(), "createDate": "2026-08-32-00-00-00"}, "2026-08-32"),
    "a prefix that is none": (
        {**document(day=LATER_DAY), "prefixes": [{"ip_prefix": "3.0.0.300/32", **BAD_ENTRY}]},
        "an IPv4 prefix in prefixes[0], found '3.0.0.300/32'",
    ),
    "a prefix with host bits": (
        {**document(day=LATER_DAY), "prefixes": [{"ip_prefix": "3.0.0.1/24", **BAD_ENTRY}]},
        "found '3.0.0.1/24'",
    ),
    "IPv6 among IPv4": (
        {**document(day=LATER_DAY), "prefixes": [{"ip_prefix": "2600::/16", **BAD_ENTRY}]},
        "an IPv4 prefix in prefixes[0]",
    ),
    "an entry without a service": (
        {**document(day=LATER_DAY), "prefixes": [{"ip_prefix": "3.0.0.0/24", "region": "us-east-1"}]},
        "service",
    ),
    "the same edition": (document(), "a day after 2026-08-22"),
    "an older edition": (document(day=("1784733425", "2026-07-22-15-17-05")), "found one of 2026-07-22"),
    "too few IPv4 prefixes": (document(IPV4[:9], day=LATER_DAY), "about 19 IPv4 prefixes"),
    "too few IPv6 prefixes": (document(ipv6=IPV6[:3], day=LATER_DAY), "about 8 IPv6 prefixes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_not_right_changes_nothing(
    refresh, seeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    assert refresh(document()) == 0
    before = texts(seeds)
    capsys.readouterr()
    content, message = REFUSED[what]
    assert refresh(content) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'ip-ranges.json'}: expected" in said
    assert message in said
    assert "Nothing was written." in said
    assert texts(seeds) == before


def test_half_of_the_prefixes_is_enough(refresh) -> None:
    assert refresh(document()) == 0
    assert refresh(document(IPV4[:10], IPV6[:4], day=LATER_DAY)) == 0


@pytest.mark.parametrize("source", ["http://example.com/ip-ranges.json", "ftp://example.com/x", "no/such/file.json"])
def test_a_source_that_cannot_be_read_is_named(seeds: Path, capsys: pytest.CaptureFixture[str], source: str) -> None:
    assert refresh_ip_ranges.main([source, "--seeds", str(seeds)]) == 2
    assert f"{source}: expected" in capsys.readouterr().err


def test_a_file_above_the_limit_is_refused(
    refresh, seeds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(refresh_ip_ranges, "LIMIT_BYTES", 100)
    assert refresh(document()) == 2
    assert "at most 100 bytes" in capsys.readouterr().err


def test_a_url_is_read_with_a_timeout(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Opener:
        def open(self, url: str, timeout: float) -> io.BytesIO:
            asked.append((url, timeout))
            return io.BytesIO(json.dumps(document()).encode())

    monkeypatch.setattr(seed_files.urllib.request, "build_opener", lambda handler: Opener())
    assert refresh_ip_ranges.main(["https://example.com/ip-ranges.json", "--seeds", str(seeds)]) == 0
    assert asked == [("https://example.com/ip-ranges.json", 60)]
    assert rows(seeds)


def test_an_answer_that_breaks_off_is_refused(
    seeds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Opener:
        def open(self, url: str, timeout: float) -> io.BytesIO:
            raise http.client.IncompleteRead(b"{")

    monkeypatch.setattr(seed_files.urllib.request, "build_opener", lambda handler: Opener())
    assert refresh_ip_ranges.main(["https://example.com/ip-ranges.json", "--seeds", str(seeds)]) == 2
    assert "https://example.com/ip-ranges.json: expected a file that can be read" in capsys.readouterr().err


def test_a_redirect_that_leaves_https_is_refused() -> None:
    request = seed_files.urllib.request.Request("https://example.com/a")
    with pytest.raises(seed_files.RefusedError, match=r"http://example\.com/b"):
        seed_files.HttpsOnly().redirect_request(request, None, 302, "Found", {}, "http://example.com/b")


def test_folders_without_the_seeds_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refresh_ip_ranges.main([str(tmp_path / "any"), "--seeds", str(tmp_path)]) == 2
    assert "aws_ip_intervals.csv: expected a seed" in capsys.readouterr().err


def test_regions_that_the_project_does_not_know_are_named(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (seeds / "regions.csv").write_text("region\nus-east-1\neu-west-1\nus-west-2\n")
    assert refresh(document()) == 0
    said = capsys.readouterr().err
    assert "no row for region eu-west-2" in said
    assert "region us-east-1" not in said
