"""The networks, their interfaces and the far ends of the story. All of them are made up.

Where a client of the sample S3 access logs and an interface here are the same machine, they have the same address: the
loader behind the NAT gateway, the private clients of the gateway endpoint, the backup agent, the visitors.
"""

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address

from sample_logs.s3_access_logs.actors import (
    BACKUP_ROLE,
    FIRST_ACCOUNT,
    GROWING_DOWNLOADER,
    HEAVY_DOWNLOADER,
    IPV6_CLIENTS,
    LOADER_ROLE,
    OFFICE_USER,
    PRIVATE_CLIENTS,
    REPORT_USER,
    SCANNER,
    SECOND_ACCOUNT,
    VISITORS,
)
from sample_logs.vpc_flow_logs.flow_logs import CUSTOM_LOG, DEFAULT_LOG, PARQUET_LOG, FlowLog


def resource_id(kind: str, name: str) -> str:
    """Return an id as AWS gives them: a prefix and 17 hexadecimal digits."""
    return f"{kind}-{sha256(f'{kind} {name}'.encode()).hexdigest()[:17]}"


@dataclass(frozen=True)
class Network:
    """A VPC in one region. `flow_log` records all its interfaces."""

    name: str
    account_id: str
    region: str
    zone_prefix: str
    flow_log: FlowLog

    @property
    def vpc_id(self) -> str:
        """The id of the VPC."""
        return resource_id("vpc", self.name)

    def subnet_id(self, zone: int, subnet: str) -> str:
        """Return the id of a subnet in the zone."""
        return resource_id("subnet", f"{self.name} {subnet} {zone}")

    def az_id(self, zone: int) -> str:
        """Return the id of the zone, for example use1-az1."""
        return f"{self.zone_prefix}-az{zone}"


@dataclass(frozen=True)
class Interface:
    """A network interface and the resource it belongs to. `interface_type` and `description` are those of EC2's API.

    `logged_account_id` is what a record says, which is not always the owner: `unknown` is documented for interfaces
    that an AWS service made; None is the dash.
    """

    network: Network
    zone: int
    subnet: str
    private_address: str
    resource_kind: str
    resource_id: str
    resource_name: str
    logged_account_id: str | None
    public_address: str | None = None
    ipv6_address: str | None = None
    interface_type: str = "interface"
    description: str = ""
    more_flow_logs: tuple[FlowLog, ...] = ()

    @property
    def interface_id(self) -> str:
        """The id of the interface."""
        return resource_id("eni", f"{self.network.name} {self.private_address}")

    @property
    def subnet_id(self) -> str:
        """The id of the interface's subnet."""
        return self.network.subnet_id(self.zone, self.subnet)

    @property
    def az_id(self) -> str:
        """The id of the interface's zone."""
        return self.network.az_id(self.zone)

    @property
    def instance_id(self) -> str | None:
        """The instance; None for interfaces that AWS services made."""
        return self.resource_id if self.resource_kind == "ec2_instance" else None

    @property
    def flow_logs(self) -> tuple[FlowLog, ...]:
        """The flow logs that record this interface."""
        return (self.network.flow_log, *self.more_flow_logs)


@dataclass(frozen=True)
class End:
    """One end of a conversation. Service and region are those of AWS's published ranges; None is not in them."""

    address: str
    aws_service: str | None = None
    region: str | None = None

    @property
    def is_ipv6(self) -> bool:
        """Whether the address is one of IPv6."""
        return ip_address(self.address).version == 6


def instance(network: Network, zone: int, subnet: str, address: str, name: str, **fields: object) -> Interface:
    """Return the first interface of an EC2 instance."""
    return Interface(
        network,
        zone,
        subnet,
        address,
        "ec2_instance",
        fields.pop("instance_id", None) or resource_id("i", f"{network.name} {name}"),
        name,
        network.account_id,
        **fields,
    )


def nat_gateway(network: Network, address: str, public_address: str, name: str) -> Interface:
    """Return the interface of a NAT gateway in the network's first public subnet."""
    gateway = resource_id("nat", f"{network.name} {name}")
    return Interface(
        network,
        1,
        "public",
        address,
        "nat_gateway",
        gateway,
        name,
        network.account_id,
        public_address,
        interface_type="nat_gateway",
        description=f"Interface for NAT Gateway {gateway}",
    )


