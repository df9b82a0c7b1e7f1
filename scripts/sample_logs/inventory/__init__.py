"""Sample inventory: daily snapshots of the network interfaces of the flow logs' story.

One file per account, region and day, as scripts/snapshot_network_interfaces.py writes them; nothing changes in the
week. The object `inventory` of the truth file has `snapshots`: rows of snapshot_date, account_id, region, with
interface_count. What the interfaces are stands under `vpc_flow_logs`, `interfaces`.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any

from sample_logs.settings import SampleFile, Settings
from sample_logs.vpc_flow_logs.actors import INTERFACES, Interface, resource_id

PREFIX = "inventory/network-interfaces"
ACCOUNTS = sorted({interface.network.account_id for interface in INTERFACES})
REGIONS = sorted({interface.network.region for interface in INTERFACES})
TAKEN_AT = time(0, 20, tzinfo=UTC)
# The one line of an account that has no interface in a region.
NO_INTERFACE = "{}"
# Who made the interfaces of AWS services, as the API spells it.
REQUESTERS = {"load_balancer": "amazon-elb", "vpc_endpoint": "amazon-vpce", "nat_gateway": "amazon-nat"}


class Inventory:
    """Makes the snapshots, and the truth about them."""

    name = "inventory"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def files(self) -> Iterator[SampleFile]:
        """Yield the snapshots by day, then account and region."""
        for row in self._snapshots():
            taken_at = datetime.combine(row["day"], TAKEN_AT)
            lines = [json.dumps(as_described(interface)) for interface in row["interfaces"]] or [NO_INTERFACE]
            yield SampleFile(
                snapshot_path(row["account_id"], row["region"], taken_at),
                # Without the time in it: equal settings give equal bytes.
                gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0),
            )

    def truth(self) -> dict[str, Any]:
        """Return what a correct reader finds in the snapshots."""
        return {
            "snapshots": [
                {
                    "snapshot_date": row["day"].isoformat(),
                    "account_id": row["account_id"],
                    "region": row["region"],
                    "interface_count": len(row["interfaces"]),
                }
                for row in self._snapshots()
            ]
        }

    def _snapshots(self) -> Iterator[dict[str, Any]]:
        for day in self._settings.event_days:
            for account_id in ACCOUNTS:
                for region in REGIONS:
                    interfaces = [
                        interface
                        for interface in INTERFACES
                        if (interface.network.account_id, interface.network.region) == (account_id, region)
                    ]
                    yield {"day": day, "account_id": account_id, "region": region, "interfaces": interfaces}


def snapshot_path(account_id: str, region: str, taken_at: datetime) -> str:
    """Return the path of a snapshot below the folder of logs."""
    name = f"{account_id}_network-interfaces_{region}_{taken_at:%Y%m%dT%H%M%SZ}.json.gz"
    return f"{PREFIX}/{account_id}/{region}/{taken_at:%Y/%m/%d}/{name}"


def as_described(interface: Interface) -> dict[str, Any]:
    """Return the interface as DescribeNetworkInterfaces does, with the name of its instance beside it.

    Members: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
    """
    owner = interface.network.account_id
    is_of_instance = interface.instance_id is not None
    requester = REQUESTERS.get(interface.resource_kind)
    address: dict[str, Any] = {"Primary": True, "PrivateIpAddress": interface.private_address}
    if interface.public_address:
        address["Association"] = {"IpOwnerId": owner, "PublicDnsName": "", "PublicIp": interface.public_address}
    attachment = {
        "AttachTime": "2026-10-01T08:00:00+00:00",
        "AttachmentId": resource_id("eni-attach", interface.interface_id),
        "DeleteOnTermination": is_of_instance,
        "DeviceIndex": 0,
        "InstanceOwnerId": requester or owner,
        "Status": "attached",
    }
    if is_of_instance:
        attachment["InstanceId"] = interface.instance_id
    # Load balancers and functions name themselves in the description; their interfaces have no tags.
    is_tagged = interface.resource_kind in ("nat_gateway", "vpc_endpoint")
    described = {
        "Attachment": attachment,
        "AvailabilityZone": f"{interface.network.region}{'abcdef'[interface.zone - 1]}",
        "AvailabilityZoneId": interface.az_id,
        "Description": interface.description,
        "Groups": [],
        "InterfaceType": interface.interface_type,
        "Ipv6Addresses": [{"Ipv6Address": interface.ipv6_address}] if interface.ipv6_address else [],
        "MacAddress": mac_address(interface),
        "NetworkInterfaceId": interface.interface_id,
        "OwnerId": owner,
        "PrivateIpAddress": interface.private_address,
        "PrivateIpAddresses": [address],
        "RequesterManaged": not is_of_instance,
        "SourceDestCheck": interface.resource_kind != "nat_gateway",
        "Status": "in-use",
        "SubnetId": interface.subnet_id,
        "TagSet": [
            {"Key": "team", "Value": "network"},
            {"Key": "Name", "Value": interface.resource_name},
        ]
        if is_tagged
        else [],
        "VpcId": interface.network.vpc_id,
    }
    if requester:
        described["RequesterId"] = requester
    if interface.public_address:
        described["Association"] = address["Association"]
    if is_of_instance:
        described["InstanceName"] = interface.resource_name
    return described


def mac_address(interface: Interface) -> str:
    """Return a locally administered hardware address."""
    digits = sha256(interface.interface_id.encode()).hexdigest()[:10]
    return ":".join(["0a", *(digits[start : start + 2] for start in range(0, 10, 2))])
