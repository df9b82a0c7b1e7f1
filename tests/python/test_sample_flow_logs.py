"""The sample VPC flow logs: repeatable, laid out as AWS delivers them, and described by their truth to the byte.

The reader below is written apart from the generator: it sees nothing but the files. What leaves AWS is worked out from
the records once more, by rules of its own.
"""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path

import pyarrow.parquet
import pytest
from generate_sample_logs import main
from test_sample_logs import gap_hour_count

DAYS = [date(2026, 11, number) for number in range(1, 8)]

NAME = r"(?P=account)_vpcflowlogs_(?P=region)_(?P<flow_log>fl-[0-9a-f]{17})_(?P<at>\d{8}T\d{4})Z_[0-9a-f]{8}[.]"
PLAIN_FOLDER = r"/AWSLogs/(?P<account>\d{12})/vpcflowlogs/(?P<region>[a-z0-9-]+)/(?P<day>\d{4}/\d\d/\d\d)/"
HIVE_FOLDER = (
    r"/AWSLogs/aws-account-id=(?P<account>\d{12})/aws-service=vpcflowlogs/aws-region=(?P<region>[a-z0-9-]+)/"
    r"year=(?P<year>\d{4})/month=(?P<month>\d\d)/day=(?P<of_month>\d\d)/"
)
LAYOUTS = {
    "default": re.compile(r"vpc-flow-logs" + PLAIN_FOLDER + NAME + r"log[.]gz"),
    "custom": re.compile(r"vpc-flow-logs-custom" + PLAIN_FOLDER + r"(?P<hour>\d\d)/" + NAME + r"log[.]gz"),
    "parquet": re.compile(r"vpc-flow-logs-parquet" + HIVE_FOLDER + NAME + r"log[.]parquet"),
}
# The default format (VPC user guide, "Logging IP traffic using VPC Flow Logs").
DEFAULT_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
# Number fields, as the VPC user guide types them for Parquet.
INT_32 = ("version", "srcport", "dstport", "protocol", "tcp_flags", "traffic_path")
INT_64 = ("packets", "bytes", "start", "end")
# "NODATA" and "SKIPDATA" records have a dash for these.
FLOW_FIELDS = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action")

SHARED_ADDRESS_SPACE = ip_network("100.64.0.0/10")

Value = int | str | None


@dataclass(frozen=True)
class File:
    """A log file as found on disk."""

    path: str
    kind: str
    delivered_at: datetime
    account_id: str
    region: str
    header: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Row:
    """A readable record, its fields named with underscores, and the file that holds it."""

    file: File
    fields: dict[str, Value]

    def __getitem__(self, name: str) -> Value:
        return self.fields.get(name)

    def number(self, name: str) -> int:
        value = self.fields.get(name)
        assert isinstance(value, int)
        return value

    def address(self, name: str) -> str:
        value = self.fields.get(name)
        assert isinstance(value, str)
        return value

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.number("start"), UTC)

    @property
    def event_date(self) -> str:
        return self.started_at.date().isoformat()

    @property
    def days_late(self) -> int:
        return (self.file.delivered_at.date() - self.started_at.date()).days

    @property
    def has_flow(self) -> bool:
        return self["log_status"] == "OK"

    @property
    def is_accepted(self) -> bool:
        return self["action"] == "ACCEPT"


class Logs:
    """Everything below an output folder, read back."""

    def __init__(self, root: Path) -> None:
        self.truth = json.loads((root / "truth.json").read_text(encoding="utf-8"))["vpc_flow_logs"]
        self.other_paths: list[str] = []
        self.files = list(self._files(root))
        self.rows: list[Row] = []
        self.unreadable: list[tuple[File, tuple[Value, ...]]] = []
        for file in self.files:
            for values in file.values:
                fields = readable_fields(file.header, values)
                if fields is None:
                    self.unreadable.append((file, values))
                else:
                    self.rows.append(Row(file, fields))

    def _files(self, root: Path) -> Iterator[File]:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            name = path.relative_to(root).as_posix()
            if not name.startswith("vpc-flow-logs"):
                continue
            for kind, layout in LAYOUTS.items():
                if found := layout.fullmatch(name):
                    parts = found.groupdict()
                    header, values = (read_parquet if kind == "parquet" else read_text)(path)
                    delivered_at = datetime.strptime(parts["at"], "%Y%m%dT%H%M").replace(tzinfo=UTC)
                    yield File(name, kind, delivered_at, parts["account"], parts["region"], header, values)
                    break
            else:
                self.other_paths.append(name)

    @property
    def line_count(self) -> int:
        return sum(len(file.values) for file in self.files)

    def of(self, kind: str) -> list[Row]:
        """Return the rows of one flow log."""
        return [row for row in self.rows if row.file.kind == kind]

    def interface(self, name: str) -> dict[str, str]:
        """Return the only interface of the resource with this name."""
        (found,) = (interface for interface in self.truth["interfaces"] if interface["resource_name"] == name)
        return found

    def seen_at(self, name: str) -> list[Row]:
        """Return the rows of the resource's interfaces."""
        ids = {item["interface_id"] for item in self.truth["interfaces"] if item["resource_name"] == name}
        assert ids
        return [row for row in self.rows if row["interface_id"] in ids]


