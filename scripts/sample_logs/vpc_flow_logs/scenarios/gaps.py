"""Records without a flow."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import (
    BACKUP_AGENT,
    EUROPE_DATABASES,
    EXPORTER,
    INTERFACES,
    LEGACY_SERVER,
    MAIN_NAT,
)
from sample_logs.vpc_flow_logs.flow_maker import FlowMaker
from sample_logs.vpc_flow_logs.records import Event, FlowRecord


def idle_interfaces(maker: FlowMaker) -> Iterator[Event]:
    """Tell that an interface had no traffic in a window (NODATA)."""
    for number in maker.times(60):
        yield FlowRecord(maker.scenario, INTERFACES[number % len(INTERFACES)], *maker.window(), log_status="NODATA")


def skipped_records(maker: FlowMaker) -> Iterator[Event]:
    """Tell that records of a window were lost (SKIPDATA): what they would have said nobody knows."""
    for interface in (MAIN_NAT, EXPORTER, LEGACY_SERVER, BACKUP_AGENT, *EUROPE_DATABASES):
        yield FlowRecord(maker.scenario, interface, *maker.window(), log_status="SKIPDATA")
