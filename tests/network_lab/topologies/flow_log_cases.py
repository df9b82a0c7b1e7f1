"""What depends on the flow logs themselves: two of one interface, other owners, refusals, and records without data."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.flow_maker import SAME_VPC, entering, leaving, packets, private_end

from network_lab.network import (
    INTERNET,
    OWN_S3,
    SECOND_ACCOUNT,
    VISITORS,
    instance,
    nat_gateway,
    vpc,
)
from network_lab.records import LabEvent, LabRecord
from network_lab.story import Story

SYN = 2
SCANNED_PORTS = (22, 445, 3389)
MAIL_PORT = 25


def overlapping_flow_logs(story: Story) -> Iterator[LabEvent]:
    """Record one of two instances, and a NAT gateway with its client, by two flow logs: all bytes count once.

    The second flow log has the default format. The same flow is a record of each, in its own format and file. An
    interface may be recorded by the flow logs of its network, its subnet and its own. Source: VPC user guide, "Flow
    logs basics".
    """
    network = vpc("overlapping-flow-logs", 22)
    twice = instance(network, 1, 50, "recorded-twice", is_public=True, has_second_flow_log=True)
    once = instance(network, 1, 51, "recorded-once", is_public=True)
    gateway = nat_gateway(network, 220, "overlapping-gateway", has_second_flow_log=True)
    client = instance(network, 2, 5, "overlapping-client", has_second_flow_log=True)
    for far_end in (INTERNET[0], INTERNET[1], OWN_S3[0]):
        yield from story.ask_outside(twice, far_end, *story.sizes())
        yield from story.ask_outside(once, far_end, *story.sizes())
        yield from story.ask_through_nat(gateway, client, far_end, *story.sizes())


def shared_subnet(story: Story) -> Iterator[LabEvent]:
    """Let instances of a participant account work in the shared subnets of another account's network.

    The owner's flow log records them with the participant's account in the field account-id, and its files lie in the
    owner's folder. Egress belongs to the participant; the NAT gateway belongs to the owner. Source: VPC user guide,
    "Share your VPC" and the field account-id.
    """
    network = vpc("shared-subnet", 23)
    direct = instance(network, 1, 50, "participant-exporter", is_public=True, owner_account_id=SECOND_ACCOUNT)
    client = instance(network, 1, 5, "participant-worker", owner_account_id=SECOND_ACCOUNT)
    gateway = nat_gateway(network, 220, "shared-gateway")
    for far_end in (INTERNET[2], INTERNET[3], OWN_S3[1]):
        yield from story.ask_outside(direct, far_end, *story.sizes())
        yield from story.ask_through_nat(gateway, client, far_end, *story.sizes())


def rejected(story: Story) -> Iterator[LabEvent]:
    """Refuse a scanner at a public instance, and an instance that tries to send mail: nothing of it arrives anywhere.

    One record for each attempt with the action REJECT, and no traffic path. Source: VPC user guide, "Accepted and
    rejected traffic"; that there is no path: deduced. One accepted conversation goes beside them.
    """
    network = vpc("rejected", 24)
    public = instance(network, 1, 50, "scanned", is_public=True)
    private = instance(network, 1, 5, "refused-sender")
    for number, port in enumerate(SCANNED_PORTS):
        attempts = (
            (public, "ingress", packets(VISITORS[number], private_end(public), 40_000 + number, port, 60, SYN)),
            (private, "egress", packets(private_end(private), INTERNET[number], 50_000 + number, MAIL_PORT, 180, SYN)),
        )
        for interface, direction, attempt in attempts:
            flow = leaving(attempt, None) if direction == "egress" else entering(attempt)
            yield LabRecord(story.scenario, interface, *story.window(), replace(flow, action="REJECT"))
    yield from story.ask_outside(public, INTERNET[4], *story.sizes())


def no_data_and_skipped_data(story: Story) -> Iterator[LabEvent]:
    """Write records that tell of no traffic, and of records that AWS skipped: neither has addresses or bytes.

    What SKIPDATA hides is unknown, so it is in no table of the truth. Source: VPC user guide, "No data and skipped
    records". One conversation goes beside them.
    """
    network = vpc("no-data", 25)
    quiet = instance(network, 1, 5, "quiet")
    busy = instance(network, 1, 6, "busy")
    for interface, log_status in ((quiet, "NODATA"), (quiet, "NODATA"), (busy, "SKIPDATA")):
        yield LabRecord(story.scenario, interface, *story.window(), log_status=log_status)
    talk = story.talk(private_end(busy), private_end(quiet), 443, *story.sizes())
    yield from story.between(talk, busy, quiet, SAME_VPC)