def read_text(path: Path) -> tuple[tuple[str, ...], tuple[tuple[Value, ...], ...]]:
    """Return the header and the values of each line; a dash is None."""
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    assert lines.pop() == "", f"{path} ends without a line end"
    header, *lines = lines
    names = tuple(name.replace("-", "_") for name in header.split(" "))
    return names, tuple(tuple(None if value == "-" else value for value in line.split(" ")) for line in lines)


def read_parquet(path: Path) -> tuple[tuple[str, ...], tuple[tuple[Value, ...], ...]]:
    """Return the columns and the rows."""
    table = pyarrow.parquet.ParquetFile(path).read()
    return tuple(table.column_names), tuple(zip(*(column.to_pylist() for column in table.columns), strict=True))


def readable_fields(header: tuple[str, ...], values: tuple[Value, ...]) -> dict[str, Value] | None:
    """Return the fields of a record, numbers as numbers; None when the values are not those of a record."""
    if len(values) != len(header):
        return None
    fields = dict(zip(header, values, strict=True))
    for name in (*INT_32, *INT_64):
        value = fields.get(name)
        if isinstance(value, str):
            if not value.isdecimal():
                return None
            fields[name] = int(value)
    start, end = fields["start"], fields["end"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    return fields if start <= end else None


@cache
def is_public(address: str) -> bool:
    """Return whether the address is one of the internet, by Python's own table."""
    parsed = ip_address(address)
    return not parsed.is_private and parsed not in SHARED_ADDRESS_SPACE


def summed(rows: Iterable[Row], key: Callable[[Row], tuple], measures: Callable[[Row], dict[str, int]]) -> dict:
    """Return the sums by key."""
    sums: dict[tuple, Counter[str]] = defaultdict(Counter)
    for row in rows:
        sums[key(row)].update(measures(row))
    return {group: dict(counts) for group, counts in sums.items()}


def told(rows: list[dict], key: Iterable[str], measures: Iterable[str]) -> dict:
    """Return the rows of a table of the truth by their key, which must be unique, or summed up to a shorter one."""
    sums: dict[tuple, Counter[str]] = defaultdict(Counter)
    for row in rows:
        sums[tuple(row[name] for name in key)].update({name: row[name] for name in measures})
    return {group: dict(counts) for group, counts in sums.items()}


@pytest.fixture(scope="module")
def week_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week") / "logs"
    assert main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def week(week_folder: Path) -> Logs:
    return Logs(week_folder)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every flow log file with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0].startswith("vpc-flow-logs")
    }


# --- The same arguments give the same bytes -------------------------------------------------------------------------


def test_a_second_run_writes_the_same_bytes(tmp_path: Path, week_folder: Path) -> None:
    assert main([str(tmp_path / "again")]) == 0
    again = contents(tmp_path / "again")
    assert len(again) == len(contents(week_folder)) > 100
    assert again == contents(week_folder)


def test_text_files_do_not_tell_when_they_were_made(week_folder: Path) -> None:
    times = {path.read_bytes()[4:8] for path in week_folder.rglob("*.log.gz")}
    assert times == {b"\0\0\0\0"}


def test_one_more_day_leaves_earlier_files_and_earlier_days_as_they_are(tmp_path: Path) -> None:
    assert main([str(tmp_path / "two"), "--days", "2"]) == 0
    assert main([str(tmp_path / "three"), "--days", "3"]) == 0
    two, three = Logs(tmp_path / "two"), Logs(tmp_path / "three")
    kept = {file.path for file in two.files if file.delivered_at.date() <= DAYS[1]}
    assert len(kept) == 37
    two_days, three_days = contents(tmp_path / "two"), contents(tmp_path / "three")
    assert {path: two_days[path] for path in kept} == {path: three_days[path] for path in kept}
    # Late records and those around midnight lie in files that the third day fills up.
    before = Counter(tuple(row.fields.items()) for row in two.rows)
    after = Counter(tuple(row.fields.items()) for row in three.rows if row.event_date <= "2026-11-02")
    assert before == after
    for table in ("network_traffic_daily", "internet_egress_daily", "nat_gateway_usage_daily"):
        assert two.truth[table] == [row for row in three.truth[table] if row["event_date"] <= "2026-11-02"]


def test_another_seed_changes_every_file(tmp_path: Path) -> None:
    assert main([str(tmp_path / "one"), "--days", "1"]) == 0
    assert main([str(tmp_path / "two"), "--days", "1", "--seed", "7"]) == 0
    one, two = ({file.values for file in Logs(tmp_path / name).files} for name in ("one", "two"))
    assert len(one) > 18
    assert one & two == set()


