"""Snapshots of the network interfaces, as the answers of EC2's DescribeNetworkInterfaces, one JSON object a line.

A file holds the interfaces of one account and region at one moment. Shape of a line:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sample_logs.settings import SampleFile
from sample_logs.vpc_flow_logs.actors import resource_id

from network_lab.network import LabInterface

PREFIX = "network-interfaces"
# The accounts and services that make interfaces for load balancers and others; the numbers are made up.
REQUESTERS = {"ELB app/": "amazon-elb", "ELB net/": "999900001111", "Interface for NAT": "999900002222"}
OTHER_REQUESTER = "999900003333"
ATTACHMENT_OWNERS = {"ELB app/": "amazon-elb"}
OTHER_ATTACHMENT_OWNER = "amazon-aws"


def snapshots(interfaces: Iterable[LabInterface], days: list[date], taken_at: time) -> Iterator[SampleFile]:
    """Yield a file for each day, account and region, taken at this time of the day."""
    interfaces = list(interfaces)
    for number, day in enumerate(days, start=1):
        by_place: defaultdict[tuple[str, str], list[LabInterface]] = defaultdict(list)
        for interface in interfaces:
            if number in interface.days:
                by_place[interface.account_id, interface.network.region].append(interface)
        for (account_id, region), present in sorted(by_place.items()):
            in_order = sorted(present, key=lambda interface: interface.interface_id)
            text = "".join(f"{json.dumps(network_interface(interface))}\n" for interface in in_order)
            path = snapshot_path(account_id, region, datetime.combine(day, taken_at, tzinfo=UTC))
            yield SampleFile(path, gzip.compress(text.encode(), mtime=0))


def snapshot_path(account_id: str, region: str, moment: datetime) -> str:
    """Return the path of a snapshot below the folder of logs."""
    name = f"{account_id}_{PREFIX}_{region}_{moment:%Y%m%dT%H%M%SZ}.json.gz"
    return f"{PREFIX}/{account_id}/{region}/{moment:%Y/%m/%d}/{name}"


def network_interface(interface: LabInterface) -> dict[str, Any]:
    """Return an interface as EC2 describes it; what it does not have is left out."""
    network, is_instance = interface.network, interface.resource_kind == "ec2_instance"
    described: dict[str, Any] = {
        "NetworkInterfaceId": interface.interface_id,
        "InterfaceType": interface.interface_type,
        "Description": interface.description,
        "OwnerId": interface.account_id,
        "RequesterManaged": not is_instance,
        "Status": "in-use",
        "VpcId": network.vpc_id,
        "SubnetId": interface.subnet_id,
        "AvailabilityZone": network.zone_name(interface.zone),
        "AvailabilityZoneId": interface.az_id,
        "PrivateIpAddress": interface.private_address,
        "PrivateIpAddresses": [
            private_ip_address(interface, interface.private_address, interface.public_address, is_primary=True),
            *(
                private_ip_address(interface, address.private_address, address.public_address, is_primary=False)
                for address in interface.secondary_addresses
            ),
        ],
        "Ipv6Addresses": [{"Ipv6Address": interface.ipv6_address}] if interface.ipv6_address else [],
        "Ipv4Prefixes": [{"Ipv4Prefix": prefix} for prefix in interface.prefixes],
        "Attachment": attachment(interface),
        "TagSet": [{"Key": "Name", "Value": interface.resource_name}] if is_instance else [],
    }
    if interface.public_address:
        described["Association"] = association(interface, interface.public_address)
    if not is_instance:
        described["RequesterId"] = by_description(interface, REQUESTERS, OTHER_REQUESTER)
    return described


def private_ip_address(
    interface: LabInterface, private_address: str, public_address: str | None, *, is_primary: bool
) -> dict[str, Any]:
    """Return one private address and the public one that belongs to it."""
    address: dict[str, Any] = {"PrivateIpAddress": private_address, "Primary": is_primary}
    if public_address:
        address["Association"] = association(interface, public_address)
    return address


def association(interface: LabInterface, public_address: str) -> dict[str, str]:
    """Return the association with an Elastic IP address."""
    return {"PublicIp": public_address, "IpOwnerId": interface.account_id}


def attachment(interface: LabInterface) -> dict[str, Any]:
    """Return what the interface is attached to."""
    common = {"AttachmentId": resource_id("eni-attach", interface.interface_id), "Status": "attached"}
    if interface.resource_kind == "ec2_instance":
        return {**common, "InstanceId": interface.resource_id, "InstanceOwnerId": interface.account_id}
    return {**common, "InstanceOwnerId": by_description(interface, ATTACHMENT_OWNERS, OTHER_ATTACHMENT_OWNER)}


def by_description(interface: LabInterface, values: dict[str, str], otherwise: str) -> str:
    """Return the value of the beginning that the description has."""
    return next((value for start, value in values.items() if interface.description.startswith(start)), otherwise)
