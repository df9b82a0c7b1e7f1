"""Sample VPC flow logs: a week of three networks, in the default format, a custom one, and Parquet."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sample_logs.delivery_order import in_delivery_order
from sample_logs.settings import SampleFile, Settings
from sample_logs.vpc_flow_logs.delivery import DeliverySchedule, LogFile
from sample_logs.vpc_flow_logs.flow_logs import CUSTOM_LOG, DEFAULT_LOG, PARQUET_LOG
from sample_logs.vpc_flow_logs.flow_maker import FlowMaker
from sample_logs.vpc_flow_logs.formats import parquet_file, text_file
from sample_logs.vpc_flow_logs.records import Record, line
from sample_logs.vpc_flow_logs.scenarios import SCENARIOS
from sample_logs.vpc_flow_logs.truth import Truth

# Files with a header line and nothing else.
EMPTY_FILES = ((2, DEFAULT_LOG), (5, CUSTOM_LOG))


class VpcFlowLogs:
    """Makes the files of this log kind, and the truth about them."""

    name = "vpc_flow_logs"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._schedule = DeliverySchedule(settings.seed)
        self._truth = Truth()

    def files(self) -> Iterator[SampleFile]:
        """Yield the log files by delivery day, then path, and before them the files that are no logs."""
        for clutter in self._clutter():
            self._truth.ignored_files.append(clutter.path)
            yield clutter
        yield from in_delivery_order(self._settings.event_days, self._made_on, self._written)

    def truth(self) -> dict[str, Any]:
        """Return the truth about all files that were taken."""
        return self._truth.as_json()

    def _made_on(self, day: date) -> Iterator[tuple[LogFile, list[Record]]]:
        """Yield the records that an event day adds to files, and count them."""
        for empty_on, flow_log in EMPTY_FILES:
            if day == self._settings.start_date + timedelta(days=empty_on - 1):
                yield self._schedule.empty_file(flow_log, day), []
        for scenario in SCENARIOS:
            for event in scenario(FlowMaker(self._settings, day, scenario.__name__)):
                if not isinstance(event, Record):
                    self._truth.add_fact(event)
                    continue
                for file in self._schedule.files_of(event):
                    self._truth.add(event, file)
                    yield file, [event]

    def _written(self, file: LogFile, records: list[Record]) -> SampleFile:
        self._truth.add_file(file, is_empty=not records)
        flow_log = file.flow_log
        in_order = sorted(records, key=lambda record: record.started_at)
        if flow_log.is_parquet:
            content = parquet_file(flow_log.fields, [record.values(flow_log) for record in in_order])
        else:
            content = text_file(flow_log.fields, [line(record, flow_log) for record in in_order])
        return SampleFile(file.path, content)

    def _clutter(self) -> Iterator[SampleFile]:
        """Files that people and programs leave beside logs; a reader ignores them."""
        day = self._settings.start_date
        folder = f"AWSLogs/{CUSTOM_LOG.account_id}/vpcflowlogs/{CUSTOM_LOG.region}/{day:%Y/%m/%d}"
        yield SampleFile(f"{DEFAULT_LOG.prefix}/README.txt", b"Flow logs of the legacy network. Do not delete.\n")
        yield SampleFile(f"{CUSTOM_LOG.prefix}/{folder}/.DS_Store", b"\x00\x00\x00\x01Bud1\x00\x00\x10\x00")
        yield SampleFile(f"{PARQUET_LOG.prefix}/README.txt", b"Flow logs of the second account.\n")