def test_scale_multiplies_the_records(tmp_path: Path) -> None:
    assert main([str(tmp_path / "one"), "--days", "1"]) == 0
    assert main([str(tmp_path / "three"), "--days", "1", "--scale", "3"]) == 0
    one, three = Logs(tmp_path / "one"), Logs(tmp_path / "three")
    assert 2.8 < len(three.rows) / len(one.rows) < 3.0
    assert {file.path for file in one.files} <= {file.path for file in three.files}


def test_start_date_moves_the_event_days(tmp_path: Path) -> None:
    assert main([str(tmp_path / "logs"), "--days", "1", "--start-date", "2024-02-29"]) == 0
    logs = Logs(tmp_path / "logs")
    assert {row.event_date for row in logs.rows} == {"2024-02-29"}
    assert {file.delivered_at.date().isoformat() for file in logs.files} == {"2024-02-29", "2024-03-01"}


# --- The layout -----------------------------------------------------------------------------------------------------


def test_the_week_is_small_and_has_a_handful_of_files_a_day(week: Logs) -> None:
    assert 10_000 < len(week.rows) < 20_000
    for kind in LAYOUTS:
        files = Counter(file.delivered_at.date() for file in week.files if file.kind == kind)
        assert {files[day] for day in DAYS} <= {6, 7}


def test_folders_are_those_of_the_delivery_day_and_hour(week: Logs) -> None:
    for file in week.files:
        found = LAYOUTS[file.kind].fullmatch(file.path)
        assert found
        parts = found.groupdict()
        day = parts.get("day") or f"{parts['year']}/{parts['month']}/{parts['of_month']}"
        assert day == f"{file.delivered_at:%Y/%m/%d}"
        assert parts.get("hour", f"{file.delivered_at:%H}") == f"{file.delivered_at:%H}"
        assert file.delivered_at.minute % 5 == 0


def test_each_flow_log_has_its_own_id_account_and_header(week: Logs) -> None:
    found = set()
    for file in week.files:
        layout = LAYOUTS[file.kind].fullmatch(file.path)
        assert layout
        fields = " ".join(file.header).replace("_", "-")
        found.add((layout["flow_log"], file.path.split("/")[0], file.account_id, file.region, fields))
    assert found == {
        (log["flow_log_id"], log["prefix"], log["account_id"], log["region"], log["fields"])
        for log in week.truth["flow_logs"]
    }
    assert sorted((prefix, account, region) for _, prefix, account, region, _ in found) == [
        ("vpc-flow-logs", "111122223333", "us-east-1"),
        ("vpc-flow-logs-custom", "111122223333", "us-east-1"),
        ("vpc-flow-logs-parquet", "444455556666", "eu-west-1"),
    ]
    formats = {log["prefix"]: (log["file_format"], log["fields"]) for log in week.truth["flow_logs"]}
    assert formats["vpc-flow-logs"] == ("plain-text", DEFAULT_HEADER)
    custom_format, custom_fields = formats["vpc-flow-logs-custom"]
    assert custom_format == "plain-text"
    assert not custom_fields.startswith(DEFAULT_HEADER)
    assert sorted(custom_fields.split(" ")) == sorted(formats["vpc-flow-logs-parquet"][1].split(" "))
    assert len(set(custom_fields.split(" "))) == 29
    assert formats["vpc-flow-logs-parquet"][0] == "parquet"


def test_parquet_columns_have_the_documented_types_and_compression(week_folder: Path, week: Logs) -> None:
    paths = [file.path for file in week.files if file.kind == "parquet"]
    assert len(paths) > 40
    for path in paths:
        file = pyarrow.parquet.ParquetFile(week_folder / path)
        for position, name in enumerate(file.schema_arrow.names):
            column = file.schema.column(position)
            expected = "INT32" if name in INT_32 else "INT64" if name in INT_64 else "BYTE_ARRAY"
            assert (name, column.physical_type) == (name, expected)
            assert expected != "BYTE_ARRAY" or str(column.converted_type) == "UTF8"
            assert "-" not in name
        chunks = [
            file.metadata.row_group(group).column(position).compression
            for group in range(file.num_row_groups)
            for position in range(len(file.schema_arrow.names))
        ]
        assert set(chunks) == {"GZIP"}


def test_other_files_are_named_in_the_truth(week: Logs) -> None:
    assert len(week.other_paths) == 3
    assert sorted(week.other_paths) == sorted(week.truth["ignored_files"])


def test_records_are_delivered_after_they_end_and_at_most_two_days_late(week: Logs) -> None:
    for row in week.rows:
        ended_at = datetime.fromtimestamp(row.number("end"), UTC)
        assert ended_at + timedelta(minutes=10) <= row.file.delivered_at
        assert row.days_late <= 2
    assert {date.fromisoformat(row.event_date) for row in week.rows} == set(DAYS)


