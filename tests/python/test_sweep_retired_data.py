"""The sweep deletes what no table shows any more, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import sweep_retired_data
from moto import mock_aws

NUMBERS = itertools.count(1)
# moto stamps objects and tables with the time of the test; a sweep looks back from later.
LATER = timedelta(hours=25)


@dataclass
class Account:
    """A bucket and a schema of their own in an emulated account."""

    s3: Any
    glue: Any
    bucket: str
    schema: str

    @property
    def data(self) -> str:
        """The data location, without the slash at the end."""
        return f"s3://{self.bucket}/warehouse"

    def put(self, *paths: str) -> None:
        """Store an object of seven bytes at each path of the data location."""
        for path in paths:
            self.s3.put_object(Bucket=self.bucket, Key=f"warehouse/{path}", Body=b"parquet")

    def paths(self) -> set[str]:
        """Return the paths that are stored in the data location."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="warehouse/")
        return {entry["Key"].removeprefix("warehouse/") for page in pages for entry in page.get("Contents", [])}

    def create_table(self, name: str, location: str, *days: str, **parameters: str) -> None:
        """Create a table partitioned by day; a day is `2026-11-01:<prefix>`, its folder lies below that prefix."""
        self.glue.create_table(
            DatabaseName=self.schema,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {"Columns": [{"Name": "label", "Type": "string"}], "Location": location},
                "PartitionKeys": [{"Name": "event_date", "Type": "date"}],
                "Parameters": parameters,
            },
        )
        for day, _, prefix in (entry.partition(":") for entry in days):
            self.point(name, day, f"{self.data}/{prefix}/event_date={day}/")

    def point(self, table: str, day: str, location: str) -> None:
        """Add a partition to a table."""
        self.glue.create_partition(
            DatabaseName=self.schema,
            TableName=table,
            PartitionInput={"Values": [day], "StorageDescriptor": {"Location": location}, "Parameters": {}},
        )

    def table_names(self) -> set[str]:
        """Return the names of the schema's tables."""
        return {table["Name"] for table in self.glue.get_tables(DatabaseName=self.schema)["TableList"]}

    def sweep(self, *flags: str, after: timedelta = LATER, data: str | None = None, schema: str | None = None) -> int:
        """Run the script some time from now, and return its exit code."""
        arguments = ["--data", data or self.data, "--schema", schema or self.schema, *flags]
        return sweep_retired_data.main(arguments, now=datetime.now(UTC) + after)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Emulate an account; the region is where dbt has it. What other tests keep in the emulation stays."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    emulation = mock_aws()
    emulation.start(reset=False)
    try:
        number = next(NUMBERS)
        made = Account(
            boto3.client("s3", "us-east-1"), boto3.client("glue", "us-east-1"), f"sweep-{number}", f"sweep_{number}"
        )
        made.s3.create_bucket(Bucket=made.bucket)
        made.glue.create_database(DatabaseInput={"Name": made.schema})
        yield made
    finally:
        emulation.stop(remove_data=False)


def two_runs(account: Account) -> tuple[set[str], set[str]]:
    """Store a table that two runs wrote; return the paths that it shows, and those that it does not."""
    top = f"{account.schema}/daily"
    shown = {f"{top}/one/event_date=2026-11-01/a", f"{top}/two/event_date=2026-11-02/a"}
    retired = {f"{top}/one/event_date=2026-11-02/a", f"{top}/one/event_date=2026-11-02/b"}
    retired.add(f"{top}/two/event_date=__HIVE_DEFAULT_PARTITION__/a")
    account.put(*shown, *retired)
    account.create_table("daily", f"{account.data}/{top}/empty", f"2026-11-01:{top}/one", f"2026-11-02:{top}/two")
    return shown, retired


