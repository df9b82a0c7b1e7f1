"""Runs topologies for two days, writes what their flow logs hold, and adds up the truth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from sample_logs.settings import SampleFile, Settings
from sample_logs.vpc_flow_logs.actors import resource_id
from sample_logs.vpc_flow_logs.delivery import DELIVERY_DELAY, LogFile
from sample_logs.vpc_flow_logs.formats import text_file
from sample_logs.vpc_flow_logs.records import line

from network_lab.formats import V2_FIELDS, V5_FIELDS, LabFlowLog
from network_lab.inventory import snapshots
from network_lab.network import LabInterface, Vpc
from network_lab.records import LabEvent, LabRecord, interfaces_of
from network_lab.story import Story
from network_lab.topologies import TOPOLOGIES, Topology
from network_lab.truth import LabTruth, Rows

START_DATE = date(2026, 11, 1)
DAY_COUNT = 2
DEFAULT_PREFIX = "vpc-flow-logs"
CUSTOM_PREFIX = "vpc-flow-logs-custom"
# AWS makes a file every five minutes; one in eight hours tells the same.
FILE_INTERVAL = timedelta(hours=8)


class NetworkLab:
    """Some topologies in one record format. Equal arguments give equal bytes and equal truth.

    An address that changes hands does so at midnight; `inventory_taken_at` says how late the snapshots show it.
    """

    def __init__(
        self,
        topologies: Sequence[Topology] = TOPOLOGIES,
        fields: Sequence[str] = V5_FIELDS,
        *,
        with_inventory: bool = False,
        inventory_taken_at: time = time(0),
        seed: int = 1,
        start_date: date = START_DATE,
    ) -> None:
        self.fields = tuple(fields)
        self.with_inventory = with_inventory
        self.inventory_taken_at = inventory_taken_at
        self._topologies = tuple(topologies)
        self._settings = Settings(seed, start_date, DAY_COUNT, 1)

    @property
    def days(self) -> list[date]:
        """The two event days. What happens late on the second is delivered on a third."""
        return self._settings.event_days

    @cached_property
    def events(self) -> tuple[LabEvent, ...]:
        """Everything that happens: facts, and the records of all interfaces, logged or not."""
        return tuple(
            event
            for day in self.days
            for topology in self._topologies
            for event in topology(Story(self._settings, day, topology.__name__))
        )

    @cached_property
    def interfaces(self) -> tuple[LabInterface, ...]:
        """The interfaces that take part, in the order in which they appear."""
        found: dict[str, LabInterface] = {}
        for event in self.events:
            for interface in interfaces_of(event):
                if found.setdefault(interface.interface_id, interface) != interface:
                    raise ValueError(f"{interface.resource_name} is described in two ways.")
        return tuple(found.values())

    @property
    def written(self) -> Iterator[tuple[LabRecord, LabFlowLog]]:
        """Yield each record that is written, with the flow log that holds it: two flow logs hold two."""
        for event in self.events:
            if isinstance(event, LabRecord):
                for flow_log in self.flow_logs_of(event.interface):
                    yield event, flow_log

    def flow_logs_of(self, interface: LabInterface) -> list[LabFlowLog]:
        """Return the flow logs that record an interface."""
        flow_logs = []
        if interface.is_logged:
            flow_logs.append(flow_log_of(interface.network, self.fields, "first"))
        if interface.has_second_flow_log:
            flow_logs.append(flow_log_of(interface.network, V2_FIELDS, "second"))
        return flow_logs

    def files(self) -> list[SampleFile]:
        """Return every file with its path below the folder of logs."""
        records: defaultdict[LogFile, list[LabRecord]] = defaultdict(list)
        for record, flow_log in self.written:
            records[log_file(flow_log, record)].append(record)
        files = [
            SampleFile(file.path, text_file(file.flow_log.fields, [line(record, file.flow_log) for record in in_order]))
            for file in sorted(records)
            for in_order in [sorted(records[file], key=lambda record: record.started_at)]
        ]
        return (
            [*files, *snapshots(self.interfaces, self.days, self.inventory_taken_at)] if self.with_inventory else files
        )

    def write(self, folder: Path) -> list[Path]:
        """Write the files below a folder (LOGS), and return their paths."""
        paths = []
        for file in self.files():
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
            paths.append(path)
        return paths

    def truth(self) -> dict[str, Rows]:
        """Return the tables of the truth (network_lab.truth says which)."""
        truth = LabTruth()
        for event in self.events:
            if not isinstance(event, LabRecord):
                truth.add_fact(event)
        for record, _ in self.written:
            truth.add_written(record)
        return truth.tables(self.interfaces, self.days)

    def variables(self) -> dict[str, Any]:
        """Return the dbt vars that the project needs to read the files, on both engines."""
        flow_logs = {flow_log for _, flow_log in self.written}
        variables: dict[str, Any] = {
            "vpc_flow_logs_default_path": f"{DEFAULT_PREFIX}/AWSLogs",
            "vpc_flow_logs_account_ids": sorted({flow_log.account_id for flow_log in flow_logs}),
            "vpc_flow_logs_regions": sorted({flow_log.region for flow_log in flow_logs}),
            "first_log_date": self.days[0].isoformat(),
        }
        if self.fields != V2_FIELDS:
            variables["vpc_flow_logs_custom_path"] = f"{CUSTOM_PREFIX}/AWSLogs"
            variables["vpc_flow_logs_custom_fields"] = " ".join(self.fields)
        return variables


def flow_log_of(network: Vpc, fields: tuple[str, ...], name: str) -> LabFlowLog:
    """Return a flow log of a network: in the default format it lies in a prefix of its own."""
    prefix = DEFAULT_PREFIX if fields == V2_FIELDS else CUSTOM_PREFIX
    flow_log_id = resource_id("fl", f"{network.name} {name}")
    return LabFlowLog(flow_log_id, prefix, network.account_id, network.region, fields)


def log_file(flow_log: LabFlowLog, record: LabRecord) -> LogFile:
    """Return the file that holds a record: the next one after AWS's delay."""
    ready_at = record.ended_at + DELIVERY_DELAY
    midnight = datetime(ready_at.year, ready_at.month, ready_at.day, tzinfo=ready_at.tzinfo)
    delivered_at = midnight + (-((midnight - ready_at) // FILE_INTERVAL)) * FILE_INTERVAL
    unique = sha256(f"{flow_log.flow_log_id} {delivered_at.isoformat()}".encode()).hexdigest()[:8]
    return LogFile(delivered_at.date(), flow_log.path(delivered_at, unique), delivered_at, flow_log)