# --- The truth ------------------------------------------------------------------------------------------------------


def test_totals_match_the_lines_on_disk(week: Logs) -> None:
    assert week.truth["totals"] == {
        "line_count": week.line_count,
        "record_count": len(week.rows),
        "unreadable_count": len(week.unreadable),
        "no_data_count": sum(row["log_status"] == "NODATA" for row in week.rows),
        "skipped_count": sum(row["log_status"] == "SKIPDATA" for row in week.rows),
        "late_count": sum(row.days_late > 0 for row in week.rows),
        "file_count": len(week.files),
        "empty_file_count": sum(not file.values for file in week.files),
    }
    assert week.line_count == len(week.rows) + len(week.unreadable)
    assert sum(week.truth["scenarios"].values()) == week.line_count
    assert min(week.truth["totals"].values()) > 0


def test_counts_by_delivery_day_match_the_files(week: Logs) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file in week.files:
        found[file.delivered_at.date().isoformat()].update(
            file_count=1, empty_file_count=int(not file.values), line_count=len(file.values), unreadable_count=0
        )
    for file, _ in week.unreadable:
        found[file.delivered_at.date().isoformat()]["unreadable_count"] += 1
    assert week.truth["delivery_days"] == found


def test_counts_by_event_day_match_the_lines(week: Logs) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in week.rows:
        found[row.event_date].update(
            line_count=1,
            record_count=1,
            no_data_count=int(row["log_status"] == "NODATA"),
            skipped_count=int(row["log_status"] == "SKIPDATA"),
            late_count=int(row.days_late > 0),
            unreadable_count=0,
        )
    for file, _ in week.unreadable:
        found[file.delivered_at.date().isoformat()].update(line_count=1, unreadable_count=1)
    assert week.truth["event_days"] == found


def test_coverage_rows_match_the_lines(week: Logs) -> None:
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    files: dict[tuple[str, ...], set[str]] = defaultdict(set)
    moments: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for row in week.rows:
        group = (row.event_date, row.file.account_id, row.file.region)
        counts[group].update(
            record_count=1,
            unreadable_count=0,
            no_data_count=int(row["log_status"] == "NODATA"),
            skipped_count=int(row["log_status"] == "SKIPDATA"),
            duplicate_count=0,
            late_count=int(row.days_late > 0),
        )
        files[group].add(row.file.path)
        moments[group].append(row.started_at)
    for file, _ in week.unreadable:
        group = (file.delivered_at.date().isoformat(), file.account_id, file.region)
        counts[group]["unreadable_count"] += 1
        files[group].add(file.path)
    assert week.truth["log_coverage_daily"] == [
        {
            **dict(zip(("event_date", "account_id", "region"), group, strict=True)),
            "file_count": len(files[group]),
            **counts[group],
            "gap_hour_count": gap_hour_count(moments[group]),
            "first_event_at": f"{min(moments[group]):%Y-%m-%dT%H:%M:%S}",
            "last_event_at": f"{max(moments[group]):%Y-%m-%dT%H:%M:%S}",
        }
        for group in sorted(counts)
    ]


def traffic_direction(row: Row) -> str:
    if not row.has_flow:
        return "unknown"
    source, destination = is_public(row.address("srcaddr")), is_public(row.address("dstaddr"))
    if source and destination:
        return "between_public"
    if source:
        return "inbound_from_public"
    return "outbound_to_public" if destination else "inside"


def test_traffic_rows_match_the_lines(week: Logs) -> None:
    outcomes = {"ACCEPT": "accepted", "REJECT": "rejected", None: ""}
    found = summed(
        week.rows,
        lambda row: (
            row.event_date,
            row.file.account_id if row["account_id"] in (None, "unknown") else row["account_id"],
            row["region"] or row.file.region,
            row["vpc_id"] or "unknown",
            row["interface_id"],
            {"NODATA": "no_data", "SKIPDATA": "skipped"}.get(row.address("log_status"), outcomes[row["action"]]),
            traffic_direction(row),
        ),
        lambda row: {"record_count": 1, "byte_count": row["bytes"] or 0, "packet_count": row["packets"] or 0},
    )
    key = ("event_date", "account_id", "region", "vpc_id", "interface_id", "record_outcome", "traffic_direction")
    table = week.truth["network_traffic_daily"]
    assert len(table) == len(found)
    assert told(table, key, ("record_count", "byte_count", "packet_count")) == found
    assert {row["traffic_direction"] for row in table} == {
        "inside",
        "outbound_to_public",
        "inbound_from_public",
        "between_public",
        "unknown",
    }
    assert {row["record_outcome"] for row in table} == {"accepted", "rejected", "no_data", "skipped"}


# --- What leaves, worked out from the records ------------------------------------------------------------------------


