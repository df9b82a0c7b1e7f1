"""Records that are rare, and records that are damaged."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.actors import (
    BACKUP_AGENT,
    DATA_CENTRE,
    EUROPE_DATABASES,
    EXPORTER,
    LEGACY_DATABASES,
    LEGACY_SERVER,
    WEB_SERVERS,
)
from sample_logs.vpc_flow_logs.flow_logs import CUSTOM_LOG, DEFAULT_LOG, PARQUET_LOG
from sample_logs.vpc_flow_logs.flow_maker import SAME_VPC, FlowMaker, entering, leaving, private_end
from sample_logs.vpc_flow_logs.records import Event, UnreadableRecord

PAIRS = (WEB_SERVERS, LEGACY_DATABASES, EUROPE_DATABASES)
UDP = 17
# ICMP, generic routing encapsulation, encapsulating security payload (IANA protocol numbers).
PROTOCOLS_WITHOUT_PORTS = (1, 47, 50)
DAMAGED_DAYS = (2, 5, 7)
DAMAGES = (
    (DEFAULT_LOG, LEGACY_SERVER, ("too few values", "too many values", "a word for a number", "end before start")),
    (CUSTOM_LOG, EXPORTER, ("too few values", "too many values", "a word for a number", "end before start")),
    # The columns of Parquet have a number and a type, so the other damages cannot stand in a row.
    (PARQUET_LOG, BACKUP_AGENT, ("end before start",)),
)
# Early enough to be delivered on the same day.
LAST_SECOND_FOR_DAMAGE = 72_000


def protocols_without_ports(maker: FlowMaker) -> Iterator[Event]:
    """Send packets of protocols that have no ports: both are 0."""
    for client, server in PAIRS:
        for number in maker.times(4):
            talk = maker.talk(private_end(client), private_end(server), 0, 84, 84)
            protocol = PROTOCOLS_WITHOUT_PORTS[number % len(PROTOCOLS_WITHOUT_PORTS)]
            sent = replace(talk.sent, source_port=0, destination_port=0, protocol=protocol, tcp_flags=0)
            yield maker.seen(talk, client, leaving(sent, SAME_VPC))
            yield maker.seen(talk, server, entering(sent))


def identical_records(maker: FlowMaker) -> Iterator[Event]:
    """Give two records that are the same in every field: flow records have no key, so both count."""
    for client, server in PAIRS:
        talk = maker.talk(private_end(client), private_end(server), 53, 120, 480)
        question = replace(talk.sent, protocol=UDP, tcp_flags=0)
        for _ in range(2):
            yield maker.seen(talk, client, leaving(question, SAME_VPC))


def unreadable_records(maker: FlowMaker) -> Iterator[Event]:
    """Damage one record in each possible way, on three of the days."""
    if maker.day_number not in DAMAGED_DAYS:
        return
    for flow_log, interface, damages in DAMAGES:
        for damage in damages:
            started_at = maker.moment(last_second=LAST_SECOND_FOR_DAMAGE)
            far_end = maker.random.choice(DATA_CENTRE)
            talk = maker.talk(private_end(interface), far_end, 443, 5_000, 5_000, started_at=started_at)
            yield UnreadableRecord(maker.seen(talk, interface, leaving(talk.sent, SAME_VPC)), flow_log, damage)
