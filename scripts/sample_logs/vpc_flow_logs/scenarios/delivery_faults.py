"""Records that lie in the folder of a later day than they started."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import BACKUP_AGENT, EXPORTER, LEGACY_SERVER, OFFICE, REPORT_READER
from sample_logs.vpc_flow_logs.flow_maker import SECONDS_PER_DAY, FlowMaker
from sample_logs.vpc_flow_logs.records import Event

# One of each flow log.
SENDERS = (EXPORTER, LEGACY_SERVER, BACKUP_AGENT)


def delivered_late(maker: FlowMaker) -> Iterator[Event]:
    """Deliver records a day late."""
    for number in maker.times(18):
        sent = maker.random.byte_count(12, 18)
        yield from maker.upload(SENDERS[number % len(SENDERS)], OFFICE, sent, delivered_after_days=1)


def around_midnight(maker: FlowMaker) -> Iterator[Event]:
    """Start windows in the first second of the day and in the last two: the last end and are delivered on the next."""
    for sender in SENDERS:
        for second in (0, SECONDS_PER_DAY - 2, SECONDS_PER_DAY - 1):
            sent = maker.random.byte_count(12, 18)
            yield from maker.upload(sender, REPORT_READER, sent, started_at=maker.moment(second, second))