class Egress:
    """Attributes what leaves AWS, from the records and the inventory, without the story."""

    def __init__(self, week: Logs) -> None:
        self.week = week
        self.interfaces = {item["interface_id"]: item for item in week.truth["interfaces"]}
        self.owners = {item["private_address"]: item for item in week.truth["interfaces"]}
        self.own_ipv6 = {item["ipv6_address"] for item in week.truth["interfaces"]} - {None}
        # An interface that a custom flow log records needs no default one beside it.
        richer = {row["interface_id"] for row in week.rows if row.file.kind != "default"}
        self.rows = [
            row
            for row in week.rows
            if row.is_accepted and not (row.file.kind == "default" and row["interface_id"] in richer)
        ]

    def kind(self, row: Row) -> str:
        return self.interfaces[row.address("interface_id")]["resource_kind"]

    def leaving(self) -> Iterator[Row]:
        """Yield the records at the last interface before the public network."""
        for row in self.rows:
            item = self.interfaces[row.address("interface_id")]
            own = {item["private_address"], item["ipv6_address"]}
            if row["srcaddr"] not in own or not is_public(row.address("dstaddr")) or row["dstaddr"] in self.own_ipv6:
                continue
            if item["public_address"] is None and ":" not in row.address("dstaddr"):
                continue
            yield row

    def nat_entries(self) -> Iterator[tuple[Row, dict, str]]:
        """Yield the records of clients' packets on their way to a NAT gateway, with the client and the far end."""
        gateways = {item["vpc_id"] for item in self.interfaces.values() if item["resource_kind"] == "nat_gateway"}
        for row in self.rows:
            item = self.interfaces[row.address("interface_id")]
            if row.file.kind == "default":
                # Without packet addresses the gateway's records do not tell the client: its own do.
                is_entry = (
                    item["public_address"] is None
                    and item["vpc_id"] in gateways
                    and row["srcaddr"] == item["private_address"]
                    and is_public(row.address("dstaddr"))
                )
                if is_entry:
                    yield row, item, row.address("dstaddr")
                continue
            is_entry = row["flow_direction"] == "ingress" and row["dstaddr"] != row["pkt_dstaddr"]
            if is_entry and item["resource_kind"] == "nat_gateway":
                yield row, self.owners[row.address("pkt_srcaddr")], row.address("pkt_dstaddr")


def measured(row: Row) -> dict[str, int]:
    return {"byte_count": row.number("bytes"), "packet_count": row.number("packets"), "flow_count": 1}


MEASURES = ("byte_count", "packet_count", "flow_count")


def test_what_leaves_is_each_byte_at_its_last_interface_once(week: Logs) -> None:
    egress = Egress(week)
    found = summed(
        egress.leaving(),
        lambda row: (
            row.event_date,
            egress.interfaces[row["interface_id"]]["account_id"],
            "nat_gateway" if egress.kind(row) == "nat_gateway" else "others",
        ),
        measured,
    )
    table = [
        {**row, "way": "nat_gateway" if row["exit_path"] == "nat_gateway" else "others"}
        for row in week.truth["internet_egress_daily"]
    ]
    assert told(table, ("event_date", "account_id", "way"), MEASURES) == found
    assert len(found) == 7 * 2 * 2


def test_senders_with_an_address_of_their_own_are_told_by_the_interface(week: Logs) -> None:
    egress = Egress(week)
    found = summed(
        (row for row in egress.leaving() if egress.kind(row) != "nat_gateway"),
        lambda row: (row.event_date, egress.interfaces[row["interface_id"]]["resource_id"]),
        measured,
    )
    table = [row for row in week.truth["internet_egress_daily"] if row["exit_path"] != "nat_gateway"]
    assert told(table, ("event_date", "sender_id"), MEASURES) == found
    assert {(row["sender_kind"], row["exit_path"]) for row in table} == {
        ("load_balancer", "load_balancer"),
        ("ec2_instance", "internet_gateway"),
        ("ec2_instance", "ipv6_gateway"),
    }


def test_senders_behind_a_nat_gateway_are_told_by_the_packets_on_their_way_in(week: Logs) -> None:
    entries = {id(row): (client, far_end) for row, client, far_end in Egress(week).nat_entries()}
    rows = [row for row in week.rows if id(row) in entries]
    found = summed(rows, lambda row: (row.event_date, entries[id(row)][0]["resource_id"]), measured)
    table = [row for row in week.truth["internet_egress_daily"] if row["exit_path"] == "nat_gateway"]
    assert told(table, ("event_date", "sender_id"), MEASURES) == found
    assert {row["sender_kind"] for row in table} == {"ec2_instance", "lambda"}
    assert len({row["sender_id"] for row in table}) == 6


