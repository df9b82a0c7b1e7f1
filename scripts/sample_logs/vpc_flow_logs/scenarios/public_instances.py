"""Instances with a public address of their own."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.actors import (
    BACKUP_AGENT,
    EXPORTER,
    LEGACY_SERVER,
    MAIL_RELAY,
    MAIL_SERVERS,
    OFFICE,
    PARTNER,
    REPORT_READER,
    S3_EU_WEST_1,
)
from sample_logs.vpc_flow_logs.flow_maker import INTERNET_GATEWAY, FlowMaker, private_end, public_end
from sample_logs.vpc_flow_logs.records import Egress, Event

MEBIBYTE = 2**20
GROWTH_DAY_NUMBER = 6
GROWTH_FACTOR = 10


def growing_uploads(maker: FlowMaker) -> Iterator[Event]:
    """Let one instance send ten times more on the sixth day."""
    factor = GROWTH_FACTOR if maker.day_number == GROWTH_DAY_NUMBER else 1
    for _ in maker.times(20 * factor):
        sent = maker.random.integer(60 * MEBIBYTE, 64 * MEBIBYTE)
        yield from maker.upload(EXPORTER, PARTNER, sent, server_port=22)


def relayed_mail(maker: FlowMaker) -> Iterator[Event]:
    """Send mail from the one interface that two flow logs record: each record is there twice, its bytes left once."""
    for _ in maker.times(30):
        sent = maker.random.byte_count(11, 20)
        yield from maker.upload(MAIL_RELAY, maker.random.choice(MAIL_SERVERS), sent, server_port=25)


def file_server_downloads(maker: FlowMaker) -> Iterator[Event]:
    """Answer clients on the internet from a server that only a default flow log records."""
    for _ in maker.times(30):
        visitor = maker.random.choice((OFFICE, REPORT_READER))
        talk = maker.talk(
            visitor, private_end(LEGACY_SERVER), 21, maker.random.byte_count(8, 11), maker.random.byte_count(18, 24)
        )
        yield from maker.seen_by_server(talk, LEGACY_SERVER, INTERNET_GATEWAY)
        yield Egress(talk.started_at, LEGACY_SERVER, "internet_gateway", talk.answered)


def backups_to_s3(maker: FlowMaker) -> Iterator[Event]:
    """Send backups to S3 of the instance's own region, through the internet gateway."""
    for _ in maker.times(30):
        sent = maker.random.integer(10 * MEBIBYTE, 40 * MEBIBYTE)
        yield from maker.upload(BACKUP_AGENT, maker.random.choice(S3_EU_WEST_1), sent)


def uploads_to_another_region(maker: FlowMaker) -> Iterator[Event]:
    """Send files to an instance of the other account in the other region, by public addresses.

    Both ends have a public address, so both send: what the one sends, and what the other answers.
    """
    for _ in maker.times(12):
        sent = maker.random.byte_count(20, 25)
        leaves = maker.talk(private_end(EXPORTER), public_end(BACKUP_AGENT), 443, sent, sent // 40)
        yield from maker.seen_by_client(leaves, EXPORTER, INTERNET_GATEWAY)
        yield Egress(leaves.started_at, EXPORTER, "internet_gateway", leaves.sent)
        arrives = replace(
            leaves,
            sent=replace(leaves.sent, source=public_end(EXPORTER), destination=private_end(BACKUP_AGENT)),
            answered=replace(leaves.answered, source=private_end(BACKUP_AGENT), destination=public_end(EXPORTER)),
        )
        yield from maker.seen_by_server(arrives, BACKUP_AGENT, INTERNET_GATEWAY)
        yield Egress(arrives.started_at, BACKUP_AGENT, "internet_gateway", arrives.answered)
