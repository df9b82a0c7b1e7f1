"""The parts a topology is built of: networks, interfaces, and the far ends outside."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sample_logs.vpc_flow_logs.actors import (
    DATA_CENTRE,
    DYNAMODB_US_EAST_1,
    IPV6_VISITORS,
    S3_EU_WEST_1,
    S3_US_EAST_1,
    WEB_VISITORS,
    WEBSITES,
    End,
    Interface,
    Network,
    resource_id,
)
from sample_logs.vpc_flow_logs.flow_logs import FlowLog

FIRST_ACCOUNT = "111122223333"
SECOND_ACCOUNT = "444455556666"
FIRST_DAY, SECOND_DAY = 1, 2
BOTH_DAYS = (FIRST_DAY, SECOND_DAY)

# The interface types that flow logs tell (VPC user guide, fields interface-type and next-hop-interface-type).
TOLD_INTERFACE_TYPES = {
    "nat_gateway",
    "regional_nat_gateway",
    "network_load_balancer",
    "transit_gateway",
    "vpc_endpoint",
}
# The first half of Elastic IP addresses and the beginning of IPv6 ones, by region: inside EC2's published ranges.
PUBLIC_PREFIXES = {"us-east-1": "44.192", "eu-west-1": "3.248"}
IPV6_PREFIXES = {"us-east-1": "2600:1f18", "eu-west-1": "2a05:d018"}
ZONE_PREFIXES = {"us-east-1": "use1", "eu-west-1": "euw1"}

INTERNET = WEBSITES
VISITORS = WEB_VISITORS
IPV6_INTERNET = IPV6_VISITORS
ON_PREMISES = DATA_CENTRE
# An office behind its carrier's address translation (RFC 6598).
BEHIND_A_CARRIER = tuple(End(f"100.64.200.{number}") for number in range(11, 15))
OWN_S3 = S3_US_EAST_1
OTHER_S3 = S3_EU_WEST_1
OWN_DYNAMODB = DYNAMODB_US_EAST_1


@dataclass(frozen=True)
class Vpc(Network):
    """A network of the lab. Its number gives its addresses, so no two networks overlap.

    Public subnets are 10.number.zone.0/24, private ones 10.number.(10 + zone).0/24. Which flow log records it is the
    lab's choice.
    """

    flow_log: FlowLog | None = None
    number: int = 0

    def private_address(self, zone: int, subnet: str, host: int) -> str:
        """Return an address of a subnet."""
        return f"10.{self.number}.{zone if subnet == 'public' else 10 + zone}.{host}"

    def elastic_address(self, zone: int, host: int) -> str:
        """Return a public address of EC2."""
        return f"{PUBLIC_PREFIXES[self.region]}.{self.number}.{100 * (zone - 1) + host}"

    def ipv6_address(self, zone: int, host: int) -> str:
        """Return an IPv6 address of EC2."""
        return f"{IPV6_PREFIXES[self.region]}:{self.number:x}:{zone}::{host:x}"

    def zone_name(self, zone: int) -> str:
        """Return the zone's name in its account, for example us-east-1a."""
        return f"{self.region}{'abcdef'[zone - 1]}"


def vpc(name: str, number: int, account_id: str = FIRST_ACCOUNT, region: str = "us-east-1") -> Vpc:
    """Return a network."""
    return Vpc(name, account_id, region, ZONE_PREFIXES[region], number=number)


@dataclass(frozen=True)
class SecondaryAddress:
    """One more private address of an interface, and the public one that belongs to it."""

    private_address: str
    public_address: str | None = None


@dataclass(frozen=True)
class LabInterface(Interface):
    """An interface, and what the lab needs to know beyond the sample logs' story.

    `owner_account_id` differs from the network's account in a shared subnet. `days` are the days on which it exists.
    `is_logged` says whether the lab's flow log records it, `has_second_flow_log` whether one in the default format does
    as well.
    """

    owner_account_id: str | None = None
    secondary_addresses: tuple[SecondaryAddress, ...] = ()
    prefixes: tuple[str, ...] = ()
    days: tuple[int, ...] = BOTH_DAYS
    is_logged: bool = True
    has_second_flow_log: bool = False

    @property
    def interface_id(self) -> str:
        """The id of the interface: another resource with the same address later has another one."""
        return resource_id("eni", f"{self.network.name} {self.private_address} {self.resource_id}")

    @property
    def account_id(self) -> str:
        """The account that owns the interface."""
        return self.owner_account_id or self.network.account_id

    @property
    def told_type(self) -> str | None:
        """The type as flow logs tell it; None for a type they have no word for."""
        return self.interface_type if self.interface_type in TOLD_INTERFACE_TYPES else None

    def own_address(self, *, is_ipv6: bool) -> str:
        """Return the address that records show for the interface itself: of IPv4 always the primary private one."""
        if not is_ipv6:
            return self.private_address
        if self.ipv6_address is None:
            raise ValueError(f"{self.resource_name} has no IPv6 address.")
        return self.ipv6_address