def test_destinations_are_those_that_the_records_name(week: Logs) -> None:
    egress = Egress(week)
    found = summed(
        (row for row in egress.leaving() if row.file.kind != "default"),
        lambda row: (row.event_date, row.file.account_id, row["pkt_dst_aws_service"] or "internet"),
        lambda row: {"byte_count": row.number("bytes")},
    )
    legacy = {item["resource_id"] for item in week.truth["interfaces"] if item["private_address"].startswith("10.16.")}
    table = [row for row in week.truth["internet_egress_daily"] if row["sender_id"] not in legacy]
    assert told(table, ("event_date", "account_id", "destination_kind"), ("byte_count",)) == found
    regions = {(row["destination_kind"], row["destination_region"]) for row in table}
    assert regions == {
        ("internet", "none"),
        ("S3", "us-east-1"),
        ("S3", "eu-west-1"),
        ("DYNAMODB", "us-east-1"),
        ("DYNAMODB", "eu-west-1"),
        ("EC2", "us-east-1"),
        ("EC2", "eu-west-1"),
    }


def test_nat_gateways_process_what_enters_them_from_both_sides(week: Logs) -> None:
    egress = Egress(week)
    gateways = {
        item["interface_id"]: item for item in week.truth["interfaces"] if item["resource_kind"] == "nat_gateway"
    }
    found = summed(
        (
            row
            for row in egress.rows
            if row["interface_id"] in gateways and row["dstaddr"] == gateways[row["interface_id"]]["private_address"]
        ),
        lambda row: (row.event_date, gateways[row["interface_id"]]["resource_id"]),
        lambda row: {"processed_byte_count": row.number("bytes")},
    )
    table = week.truth["nat_gateway_usage_daily"]
    assert told(table, ("event_date", "nat_gateway_id"), ("processed_byte_count",)) == found
    assert len(found) == 3 * 7


def test_nat_usage_is_what_each_client_s_own_interface_exchanged(week: Logs) -> None:
    egress = Egress(week)
    clients = {row["client_id"] for row in week.truth["nat_gateway_usage_daily"]}
    assert len(clients) == 6
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in egress.rows:
        item = egress.interfaces[row.address("interface_id")]
        if item["resource_id"] in clients and (is_public(row.address("srcaddr")) or is_public(row.address("dstaddr"))):
            found[row.event_date, item["resource_id"]]["processed_byte_count"] += row.number("bytes")
    table = week.truth["nat_gateway_usage_daily"]
    assert told(table, ("event_date", "client_id"), ("processed_byte_count",)) == found


def test_egress_is_far_less_than_all_records_with_a_public_destination(week: Logs) -> None:
    naive = sum(row.number("bytes") for row in week.rows if row.has_flow and is_public(row.address("dstaddr")))
    assert naive > 1.1 * sum(row["byte_count"] for row in week.truth["internet_egress_daily"])


# --- The story ------------------------------------------------------------------------------------------------------


def test_interfaces_of_the_truth_are_those_of_the_records(week: Logs) -> None:
    interfaces = {item["interface_id"]: item for item in week.truth["interfaces"]}
    assert len(interfaces) == len(week.truth["interfaces"])
    assert {row["interface_id"] for row in week.rows} == interfaces.keys()
    for row in week.rows:
        item = interfaces[row["interface_id"]]
        if row.file.kind != "default":
            assert (row["vpc_id"], row["subnet_id"], row["az_id"], row["region"]) == (
                item["vpc_id"],
                item["subnet_id"],
                item["az_id"],
                item["region"],
            )
            assert row["instance_id"] == (item["resource_id"] if item["resource_kind"] == "ec2_instance" else None)
        if row.has_flow:
            assert {row["srcaddr"], row["dstaddr"]} & {item["private_address"], item["ipv6_address"]}
    assert {item["resource_kind"] for item in interfaces.values()} == {
        "ec2_instance",
        "nat_gateway",
        "load_balancer",
        "lambda",
        "vpc_endpoint",
    }


@pytest.mark.parametrize("name", ["example-main-nat", "example-europe-nat"])
def test_a_nat_gateway_shows_four_kinds_of_record(week: Logs, name: str) -> None:
    own = week.interface(name)["private_address"]
    kinds = Counter(
        (
            row["flow_direction"],
            row["traffic_path"],
            row["srcaddr"] == own,
            row["dstaddr"] == own,
            row["srcaddr"] == row["pkt_srcaddr"],
            row["dstaddr"] == row["pkt_dstaddr"],
        )
        for row in week.seen_at(name)
        if row.is_accepted
    )
    assert set(kinds) == {
        ("ingress", None, False, True, True, False),
        ("egress", 8, True, False, True, True),
        ("ingress", None, False, True, True, True),
        ("egress", 1, True, False, False, True),
    }
    assert len(set(kinds.values())) == 1


