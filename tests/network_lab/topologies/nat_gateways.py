"""Ways through NAT gateways."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.flow_maker import private_end
from sample_logs.vpc_flow_logs.records import Egress, NatUse

from network_lab.network import (
    FIRST_DAY,
    INTERNET,
    OTHER_S3,
    OWN_DYNAMODB,
    OWN_S3,
    SECOND_ACCOUNT,
    instance,
    lambda_function,
    nat_gateway,
    transit_gateway_attachment,
    vpc,
)
from network_lab.records import LabEvent
from network_lab.story import HTTPS, INTERNET_GATEWAY, Story


def nat(story: Story) -> Iterator[LabEvent]:
    """Let two instances and a Lambda function use a NAT gateway; one instance is in another zone than the gateway.

    AWS logs six records for each conversation: two at the client's interface, where addresses and packet addresses are
    the same, and four at the gateway's: in from the client (destination is the gateway, packet destination the far
    end), out to the far end, in from the far end, and out to the client (source is the gateway, packet source the far
    end). Source: VPC user guide, "Traffic through a NAT gateway". Paths 1 and 8, and that the function's interface has
    no instance id: deduced from the fields' descriptions.
    """
    yield from nat_network(story, "nat", 1)


def nat_only_gateway_logged(story: Story) -> Iterator[LabEvent]:
    """Do the same where only the gateway's subnet has a flow log: its four records are all there is.

    Source: as for `nat`; a flow log of a subnet records the interfaces in it (VPC user guide, "Flow logs basics").
    """
    yield from nat_network(story, "nat-only-gateway-logged", 2, logs_clients=False)


def nat_only_clients_logged(story: Story) -> Iterator[LabEvent]:
    """Do the same where only the clients' subnets have a flow log: path 1 to a public destination is all that tells.

    Source: as for `nat`. That a client's path to a NAT gateway is 1: deduced from the field's description, "through
    another resource in the same VPC".
    """
    yield from nat_network(story, "nat-only-clients-logged", 3, logs_gateway=False)


def nat_network(
    story: Story, name: str, number: int, *, logs_clients: bool = True, logs_gateway: bool = True
) -> Iterator[LabEvent]:
    """Yield the conversations of a network with one NAT gateway."""
    network = vpc(name, number)
    gateway = nat_gateway(network, 220, f"{name}-gateway", is_logged=logs_gateway)
    clients = (
        instance(network, 1, 5, f"{name}-worker", is_logged=logs_clients),
        instance(network, 2, 5, f"{name}-crawler", is_logged=logs_clients),
        lambda_function(network, 1, 90, f"{name}-mailer", is_logged=logs_clients),
    )
    for client in clients:
        for far_end in (INTERNET[0], INTERNET[1], OTHER_S3[0]):
            yield from story.ask_through_nat(gateway, client, far_end, *story.sizes())


def chained_nat(story: Story) -> Iterator[LabEvent]:
    """Send through a private NAT gateway, a transit gateway, and a public NAT gateway in an egress network.

    Fourteen records for each conversation. Of what the client sends: out at the client; in at the private gateway
    (packet source the client) and out of it (packet source its own address); in at the transit gateway's interface in
    the client's network; out of the one in the egress network (source the interface's own address, packet source the
    private gateway's); in at the public gateway (source and packet source the private gateway's address) and out of it.
    The answer goes the same way back. The far end is the packets' other end all the way. Egress and both gateways'
    work belong to the client. All are in one zone. Source: deduced; it puts together AWS's examples of a NAT gateway
    and of a transit gateway.
    """
    inner, outer = vpc("chained-nat-client", 4), vpc("chained-nat-egress", 5, SECOND_ACCOUNT)
    private_gateway = nat_gateway(inner, 30, "chained-private-gateway", is_public=False)
    public_gateway = nat_gateway(outer, 220, "chained-public-gateway")
    attachments = (transit_gateway_attachment(inner, 1, 40), transit_gateway_attachment(outer, 1, 40))
    for client in (instance(inner, 1, 5, "chained-worker"), instance(inner, 1, 6, "chained-crawler")):
        for far_end in (*INTERNET[2:4], OWN_S3[1]):
            sent, answered = story.sizes()
            talk = story.talk(private_end(client), far_end, HTTPS, sent, answered)
            middle = story.translated(talk, private_gateway)
            outside = story.translated(middle, public_gateway)
            yield from story.leg(talk, talk.sent, client, private_gateway)
            yield from story.leg(talk, talk.answered, private_gateway, client)
            yield from story.leg(middle, middle.sent, private_gateway, attachments[0])
            yield from story.leg(middle, middle.answered, attachments[0], private_gateway)
            yield from story.leg(middle, middle.sent, attachments[1], public_gateway)
            yield from story.leg(middle, middle.answered, public_gateway, attachments[1])
            yield from story.as_client(outside, public_gateway, INTERNET_GATEWAY)
            yield Egress(talk.started_at, client, "nat_gateway", outside.sent)
            for gateway in (private_gateway, public_gateway):
                yield NatUse(talk.started_at, gateway, client, far_end, sent + answered)


def transit_gateway_nat(story: Story) -> Iterator[LabEvent]:
    """Send through a transit gateway to a NAT gateway in the egress network of another account.

    At a transit gateway's interface the record's address on that side is the interface's own, and the packet addresses
    are the real ends: out of the interface into a network the source is the interface, and into the interface from a
    network the destination is. One direction makes one record at each network's interface. Source: VPC user guide,
    "Traffic through a transit gateway" (one network, both directions); that the client's network shows the same the
    other way round, and path 1 towards the transit gateway: deduced. All are in one zone, so nothing crosses zones.
    """
    inner, outer = vpc("transit-client", 6), vpc("transit-egress", 7, SECOND_ACCOUNT)
    gateway = nat_gateway(outer, 220, "transit-gateway-nat")
    attachments = (transit_gateway_attachment(inner, 1, 40), transit_gateway_attachment(outer, 1, 40))
    for client in (instance(inner, 1, 5, "transit-worker"), lambda_function(inner, 1, 90, "transit-mailer")):
        for far_end in (INTERNET[4], INTERNET[5], OWN_S3[2]):
            sent, answered = story.sizes()
            talk = story.talk(private_end(client), far_end, HTTPS, sent, answered)
            outside = story.translated(talk, gateway)
            yield from story.leg(talk, talk.sent, client, attachments[0])
            yield from story.leg(talk, talk.answered, attachments[0], client)
            yield from story.leg(talk, talk.sent, attachments[1], gateway)
            yield from story.leg(talk, talk.answered, gateway, attachments[1])
            yield from story.as_client(outside, gateway, INTERNET_GATEWAY)
            yield Egress(talk.started_at, client, "nat_gateway", outside.sent)
            yield NatUse(talk.started_at, gateway, client, far_end, sent + answered)


def gateway_endpoint_absent(story: Story) -> Iterator[LabEvent]:
    """Reach S3 and DynamoDB of the own region through a NAT gateway, for want of a gateway endpoint.

    The records are those of any conversation through a NAT gateway, with the service in the fields
    pkt-src-aws-service and pkt-dst-aws-service. It is egress to S3 and DYNAMODB, and avoidable work of the gateway.
    Source: as for `nat`.
    """
    network = vpc("endpoint-absent", 11)
    gateway = nat_gateway(network, 220, "endpoint-absent-gateway")
    for zone, name in ((1, "loader"), (2, "reader")):
        client = instance(network, zone, 5, f"endpoint-absent-{name}")
        for far_end in (*OWN_S3[:2], OWN_DYNAMODB, INTERNET[6]):
            yield from story.ask_through_nat(gateway, client, far_end, *story.sizes())


def address_reused(story: Story) -> Iterator[LabEvent]:
    """Give an instance's private address to another instance on the second day, and move an Elastic IP address.

    Both holders of the private address use one NAT gateway, whose records know them by the address alone. The Elastic
    IP address is on one public instance on the first day and on another on the second; a further instance sends to it
    on both days, so that the receiver, whose answers are egress of its own, changes hands, too. Source: deduced.
    """
    network = vpc("address-reused", 20)
    gateway = nat_gateway(network, 220, "address-reused-gateway")
    day = story.day_number
    client = instance(network, 1, 5, f"reused-{'first' if day == FIRST_DAY else 'second'}", days=(day,))
    is_first = day == FIRST_DAY
    holder = replace(
        instance(network, 1, 60 if is_first else 61, f"elastic-{'first' if is_first else 'second'}", is_public=True),
        public_address=network.elastic_address(1, 77),
        days=(day,),
    )
    caller = instance(network, 1, 50, "elastic-caller", is_public=True)
    for far_end in INTERNET[7:10]:
        yield from story.ask_through_nat(gateway, client, far_end, *story.sizes())
        yield from story.ask_outside(holder, far_end, *story.sizes())
        yield from story.ask_by_public_address(caller, holder, *story.sizes())