def load_balancer_node(network: Network, zone: int, address: str, public_address: str) -> Interface:
    """Return the interface of the application load balancer in one zone."""
    balancer = "app/example-web/50dc6c495c0c9188"
    return Interface(
        network,
        zone,
        "public",
        address,
        "load_balancer",
        balancer,
        "example-web",
        network.account_id,
        public_address,
        description=f"ELB {balancer}",
    )


def interface_endpoint(network: Network, address: str, logged_account_id: str | None) -> Interface:
    """Return the interface of a VPC endpoint, whose records do not tell the account."""
    endpoint = resource_id("vpce", network.name)
    return Interface(
        network,
        1,
        "private",
        address,
        "vpc_endpoint",
        endpoint,
        "example-messages-endpoint",
        logged_account_id,
        interface_type="vpc_endpoint",
        description=f"VPC Endpoint Interface {endpoint}",
    )


def function_interface(network: Network, zone: int, address: str, name: str) -> Interface:
    """Return the interface of a Lambda function that is attached to the network."""
    return Interface(
        network,
        zone,
        "private",
        address,
        "lambda",
        name,
        name,
        network.account_id,
        interface_type="lambda",
        description=f"AWS Lambda VPC ENI-{name}-3f2a9c1e-7b64-4d0a-8c55-0e9d6b1f2a37",
    )


MAIN = Network("main", FIRST_ACCOUNT, "us-east-1", "use1", CUSTOM_LOG)
LEGACY = Network("legacy", FIRST_ACCOUNT, "us-east-1", "use1", DEFAULT_LOG)
EUROPE = Network("europe", SECOND_ACCOUNT, "eu-west-1", "euw1", PARQUET_LOG)

MAIN_NAT = nat_gateway(MAIN, "10.0.0.220", LOADER_ROLE.remote_address, "example-main-nat")
LEGACY_NAT = nat_gateway(LEGACY, "10.16.0.9", "3.80.14.7", "example-legacy-nat")
EUROPE_NAT = nat_gateway(EUROPE, "172.20.0.14", "52.208.1.9", "example-europe-nat")

LOADER = instance(MAIN, 1, "private", "10.0.12.42", "batch-0142")
CRAWLER = instance(MAIN, 2, "private", "10.0.27.61", "link-checker")
MAILER = function_interface(MAIN, 1, "10.0.12.90", "example-mailer")
LEGACY_BILLING = instance(LEGACY, 2, "private", "10.16.27.5", "billing")
EUROPE_INDEXER = instance(EUROPE, 1, "private", "172.20.12.8", "indexer")
EUROPE_REPORTER = instance(EUROPE, 2, "private", "172.20.27.8", "reporter")
NAT_CLIENTS = {
    MAIN_NAT: (CRAWLER, MAILER, LOADER),
    LEGACY_NAT: (LEGACY_BILLING,),
    EUROPE_NAT: (EUROPE_INDEXER, EUROPE_REPORTER),
}

# Machines that reach S3 by the gateway endpoint. The second is of an older platform, which cannot tell the endpoint
# from an internet gateway (traffic path 2).
ENDPOINT_CLIENT = instance(MAIN, 1, "private", PRIVATE_CLIENTS[0].remote_address, "batch-0143")
OLD_ENDPOINT_CLIENT = instance(MAIN, 2, "private", PRIVATE_CLIENTS[1].remote_address, "report-reader")

BALANCER_NODES = (
    load_balancer_node(MAIN, 1, "10.0.0.31", "54.160.9.31"),
    load_balancer_node(MAIN, 2, "10.0.1.31", "54.160.9.32"),
)
WEB_SERVERS = (
    instance(MAIN, 1, "private", "10.0.12.11", "web-1"),
    instance(MAIN, 2, "private", "10.0.27.11", "web-2"),
)
EXPORTER = instance(MAIN, 1, "public", "10.0.0.50", "partner-export", public_address="44.192.1.50")
# The interface that two flow logs record.
MAIL_RELAY = instance(
    MAIN, 2, "public", "10.0.1.25", "mail-relay", public_address="44.192.1.25", more_flow_logs=(DEFAULT_LOG,)
)
DUAL_STACK_SERVER = instance(
    MAIN, 1, "public", "10.0.0.66", "dual-stack", public_address="44.192.1.66", ipv6_address="2600:1f18:4a3:100::66"
)
INNER_IPV6_CLIENT = instance(MAIN, 2, "private", "10.0.27.66", "updater", ipv6_address="2600:1f18:4a3:227::66")
MAIN_ENDPOINT = interface_endpoint(MAIN, "10.0.12.200", "unknown")