def instance(
    network: Vpc, zone: int, host: int, name: str, *, is_public: bool = False, has_ipv6: bool = False, **fields: object
) -> LabInterface:
    """Return the interface of an EC2 instance, in a public subnet if it has a public address."""
    subnet = "public" if is_public else "private"
    values = {
        "network": network,
        "zone": zone,
        "subnet": subnet,
        "private_address": network.private_address(zone, subnet, host),
        "resource_kind": "ec2_instance",
        "resource_id": resource_id("i", f"{network.name} {name}"),
        "resource_name": name,
        "logged_account_id": fields.get("owner_account_id") or network.account_id,
        "public_address": network.elastic_address(zone, host) if is_public else None,
        "ipv6_address": network.ipv6_address(zone, host) if has_ipv6 else None,
    }
    return LabInterface(**{**values, **fields})


def service_interface(
    network: Vpc,
    zone: int,
    host: int,
    kind: str,
    identity: str,
    name: str,
    interface_type: str,
    description: str,
    **fields: object,
) -> LabInterface:
    """Return an interface that an AWS service made."""
    subnet = "public" if fields.pop("is_public", False) else "private"
    values = {
        "network": network,
        "zone": zone,
        "subnet": subnet,
        "private_address": network.private_address(zone, subnet, host),
        "resource_kind": kind,
        "resource_id": identity,
        "resource_name": name,
        "logged_account_id": network.account_id,
        "public_address": network.elastic_address(zone, host) if subnet == "public" else None,
        "interface_type": interface_type,
        "description": description,
    }
    return LabInterface(**{**values, **fields})


def nat_gateway(network: Vpc, host: int, name: str, *, is_public: bool = True, **fields: object) -> LabInterface:
    """Return the interface of a NAT gateway in the first zone; a private one has no public address."""
    identity = resource_id("nat", f"{network.name} {name}")
    description = f"Interface for NAT Gateway {identity}"
    return service_interface(
        network, 1, host, "nat_gateway", identity, name, "nat_gateway", description, is_public=is_public, **fields
    )


def lambda_function(network: Vpc, zone: int, host: int, name: str, **fields: object) -> LabInterface:
    """Return the interface of a Lambda function that is attached to the network."""
    unique = UUID(sha256(f"{network.name} {name}".encode()).hexdigest()[:32])
    description = f"AWS Lambda VPC ENI-{name}-{unique}"
    return service_interface(network, zone, host, "lambda", name, name, "lambda", description, **fields)


def application_load_balancer(network: Vpc, zone: int, host: int, name: str) -> LabInterface:
    """Return the interface of an application load balancer in one zone."""
    identity = f"app/{name}/{short_digest(network, name)}"
    return service_interface(
        network, zone, host, "load_balancer", identity, name, "interface", f"ELB {identity}", is_public=True
    )


def network_load_balancer(network: Vpc, zone: int, host: int, name: str) -> LabInterface:
    """Return the interface of a network load balancer in one zone, whose records do not tell the account.

    `unknown` is documented for it (VPC user guide, field account-id).
    """
    identity = f"net/{name}/{short_digest(network, name)}"
    return service_interface(
        network,
        zone,
        host,
        "load_balancer",
        identity,
        name,
        "network_load_balancer",
        f"ELB {identity}",
        is_public=True,
        logged_account_id="unknown",
    )


def transit_gateway_attachment(network: Vpc, zone: int, host: int, **fields: object) -> LabInterface:
    """Return the interface by which the network is attached to a transit gateway."""
    identity = resource_id("tgw-attach", network.name)
    description = f"Network Interface for Transit Gateway Attachment {identity}"
    name = f"{network.name}-attachment"
    return service_interface(
        network, zone, host, "transit_gateway", identity, name, "transit_gateway", description, **fields
    )


def endpoint_interface(network: Vpc, zone: int, host: int, name: str) -> LabInterface:
    """Return the interface of a VPC endpoint, whose records do not tell the account (as the field account-id says)."""
    identity = resource_id("vpce", f"{network.name} {name}")
    description = f"VPC Endpoint Interface {identity}"
    return service_interface(
        network, zone, host, "vpc_endpoint", identity, name, "vpc_endpoint", description, logged_account_id="unknown"
    )


def short_digest(network: Vpc, name: str) -> str:
    """Return the 16 hexadecimal digits at the end of a load balancer's name."""
    return sha256(f"{network.name} {name}".encode()).hexdigest()[:16]