def test_one_client_pulls_more_from_s3_of_its_region_than_all_others_through_nat_gateways(week: Logs) -> None:
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in week.truth["nat_gateway_usage_daily"]:
        sums[row["client_id"], row["destination_service"], row["destination_region"]] += row["processed_byte_count"]
    (first, first_bytes), *others = sums.most_common()
    assert first == (week.interface("batch-0142")["resource_id"], "S3", "us-east-1")
    assert first_bytes > 10 * sum(byte_count for _, byte_count in others)
    assert week.interface("example-main-nat")["public_address"] == "3.2.64.18"


def test_a_public_instance_sends_ten_times_more_on_the_sixth_day(week: Logs) -> None:
    sent: Counter[str] = Counter()
    for row in week.seen_at("partner-export"):
        if row["dstaddr"] == "192.52.193.140":
            sent[row.event_date] += row.number("bytes")
    assert 9 < sent["2026-11-06"] / sent["2026-11-05"] < 11
    assert 9 < sent["2026-11-06"] / sent["2026-11-07"] < 11


def test_the_fourth_day_is_quiet(week: Logs) -> None:
    records = {day: counts["record_count"] for day, counts in week.truth["event_days"].items()}
    assert 0 < records["2026-11-04"] * 4 < min(count for day, count in records.items() if day != "2026-11-04")


def test_one_address_takes_most_of_what_the_load_balancer_sends(week: Logs) -> None:
    sent: Counter[str] = Counter()
    for row in week.seen_at("example-web"):
        if row["flow_direction"] == "egress" and is_public(row.address("dstaddr")):
            sent[row.address("dstaddr")] += row.number("bytes")
    (first, first_bytes), *others = sent.most_common()
    assert first == "192.175.48.77"
    assert first_bytes > 10 * sum(byte_count for _, byte_count in others)
    assert len(others) > 20


def test_one_interface_is_recorded_by_two_flow_logs_and_no_other(week: Logs) -> None:
    holders: dict[str, set[str]] = defaultdict(set)
    for row in week.rows:
        holders[row.address("interface_id")].add(row.file.kind)
    doubled = {interface_id for interface_id, kinds in holders.items() if len(kinds) > 1}
    assert doubled == {week.interface("mail-relay")["interface_id"]}
    rows = {
        kind: Counter(
            tuple(row[name.replace("-", "_")] for name in DEFAULT_HEADER.split(" ") if name != "version")
            for row in week.seen_at("mail-relay")
            if row.file.kind == kind
        )
        for kind in ("default", "custom")
    }
    assert rows["default"] == rows["custom"]
    assert len(rows["default"]) > 300


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [("custom", "web-1", "web-2"), ("default", "database-1", "database-2"), ("parquet", "search-1", "search-2")],
)
def test_instances_in_two_zones_log_the_same_bytes(week: Logs, kind: str, one: str, other: str) -> None:
    ends = [week.interface(name) for name in (one, other)]
    assert ends[0]["az_id"] != ends[1]["az_id"]
    addresses = {end["private_address"] for end in ends}
    seen = {
        end["resource_name"]: Counter(
            (row["srcaddr"], row["dstaddr"], row["srcport"], row["bytes"], row["packets"], row["start"])
            for row in week.of(kind)
            if row["interface_id"] == end["interface_id"]
            and {row["srcaddr"], row["dstaddr"]} == addresses
            and row["protocol"] == 6
        )
        for end in ends
    }
    assert seen[one] == seen[other]
    assert seen[one].total() > 300


def test_scans_from_the_internet_are_rejected(week: Logs) -> None:
    rejected = [row for row in week.rows if row["action"] == "REJECT"]
    scans = [row for row in rejected if is_public(row.address("srcaddr"))]
    assert len(scans) > 700
    assert {row.file.kind for row in scans} == set(LAYOUTS)
    assert {row["flow_direction"] for row in scans if row.file.kind != "default"} == {"ingress"}
    assert all(row["tcp_flags"] == 2 for row in scans if row.file.kind != "default")
    outbound = [row for row in rejected if is_public(row.address("dstaddr"))]
    assert {row.file.kind for row in outbound} == {"default", "custom"}
    assert len(scans) + len(outbound) == len(rejected)


def test_every_traffic_path_of_the_story_occurs(week: Logs) -> None:
    paths = Counter(row["traffic_path"] for row in week.rows if row["flow_direction"] == "egress" and row.is_accepted)
    assert set(paths) == {1, 2, 3, 4, 5, 7, 8}
    assert min(paths.values()) > 40
    for row in week.rows:
        assert row["flow_direction"] == "egress" or row["traffic_path"] is None


def test_gateway_endpoints_are_no_egress(week: Logs) -> None:
    senders = {row["sender_id"] for row in week.truth["internet_egress_daily"]}
    for name, address, path in (("batch-0143", "10.0.12.44", 7), ("report-reader", "10.0.27.3", 2)):
        sent = [row for row in week.seen_at(name) if row["flow_direction"] == "egress"]
        assert {(row["srcaddr"], row["traffic_path"], row["pkt_dst_aws_service"]) for row in sent} == {
            (address, path, "S3")
        }
        assert week.interface(name)["resource_id"] not in senders


