"""Changes that an auditor asks for: keys, trails, buckets and security groups, the harmless ones among them."""

from collections.abc import Iterator
from typing import Any

from sample_logs.cloudtrail.actors import (
    ACCESS_KEY_ID_LENGTH,
    ADMINISTRATOR,
    CONTRACTOR,
    DEPLOYER,
    FIRST_US,
    Caller,
    made_up_id,
)
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.cloudtrail.truth import (
    ACCESS_KEY_CREATED,
    BUCKET_OPENED,
    SECURITY_GROUP_OPENED,
    TRAIL_CHANGED,
)
from sample_logs.s3_access_logs.actors import FIRST_ACCOUNT

HARMLESS_DAY_NUMBER = 2
# The contractor signs in without MFA on this day.
INTRUSION_DAY_NUMBER = 5
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{FIRST_ACCOUNT}:trail/everything"
BUCKET = "example-scratch"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def changed(maker: EventMaker, caller: Caller, second: int, service: str, name: str, **fields: Any) -> Event:
    """Return a call that changes something, at a second of the day."""
    return maker.event(FIRST_US, caller, service, name, at=maker.moment(second, second), is_read_only=False, **fields)


def ingress(*items: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of AuthorizeSecurityGroupIngress."""
    return {"groupId": "sg-0a1b2c3d4e5f60718", "ipPermissions": {"items": list(items)}}


def permission(port: int, *, ipv4: tuple[str, ...] = (), ipv6: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a permission for one port; EC2 writes an empty object where there is no list."""
    return {
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "groups": {},
        "ipRanges": {"items": [{"cidrIp": cidr} for cidr in ipv4]} if ipv4 else {},
        "ipv6Ranges": {"items": [{"cidrIpv6": cidr} for cidr in ipv6]} if ipv6 else {},
        "prefixListIds": {},
    }


def bucket_policy(principal: Any) -> dict[str, Any]:
    """Return the parameters of PutBucketPolicy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"{BUCKET_ARN}/*"}
    return {
        "bucketPolicy": {"Version": "2012-10-17", "Statement": [statement]},
        "bucketName": BUCKET,
        "Host": f"{BUCKET}.s3.amazonaws.com",
        "policy": "",
    }


def harmless_changes(maker: EventMaker) -> Iterator[Event]:
    """Change what may be changed: open a port to a private network, let one account read, close a bucket."""
    if maker.day_number != HARMLESS_DAY_NUMBER:
        return
    inside = ingress(permission(443, ipv4=("10.0.0.0/8",), ipv6=("2600:1f18::/36",)))
    yield changed(maker, ADMINISTRATOR, 30_000, "ec2", "AuthorizeSecurityGroupIngress", request_parameters=inside)
    reader = bucket_policy({"AWS": f"arn:aws:iam::{FIRST_ACCOUNT}:root"})
    yield changed(maker, ADMINISTRATOR, 30_100, "s3", "PutBucketPolicy", request_parameters=reader)
    all_blocks = {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True), "bucketName": BUCKET}
    yield changed(maker, ADMINISTRATOR, 30_200, "s3", "PutBucketPublicAccessBlock", request_parameters=all_blocks)
    yield changed(
        maker,
        DEPLOYER,
        30_300,
        "cloudtrail",
        "StopLogging",
        request_parameters={"name": TRAIL_ARN},
        error_code="AccessDenied",
        error_message=f"User: {DEPLOYER.identity['arn']} is not authorized to perform: cloudtrail:StopLogging",
    )


def intrusion(maker: EventMaker) -> Iterator[Event]:
    """Stop the trail, make a key for another user, open a security group and a bucket to the world."""
    if maker.day_number != INTRUSION_DAY_NUMBER:
        return
    trail = {"name": TRAIL_ARN}
    yield changed(
        maker, CONTRACTOR, 50_000, "cloudtrail", "StopLogging", request_parameters=trail, finding=TRAIL_CHANGED
    )
    user_name = DEPLOYER.known_name
    yield changed(
        maker,
        CONTRACTOR,
        50_060,
        "iam",
        "CreateAccessKey",
        request_parameters={"userName": user_name},
        response_elements={
            "accessKey": {
                "accessKeyId": made_up_id("AKIA", "made by the contractor", ACCESS_KEY_ID_LENGTH),
                "status": "Active",
                "userName": user_name,
                "createDate": "Nov 5, 2026, 1:54:20 PM",
            }
        },
        finding=ACCESS_KEY_CREATED,
    )
    yield changed(
        maker,
        CONTRACTOR,
        50_120,
        "ec2",
        "AuthorizeSecurityGroupIngress",
        request_parameters=ingress(
            permission(443, ipv4=("10.0.0.0/8",)), permission(22, ipv4=("0.0.0.0/0",), ipv6=("::/0",))
        ),
        finding=SECURITY_GROUP_OPENED,
    )
    no_blocks = {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, False), "bucketName": BUCKET}
    yield changed(
        maker,
        CONTRACTOR,
        50_180,
        "s3",
        "PutBucketPublicAccessBlock",
        request_parameters=no_blocks,
        finding=BUCKET_OPENED,
    )
    yield changed(
        maker,
        CONTRACTOR,
        50_240,
        "s3",
        "PutBucketPolicy",
        request_parameters=bucket_policy("*"),
        finding=BUCKET_OPENED,
    )
    yield changed(
        maker, ADMINISTRATOR, 54_000, "cloudtrail", "StartLogging", request_parameters=trail, finding=TRAIL_CHANGED
    )
