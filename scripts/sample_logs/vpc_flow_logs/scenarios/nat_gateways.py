"""Clients behind NAT gateways."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import (
    DYNAMODB_EU_WEST_1,
    DYNAMODB_US_EAST_1,
    INSTANCE_OF_OTHERS,
    LOADER,
    MAIN_NAT,
    NAT_CLIENTS,
    S3_EU_WEST_1,
    S3_US_EAST_1,
    WEBSITES,
)
from sample_logs.vpc_flow_logs.flow_maker import FlowMaker
from sample_logs.vpc_flow_logs.records import Event

MEBIBYTE = 2**20
AWS_FAR_ENDS = {
    "us-east-1": (DYNAMODB_US_EAST_1, *S3_EU_WEST_1, INSTANCE_OF_OTHERS),
    "eu-west-1": (DYNAMODB_EU_WEST_1, *S3_EU_WEST_1, *S3_US_EAST_1),
}


def s3_through_the_nat_gateway(maker: FlowMaker) -> Iterator[Event]:
    """Let one client pull far more from S3 of its own region than all others move through the gateway."""
    for _ in maker.times(40):
        answered = maker.random.integer(900 * MEBIBYTE, 1_900 * MEBIBYTE)
        sent = answered // 40
        yield from maker.through_nat(MAIN_NAT, LOADER, maker.random.choice(S3_US_EAST_1), sent, answered)


def websites_through_nat_gateways(maker: FlowMaker) -> Iterator[Event]:
    """Let every client of every NAT gateway talk to the internet."""
    for gateway, clients in NAT_CLIENTS.items():
        for number in maker.times(24):
            sent = maker.random.byte_count(9, 22)
            answered = maker.random.byte_count(12, 23)
            client = clients[number % len(clients)]
            yield from maker.through_nat(gateway, client, maker.random.favourite(WEBSITES), sent, answered)


def aws_services_through_nat_gateways(maker: FlowMaker) -> Iterator[Event]:
    """Let the same clients talk to AWS services and instances, in their own region and in the other one."""
    for gateway, clients in NAT_CLIENTS.items():
        for number in maker.times(10):
            far_end = maker.random.choice(AWS_FAR_ENDS[gateway.network.region])
            sent = maker.random.byte_count(10, 20)
            answered = maker.random.byte_count(10, 20)
            yield from maker.through_nat(gateway, clients[number % len(clients)], far_end, sent, answered)