def test_only_a_run_with_apply_deletes(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The default shows what would go: table, prefix, objects, bytes, age, and a total."""
    shown, retired = two_runs(account)

    assert account.sweep() == 0
    assert account.paths() == shown | retired
    printed = capsys.readouterr().out
    rows = [line.split() for line in printed.splitlines()]
    assert ["daily", f"{account.data}/{account.schema}/daily/one/", "2", "14", "25"] in rows
    assert ["daily", f"{account.data}/{account.schema}/daily/two/", "1", "7", "25"] in rows
    assert "Total: 2 prefixes, 3 objects, 21 bytes" in printed
    assert "Nothing was deleted" in printed

    assert account.sweep("--apply") == 0
    assert account.paths() == shown
    assert "Deleted 3 objects." in capsys.readouterr().out


def test_objects_within_the_grace_period_stay(account: Account) -> None:
    """An open query may still read what was retired a moment ago."""
    shown, retired = two_runs(account)
    assert account.sweep("--apply", after=timedelta(hours=23)) == 0
    assert account.paths() == shown | retired
    assert account.sweep("--apply", "--older-than-hours", "22", after=timedelta(hours=23)) == 0
    assert account.paths() == shown


def test_nothing_outside_the_schema_of_the_data_location_is_touched(account: Account) -> None:
    """Neighbours whose names begin alike are not the schema's."""
    two_runs(account)
    neighbours = {f"{account.schema}_dev/daily/one/a", f"other/{account.schema}/daily/one/a", "loose"}
    account.put(*neighbours)
    account.s3.put_object(Bucket=account.bucket, Key=f"elsewhere/{account.schema}/daily/one/a", Body=b"")
    assert account.sweep("--apply", "--include-unknown") == 0
    assert neighbours < account.paths()
    account.s3.head_object(Bucket=account.bucket, Key=f"elsewhere/{account.schema}/daily/one/a")


def test_folders_of_no_table_are_left_alone_unless_asked_for(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table whose entry in Glue was lost can be restored as long as its data are there."""
    shown, retired = two_runs(account)
    lost = f"{account.schema}/lost/one/event_date=2026-11-01/a"
    account.put(lost)
    assert account.sweep("--apply") == 0
    assert account.paths() == shown | {lost}
    assert "of no table: left alone" in capsys.readouterr().out
    assert account.sweep("--apply", "--include-unknown") == 0
    assert account.paths() == shown
    assert retired.isdisjoint(account.paths())


def test_what_a_table_location_or_a_projection_shows_stays(account: Account) -> None:
    """Tables without partitions, and tables in the middle of being published, have no partition that protects them."""
    paths = {f"{account.schema}/seed/one/a", f"{account.schema}/new/two/event_date=2026-11-01/a"}
    account.put(*paths)
    account.create_table("seed", f"{account.data}/{account.schema}/seed/one")
    template = f"{account.data}/{account.schema}/new/two/event_date=${{event_date}}/"
    account.create_table(
        "new",
        f"{account.data}/{account.schema}/new/empty",
        **{"projection.enabled": "true", "storage.location.template": template},
    )
    assert account.sweep("--apply", "--include-unknown") == 0
    assert account.paths() == paths

    table = account.glue.get_table(DatabaseName=account.schema, Name="new")["Table"]
    kept = {name: table[name] for name in ("Name", "TableType", "StorageDescriptor", "PartitionKeys")}
    kept["Parameters"] = table["Parameters"] | {"projection.enabled": "false"}
    account.glue.update_table(DatabaseName=account.schema, TableInput=kept)
    assert account.sweep("--apply") == 0
    assert account.paths() == {f"{account.schema}/seed/one/a"}


def test_what_a_killed_run_left_goes_after_the_grace_period(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its entry in Glue would protect its data for ever; a running one's entry must."""
    shown, _ = two_runs(account)
    staged = f"daily__staged_{'0123456789abcdef' * 2}"
    left = f"{account.schema}/daily/three/event_date=2026-11-03/a"
    account.put(left)
    prefix = f"{account.schema}/daily/three"
    account.create_table(staged, f"{account.data}/{prefix}", f"2026-11-03:{prefix}")

    assert account.sweep("--apply", after=timedelta(hours=23)) == 0
    assert staged in account.table_names()
    assert account.sweep() == 0
    assert f"Left in Glue by a killed run: {staged}" in capsys.readouterr().out
    assert staged in account.table_names()
    assert account.sweep("--apply") == 0
    assert account.table_names() == {"daily"}
    assert account.paths() == shown


def test_a_day_that_is_switched_during_the_sweep_stays(account: Account) -> None:
    """Glue is read after S3 was listed, so that a day that was switched in between counts as shown."""
    two_runs(account)
    written = f"{account.schema}/daily/late/event_date=2026-11-04/a"
    account.put(written)

    class Listing:
        """S3, with a switch right after its objects were listed."""

        def get_paginator(self, name: str) -> Listing:
            return self

        def paginate(self, **arguments: str) -> Iterator[dict[str, Any]]:
            yield from account.s3.get_paginator("list_objects_v2").paginate(**arguments)
            account.point("daily", "2026-11-04", f"{account.data}/{account.schema}/daily/late/event_date=2026-11-04/")

    data = sweep_retired_data.DataLocation.parse(account.data)
    cutoff = datetime.now(UTC) + timedelta(hours=1)
    findings = sweep_retired_data.find_retired(Listing(), account.glue, data, account.schema, cutoff)
    assert f"warehouse/{written}" not in {item.key for prefix in findings.prefixes for item in prefix.objects}
    assert findings.prefixes, "the retired objects must still be found"


def test_more_objects_than_one_request_takes(account: Account) -> None:
    """S3 lists and deletes a thousand at a time."""
    shown, _ = two_runs(account)
    account.put(*(f"{account.schema}/daily/one/event_date=2026-11-02/{number}" for number in range(2100)))
    assert account.sweep("--apply") == 0
    assert account.paths() == shown


def test_objects_that_cannot_be_deleted_are_named(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal ends in exit code 1 and the reason, not in silence."""
    two_runs(account)

    def refuse(**request: Any) -> dict[str, Any]:
        keys = [entry["Key"] for entry in request["Delete"]["Objects"]]
        return {"Errors": [{"Key": key, "Code": "AccessDenied", "Message": "Access Denied"} for key in keys]}

    prefix = sweep_retired_data.RetiredPrefix("daily", "daily/one/", True)
    prefix.objects.append(sweep_retired_data.StoredObject("daily/one/a", 7, datetime.now(UTC)))
    refusing = type("Refusing", (), {"delete_objects": staticmethod(refuse)})()
    with pytest.raises(
        sweep_retired_data.SweepError, match=r"kept 1: AccessDenied: Access Denied \(1 objects, such as"
    ):
        sweep_retired_data.delete_objects(refusing, account.bucket, [prefix])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "/warehouse", "--schema", "daily"], "expected a location such as s3://bucket/prefix"),
        (["--data", "s3://bucket/x", "--schema", "../x"], "expected lower case letters"),
        (["--data", "s3://bucket/x", "--schema", "x", "--older-than-hours", "0"], "expected at least 1 hour"),
        (["--schema", "x"], "--data"),
    ],
)
def test_wrong_arguments_are_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before anything is asked of AWS."""
    with pytest.raises(SystemExit) as stopped:
        sweep_retired_data.main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda account: {"schema": "no_such_schema"}, "Glue has no database no_such_schema"),
        (lambda account: {"data": "s3://no-such-bucket/x"}, "NoSuchBucket"),
    ],
)
def test_a_place_that_is_not_there_is_named(
    account: Account, change: Callable[[Account], dict[str, str]], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the setting that is wrong."""
    assert account.sweep(**change(account)) == 1
    assert message in capsys.readouterr().err
