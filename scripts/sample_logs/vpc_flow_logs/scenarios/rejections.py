"""Packets that security groups or network ACLs refuse: they cost nothing and reach nobody."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.actors import (
    BACKUP_AGENT,
    BALANCER_NODES,
    EXPORTER,
    LEGACY_BILLING,
    LEGACY_SERVER,
    LOADER,
    MAIL_SERVERS,
    MAIN_NAT,
    PORT_SCANNER,
    WEBSITES,
)
from sample_logs.vpc_flow_logs.flow_maker import FlowMaker, entering, leaving, packets, private_end
from sample_logs.vpc_flow_logs.records import Event

SCANNED = (EXPORTER, BALANCER_NODES[0], MAIN_NAT, LEGACY_SERVER, BACKUP_AGENT)
SCANNED_PORTS = (22, 23, 80, 445, 1433, 3389, 5900, 6379, 8080, 9200)
SYN = 2


def refused_scans(maker: FlowMaker) -> Iterator[Event]:
    """Refuse a scanner on the internet that tries ports of every public address, one packet each."""
    for number in maker.times(130):
        interface = SCANNED[number % len(SCANNED)]
        port = maker.random.choice(SCANNED_PORTS)
        scanner = PORT_SCANNER if maker.random.chance(0.8) else maker.random.choice(WEBSITES)
        talk = maker.talk(scanner, private_end(interface), port, maker.random.choice((40, 44, 60)), 0)
        probe = replace(talk.sent, tcp_flags=SYN)
        yield maker.seen(talk, interface, replace(entering(probe), action="REJECT"))


def refused_uploads(maker: FlowMaker) -> Iterator[Event]:
    """Refuse what instances try to send to the internet: no byte of it leaves."""
    for number in maker.times(12):
        sender = (LOADER, LEGACY_BILLING)[number % 2]
        far_end = maker.random.choice(MAIL_SERVERS)
        port = maker.random.integer(32_768, 60_999)
        attempt = packets(private_end(sender), far_end, port, 25, 180, SYN)
        talk = replace(maker.talk(private_end(sender), far_end, 25, 180, 0), sent=attempt)
        yield maker.seen(talk, sender, replace(leaving(attempt, None), action="REJECT"))