LEGACY_SERVER = instance(
    LEGACY, 1, "public", "10.16.0.80", "ftp", public_address="3.80.14.80", ipv6_address="2600:1f18:77:100::80"
)
LEGACY_DATABASES = (
    instance(LEGACY, 1, "private", "10.16.12.5", "database-1"),
    instance(LEGACY, 2, "private", "10.16.27.15", "database-2"),
)
LEGACY_ENDPOINT = interface_endpoint(LEGACY, "10.16.12.200", None)

BACKUP_AGENT = instance(
    EUROPE,
    1,
    "public",
    "172.20.0.55",
    "backup-agent",
    instance_id="i-0123456789abcdef0",
    public_address=BACKUP_ROLE.remote_address,
    ipv6_address="2a05:d018:12:100::55",
)
EUROPE_INNER_IPV6_CLIENT = instance(
    EUROPE, 2, "private", "172.20.27.66", "patcher", ipv6_address="2a05:d018:12:227::66"
)
EUROPE_DATABASES = (
    instance(EUROPE, 1, "private", "172.20.12.5", "search-1"),
    instance(EUROPE, 2, "private", "172.20.27.5", "search-2"),
)
EUROPE_ENDPOINT = interface_endpoint(EUROPE, "172.20.12.200", "unknown")

INTERFACES = (
    MAIN_NAT,
    LEGACY_NAT,
    EUROPE_NAT,
    LOADER,
    CRAWLER,
    MAILER,
    LEGACY_BILLING,
    EUROPE_INDEXER,
    EUROPE_REPORTER,
    ENDPOINT_CLIENT,
    OLD_ENDPOINT_CLIENT,
    *BALANCER_NODES,
    *WEB_SERVERS,
    EXPORTER,
    MAIL_RELAY,
    DUAL_STACK_SERVER,
    INNER_IPV6_CLIENT,
    MAIN_ENDPOINT,
    LEGACY_SERVER,
    *LEGACY_DATABASES,
    LEGACY_ENDPOINT,
    BACKUP_AGENT,
    EUROPE_INNER_IPV6_CLIENT,
    *EUROPE_DATABASES,
    EUROPE_ENDPOINT,
)

# Far ends on the internet are those of the sample S3 access logs, where the choice of addresses is explained. Far ends
# in AWS are inside the published ranges of their service and region.
PARTNER = End(GROWING_DOWNLOADER.remote_address)
MIRROR = End(HEAVY_DOWNLOADER.remote_address)
REPORT_READER = End(REPORT_USER.remote_address)
OFFICE = End(OFFICE_USER.remote_address)
PORT_SCANNER = End(SCANNER.remote_address)
WEB_VISITORS = tuple(End(visitor.remote_address) for visitor in VISITORS)
IPV6_VISITORS = tuple(End(client.remote_address) for client in IPV6_CLIENTS)
WEBSITES = tuple(End(f"192.175.48.{number}") for number in range(150, 162))
MAIL_SERVERS = tuple(End(f"192.31.196.{number}") for number in range(201, 206))
S3_US_EAST_1 = tuple(End(f"52.216.8.{number}", "S3", "us-east-1") for number in range(10, 14))
S3_EU_WEST_1 = tuple(End(f"3.5.64.{number}", "S3", "eu-west-1") for number in range(9, 12))
DYNAMODB_US_EAST_1 = End("52.94.0.10", "DYNAMODB", "us-east-1")
DYNAMODB_EU_WEST_1 = End("52.94.24.9", "DYNAMODB", "eu-west-1")
INSTANCE_OF_OTHERS = End("3.248.1.1", "EC2", "eu-west-1")
DATA_CENTRE = tuple(End(f"192.168.40.{number}") for number in range(11, 15))
# Pods with addresses of the shared address space, as in clusters that ran out of private ones (RFC 6598).
PODS = tuple(End(f"100.64.12.{number}") for number in range(7, 11))