def test_ipv6_is_public_on_both_ends_even_inside_a_network(week: Logs) -> None:
    rows = [row for row in week.rows if row["type"] == "IPv6"]
    own = {item["ipv6_address"] for item in week.truth["interfaces"]} - {None}
    assert {traffic_direction(row) for row in rows} == {"between_public"}
    inside = [row for row in rows if {row["srcaddr"], row["dstaddr"]} <= own]
    assert len(inside) > 300
    assert {row["traffic_path"] for row in inside} == {1, None}
    assert {row.file.kind for row in week.rows if ":" in (row["srcaddr"] or "")} == set(LAYOUTS)
    ways = Counter(row["exit_path"] for row in week.truth["internet_egress_daily"])
    assert ways["ipv6_gateway"] == 5 * 7  # senders and days


@pytest.mark.parametrize("kind", sorted(LAYOUTS))
def test_records_without_a_flow_have_none_of_its_fields(week: Logs, kind: str) -> None:
    statuses = Counter(row["log_status"] for row in week.of(kind))
    assert set(statuses) == {"OK", "NODATA", "SKIPDATA"}
    assert min(statuses.values()) >= 7
    for row in week.of(kind):
        missing = {name for name in FLOW_FIELDS if row[name] is None}
        assert missing == (set() if row.has_flow else set(FLOW_FIELDS))


def test_accounts_of_endpoints_are_unknown_or_a_dash(week: Logs) -> None:
    accounts = {(row.file.kind, row["account_id"]) for row in week.rows}
    assert accounts == {
        ("default", "111122223333"),
        ("default", None),
        ("custom", "111122223333"),
        ("custom", "unknown"),
        ("parquet", "444455556666"),
        ("parquet", "unknown"),
    }
    assert {row["account_id"] for row in week.truth["network_traffic_daily"]} == {"111122223333", "444455556666"}


@pytest.mark.parametrize("kind", sorted(LAYOUTS))
def test_counters_do_not_fit_32_bits(week: Logs, kind: str) -> None:
    byte_counts = {row["bytes"] for row in week.of(kind)}
    assert byte_counts >= {2**31, 2**32 + 1, 10**12}
    assert max(row["packets"] or 0 for row in week.of(kind)) == 3 * 10**9


def test_records_that_are_the_same_in_every_field_both_count(week: Logs) -> None:
    for kind in LAYOUTS:
        copies = Counter(tuple(row.fields.values()) for row in week.of(kind))
        assert Counter(copies.values())[2] >= 7
        assert all(count <= 2 for count in copies.values())
    assert week.truth["scenarios"]["identical_records"] == 2 * 3 * 7


def test_protocols_without_ports_have_port_0(week: Logs) -> None:
    protocols = Counter(row["protocol"] for row in week.rows if row.has_flow)
    assert set(protocols) == {1, 6, 17, 47, 50}
    for row in week.rows:
        if row["protocol"] in (1, 47, 50):
            assert row["srcport"] == row["dstport"] == 0


def test_unreadable_lines_are_damaged_in_four_ways(week: Logs) -> None:
    damages: Counter[tuple[str, str]] = Counter()
    for file, values in week.unreadable:
        fields = dict(zip(file.header, values, strict=False))
        if len(values) != len(file.header):
            damage = "few" if len(values) < len(file.header) else "many"
        elif fields["bytes"] == "many":
            damage = "word"
        else:
            damage = "end" if int(fields["start"] or 0) > int(fields["end"] or 0) else "none"
        damages[file.kind, damage] += 1
    ways = ("few", "many", "word", "end")
    assert damages == {
        **{("default", damage): 3 for damage in ways},
        **{("custom", damage): 3 for damage in ways},
        ("parquet", "end"): 3,
    }


def test_two_files_have_a_header_and_nothing_else(week: Logs) -> None:
    empty = [(file.kind, file.delivered_at.date().isoformat()) for file in week.files if not file.values]
    assert sorted(empty) == [("custom", "2026-11-05"), ("default", "2026-11-02")]


@pytest.mark.parametrize("kind", sorted(LAYOUTS))
def test_late_records_and_midnight(week: Logs, kind: str) -> None:
    rows = week.of(kind)
    assert {row.days_late for row in rows} >= {0, 1}
    assert {f"{row.started_at:%H:%M:%S}" for row in rows} >= {"00:00:00", "23:59:58", "23:59:59"}
    days: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        days[row.file.path].add(row.event_date)
    assert sum(len(found) > 1 for found in days.values()) >= 6
    late_by_more_than_the_next_file = [
        row for row in rows if row.file.delivered_at - row.started_at > timedelta(days=1)
    ]
    assert len(late_by_more_than_the_next_file) > 50
