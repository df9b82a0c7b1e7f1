"""The analyses answer right: the order, the measure and the days, on rows written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from cloudtrail_records import event, trail_file, write_trail
from duckdb_project import MODELS_ONLY, REPOSITORY, DuckdbProject, log_file, log_line
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log

WINDOW = {"start_date": "2026-11-01", "end_date": "2026-11-02"}

ANN = "arn:aws:iam::111122223333:user/ann"
BOB = {"type": "IAMUser", "principalId": "AIDABOB", "arn": "arn:aws:iam::111122223333:user/bob"}
CONFIG = {"type": "AWSService", "invokedBy": "config.amazonaws.com"}

LOGIN = {"additionalEventData": {"MFAUsed": "Yes"}, "requestParameters": None}
ROOT = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}
ROLE = {
    "type": "AssumedRole",
    "principalId": "AROA:eve",
    "arn": "arn:aws:sts::111122223333:assumed-role/tester/eve",
    "accountId": "111122223333",
}
SCAN = {"srcaddr": "192.52.193.9", "dstport": 22, "bytes": 5000, "action": "REJECT"}

EVENTS = (
    event("E1"),
    event("E2", sourceIPAddress="203.0.113.8", eventTime="2026-11-01T13:00:00Z"),
    event("E3", sourceIPAddress="203.0.113.8", userIdentity=BOB, additionalEventData=None),
    event("E4", eventName="PutObject", userIdentity=BOB, errorCode="AccessDenied", additionalEventData=None),
    event("E5", sourceIPAddress="AWS Internal/3"),
    event("E6", sourceIPAddress="config.amazonaws.com", userIdentity=CONFIG, additionalEventData=None),
    event("E7", eventSource="iam.amazonaws.com", eventName="ListUsers", requestParameters=None),
    event("E8", eventTime="2026-11-03T12:00:00Z"),
    event("E9", eventTime=None),
    event("E10", eventSource="signin.amazonaws.com", eventName="ConsoleLogin", **LOGIN, userIdentity={"type": "Root"}),
    event(
        "E11",
        eventSource="signin.amazonaws.com",
        eventName="ConsoleLogin",
        **{**LOGIN, "additionalEventData": {"MFAUsed": "No"}},
        errorMessage="Failed authentication",
    ),
)


def change(event_id: str, call: str, parameters: object, **fields: object) -> dict[str, object]:
    """A call that changes something; `call` is the service and the name."""
    source, name = call.split()
    return event(
        event_id,
        eventSource=f"{source}.amazonaws.com",
        eventName=name,
        requestParameters=parameters,
        **{"additionalEventData": None, "readOnly": False, **fields},
    )


def permission(port: int | None, *ranges: str) -> dict[str, object]:
    """One of the permissions of a security group, as EC2 writes it; every protocol without a port."""
    ipv4 = [{"cidrIp": cidr} for cidr in ranges if ":" not in cidr]
    ipv6 = [{"cidrIpv6": cidr} for cidr in ranges if ":" in cidr]
    ports = {"fromPort": port, "toPort": port} if port else {}
    return {
        "ipProtocol": "tcp" if port else "-1",
        **ports,
        "groups": {},
        "ipRanges": {"items": ipv4} if ipv4 else {},
        "ipv6Ranges": {"items": ipv6} if ipv6 else {},
        "prefixListIds": {},
    }


def ingress(*permissions: dict[str, object]) -> dict[str, object]:
    """The parameters of AuthorizeSecurityGroupIngress."""
    return {"groupId": "sg-1", "ipPermissions": {"items": list(permissions)}}


def changed_rules(rule: object) -> dict[str, object]:
    """The parameters of ModifySecurityGroupRules."""
    return {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-3", "SecurityGroupRule": rule}}


def rule(**fields: object) -> dict[str, object]:
    """One changed rule of a security group."""
    return {"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": {"IpProtocol": "tcp", **fields}}


def bucket(**parameters: object) -> dict[str, object]:
    """The parameters of a call about a bucket."""
    return {"bucketName": "example-bucket", **parameters}


def statement(principal: object, effect: str = "Allow", **fields: object) -> dict[str, object]:
    """One statement of a bucket's policy."""
    return {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **fields}


def policy(statements: object) -> dict[str, object]:
    """The parameters of PutBucketPolicy."""
    return bucket(bucketPolicy={"Version": "2012-10-17", "Statement": statements})


def grant(group: str) -> dict[str, object]:
    """The parameters of PutBucketAcl with one grant."""
    grantee = {"xsi:type": "Group", "URI": f"http://acs.amazonaws.com/groups/{group}"}
    grants = [{"Grantee": grantee, "Permission": "READ"}]
    return bucket(AccessControlPolicy={"AccessControlList": {"Grant": grants}})


def block(**settings: bool) -> dict[str, object]:
    """The parameters of PutBucketPublicAccessBlock: everything blocked, but for the settings given."""
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return bucket(PublicAccessBlockConfiguration={**dict.fromkeys(names, True), **settings})


EVERYBODY = {"AWS": ["arn:aws:iam::111122223333:root", "*"]}
HOSTILE = {"userName": "x'; drop table t; -- <script>"}
INGRESS = "ec2 AuthorizeSecurityGroupIngress"
MODIFY = "ec2 ModifySecurityGroupRules"
POLICY = "s3 PutBucketPolicy"
ACL = "s3 PutBucketAcl"
BLOCK = "s3 PutBucketPublicAccessBlock"
DENIED = {"errorCode": "AccessDenied"}

# The second day belongs to the questions about security; every name says what is expected of the event.
CHANGES = tuple(
    {**record, "eventTime": f"2026-11-02T12:{number:02d}:00Z"}
    for number, record in enumerate(
        (
            change("KEY_OF_HIS_OWN", "iam CreateAccessKey", None, userIdentity={**BOB, "userName": "bob"}),
            change(
                "KEY_OF_ANOTHER",
                "iam CreateAccessKey",
                {"userName": "ann"},
                userIdentity={**BOB, "userName": "bob"},
                responseElements={"accessKey": {"accessKeyId": "AKIANEW", "userName": "ann", "status": "Active"}},
            ),
            change("KEY_REFUSED", "iam CreateAccessKey", HOSTILE, userIdentity=ROLE, **DENIED),
            change("NO_KEY", "iam DeleteAccessKey", {"userName": "ann"}),
            change("STOPPED", "cloudtrail StopLogging", {"name": "trail-1"}),
            change("STOP_REFUSED", "cloudtrail StopLogging", {"name": "trail-1"}, **DENIED),
            change("SELECTED", "cloudtrail PutEventSelectors", {"trailName": "trail-1", "eventSelectors": []}),
            change("STORE_DELETED", "cloudtrail DeleteEventDataStore", {"eventDataStore": "arn:store"}),
            change("NO_PARAMETERS", "cloudtrail UpdateTrail", None),
            change("LOOKED_UP", "cloudtrail LookupEvents", None),
            change(
                "OPEN_4", INGRESS, ingress(permission(443, "10.0.0.0/8"), permission(22, "10.1.0.0/16", "0.0.0.0/0"))
            ),
            change("OPEN_6", INGRESS, ingress(permission(22, "::/0"))),
            change("OPEN_ALL", INGRESS, ingress(permission(None, "0.0.0.0/0", "::/0"))),
            change(
                "OPEN_FLAT",
                INGRESS,
                {"groupName": "default", "ipProtocol": "udp", "fromPort": 53, "toPort": 54, "cidrIp": "0.0.0.0/0"},
            ),
            change("OPEN_CHANGED", MODIFY, changed_rules(rule(CidrIpv4="0.0.0.0/0", FromPort=80, ToPort=81))),
            change(
                "OPEN_CHANGED_2",
                MODIFY,
                changed_rules(
                    [rule(CidrIpv4="10.0.0.0/8", FromPort=1, ToPort=1), rule(CidrIpv6="::/0", FromPort=2, ToPort=2)]
                ),
            ),
            change("OPEN_REFUSED", INGRESS, ingress(permission(23, "0.0.0.0/0")), **DENIED),
            change("INSIDE", INGRESS, ingress(permission(443, "10.0.0.0/8", "0.0.0.0/1", "2600:1f18::/36"))),
            change("NOT_IN_WORDS", INGRESS, {"groupId": "0.0.0.0/0", "ipPermissions": "::/0"}),
            change("OUTBOUND", "ec2 AuthorizeSecurityGroupEgress", ingress(permission(443, "0.0.0.0/0"))),
            change("REVOKED", "ec2 RevokeSecurityGroupIngress", ingress(permission(22, "0.0.0.0/0"))),
            change("PUBLIC_POLICY", POLICY, policy([statement({"AWS": "arn:1"}), statement("*")])),
            change("PUBLIC_POLICY_2", POLICY, policy(statement(EVERYBODY))),
            change(
                "LIMITED_POLICY", POLICY, policy([statement("*", Condition={"Bool": {"aws:SecureTransport": "true"}})])
            ),
            change("DENYING_POLICY", POLICY, policy([statement("*", "Deny"), statement({"AWS": "arn:1"})])),
            change("OWN_POLICY", POLICY, policy([statement({"Service": "cloudtrail.amazonaws.com"})])),
            change("PUBLIC_ACL", ACL, grant("global/AllUsers")),
            change("PUBLIC_CANNED_ACL", ACL, bucket(**{"x-amz-acl": ["public-read"]})),
            change("LOG_DELIVERY_ACL", ACL, grant("s3/LogDelivery")),
            change("PRIVATE_ACL", ACL, bucket(**{"x-amz-acl": "private"})),
            change("PUBLIC_BUCKET", "s3 CreateBucket", bucket(**{"x-amz-acl": "public-read-write"})),
            change("NEW_BUCKET", "s3 CreateBucket", bucket()),
            change("UNBLOCKED", BLOCK, block(BlockPublicPolicy=False)),
            change("UNBLOCKED_BY_SILENCE", BLOCK, bucket(PublicAccessBlockConfiguration={"BlockPublicAcls": True})),
            change("BLOCKED", BLOCK, block()),
            change("BLOCK_DELETED", "s3 DeleteBucketPublicAccessBlock", bucket()),
            change("UNBLOCK_REFUSED", BLOCK, block(BlockPublicAcls=False), **DENIED),
            change("NO_CHANGE", "s3 GetBucketPolicy", bucket()),
            change("BY_ROOT", "iam UpdateAccountPasswordPolicy", None, userIdentity=ROOT),
            change("FOR_ROOT", "kms Decrypt", None, userIdentity=ROOT, sourceIPAddress="AWS Internal/3"),
            *(
                change(
                    f"TRIED_{n}", f"ec2 Describe{n}", None, userIdentity=ROLE, errorCode="Client.UnauthorizedOperation"
                )
                for n in range(4)
            ),
            change(
                "OVER_SIGNED", "signin ConsoleLogin", None, userIdentity=ROLE, additionalEventData={"MFAUsed": "No"}
            ),
            change(
                "NO_MFA",
                "signin ConsoleLogin",
                None,
                additionalEventData={"MFAUsed": "No"},
                responseElements={"ConsoleLogin": "Success"},
            ),
            change(
                "MISSED",
                "signin ConsoleLogin",
                None,
                additionalEventData={"MFAUsed": "No"},
                responseElements={"ConsoleLogin": "Failure"},
            ),
        )
    )
)
# A call that its maker's account and the bucket's owner were told of, each by a record of its own.
SHARED = {
    "sharedEventID": "shared",
    "sourceIPAddress": "198.51.100.9",
    "userIdentity": {**BOB, "accountId": "444455556666"},
}
SHARED_EVENTS = (
    event("SHARED_OWNER", **SHARED),
    event("SHARED_CALLER", **SHARED, recipientAccountId="444455556666"),
)

FLOWS = (
    flow_line("A", bytes=100),
    flow_line("A", bytes=50),
    flow_line("B", bytes=120),  # the same pair, recorded by another interface
    flow_line("A", srcaddr="192.31.196.7", dstaddr="10.0.0.1", srcport=443, dstport=49152, bytes=900),
    flow_line("A", dstaddr="10.0.0.2", dstport=5432, bytes=400),
    flow_line("A", dstaddr="10.0.0.3", dstport=53, protocol=17, bytes=60),
    *(flow_line("A", **SCAN, dstaddr=address) for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2")),
    flow_line("A", **{**SCAN, "srcaddr": "192.52.193.10"}, dstaddr="10.0.0.1"),
    # Refused without a name: a protocol that no seed row has, and a port that is nobody's.
    *(flow_line("A", **{**SCAN, "srcaddr": "192.52.193.11", "dstport": 0}, protocol=200) for _ in range(2)),
    flow_line("A", **{**SCAN, "srcaddr": "192.52.193.12", "dstport": 53}, protocol=17),
    flow_line("A", **{**SCAN, "srcaddr": "192.52.193.12", "dstport": 61111}),
    flow_line("A", bytes=10**9, start=epoch("2026-11-03T12:00:00"), end=epoch("2026-11-03T12:00:00")),
)
# An interface without traffic, of which two hours are missing.
NO_DATA = dict.fromkeys(("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action"), "-") | {
    "log_status": "NODATA"
}
GAP = tuple(
    flow_line("N", **NO_DATA, start=epoch(moment), end=epoch(moment))
    for moment in ("2026-11-02T08:30:00", "2026-11-02T11:30:00")
)
# What a second flow log recorded at the same interface.
SECOND_FLOW_LOG = (flow_line("A", bytes=100), flow_line("A", bytes=50))

# One packet flow that an interface forwards: it comes in and goes out there, with the same addresses.
DIRECTED_HEADER = (
    "version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status "
    "flow-direction"
)
FORWARDED = tuple(
    f"5 eni-F 2600:1f18::a 2600:1f18::b 443 49152 6 2 70 {moment} {moment} ACCEPT OK {direction}"
    for moment, direction in ((epoch("2026-11-01T12:00:00"), "ingress"), (epoch("2026-11-01T12:00:01"), "egress"))
)
FORMAT = {"vpc_flow_logs_custom_fields": DIRECTED_HEADER}


def audited(
    request_id: str, requester: str, day: str = "2026-11-01", tls: str = "ECDHE - host TLSv1.2", **fields: str
) -> str:
    """A line of another bucket that sent nothing; `tls` is its cipher, authentication, host and TLS version."""
    line = log_line(request_id, day, bytes_sent="-", **fields).replace("example-bucket ", "audited-bucket ")
    line = line.replace(" - " + request_id, f" {requester} {request_id}").replace(" 403 - ", " 403 AccessDenied ")
    return line.replace("- - example-bucket.s3.amazonaws.com TLSv1.3", tls)


LOADER = "arn:aws:sts::111122223333:assumed-role/loader/"
HEAD, POLICY = "REST.HEAD.OBJECT", "REST.PUT.BUCKETPOLICY"
AUDITED = (
    audited("A1", ANN),
    audited("A2", "-", tls="ECDHE - host TLSv1.1"),
    audited("A3", "-", tls="- - host -"),
    audited("A4", "-", tls="- - - -"),  # no host, and so no request of a client
    audited("A5", LOADER + "1") + "Yes",  # no other word than Yes says so
    audited("A6", LOADER + "1", object_size="9").removesuffix(" -") + " Yes",
    audited("A7", LOADER + "2", "2026-11-02"),
    audited("A8", ANN, "2026-11-02"),
    audited("A9", ANN, "2026-11-02", operation=HEAD),
    audited("A10", ANN, "2026-11-02", operation=HEAD, status="403"),
    audited("A11", ANN, "2026-11-02", operation=POLICY, status="204"),
    audited("A12", "-", "2026-11-02", status="403", time="12:00:01"),
    audited("A13", "-", "2026-11-02", status="403", key="other"),
    audited("A14", "-", "2026-11-02", status="404"),
    audited("A15", ANN, "2026-11-03", operation="REST.GET.BUCKET"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """Three downloaders: most requests, largest objects, most bytes; a copy, a delete, a refusal, a cut line."""
    project = DuckdbProject(tmp_path_factory.mktemp("analyses"))

    def line(number: int, address: str, day: str = "2026-11-01", **fields: str) -> str:
        return log_line(f"R{number}", day, **fields).replace("203.0.113.7", address)

    lines = [
        line(1, "198.51.100.1", bytes_sent="10"),
        line(2, "198.51.100.1", bytes_sent="10"),
        line(3, "198.51.100.1", bytes_sent="10"),
        line(4, "198.51.100.2", status="206", bytes_sent="40", object_size="9000000000"),
        line(5, "198.51.100.3", bytes_sent="100"),
        line(6, "198.51.100.3", status="403", bytes_sent="5000"),
        line(7, "198.51.100.4", operation="REST.COPY.OBJECT_GET", bytes_sent="-", object_size="7000"),
        line(8, "198.51.100.4", operation="REST.DELETE.OBJECT", status="204", bytes_sent="-"),
        line(9, "198.51.100.3", day="2026-11-02", bytes_sent="2"),
        line(10, "198.51.100.5", day="2026-11-03", bytes_sent="100000"),
        *AUDITED,
        log_line("CUT", "2026-11-02")[:100],
    ]
    for number, day in enumerate(("2026-11-01", "2026-11-02", "2026-11-03")):
        month_day = f"[0{number + 1}/Nov"
        project.write_log(log_file(day, str(number)), *(text for text in lines if month_day in text))
    write_trail(project.logs, trail_file("2026-11-01", "A"), *EVENTS, *SHARED_EVENTS)
    # The same event by the trail of the account and by that of its organization.
    write_trail(project.logs, trail_file("2026-11-01", "A", folder="AWSLogs/o-exampleorgid"), EVENTS[0])
    write_trail(project.logs, trail_file("2026-11-02", "B"), *CHANGES)
    write_flow_log(project, flow_log_path("2026-11-01", "A"), DEFAULT_HEADER, *FLOWS, *GAP)
    write_flow_log(project, flow_log_path("2026-11-01", "B", flow_log="fl-0b"), DEFAULT_HEADER, *SECOND_FLOW_LOG)
    write_flow_log(project, flow_log_path("2026-11-01", "C", flow_log="fl-0c"), DIRECTED_HEADER, *FORWARDED)
    project.dbt(*MODELS_ONLY, variables=FORMAT).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables={**WINDOW, **FORMAT}).check()
    return project


def answer(project: DuckdbProject, analysis: str) -> list[tuple[object, ...]]:
    compiled = Path("target", "compiled", "aws_internet_traffic", "analyses", f"{analysis}.sql")
    return project.query((project.folder / compiled).read_text())


def test_top_downloaders_come_by_bytes_sent_the_largest_first(project: DuckdbProject) -> None:
    assert answer(project, "s3_top_downloaders") == [
        ("example-bucket", 1, "198.51.100.3", 102, 3),  # the refused request is one, too
        ("example-bucket", 2, "198.51.100.2", 40, 1),
        ("example-bucket", 3, "198.51.100.1", 30, 3),
    ]


def test_top_copiers_are_not_downloaders(project: DuckdbProject) -> None:
    assert answer(project, "s3_top_copiers") == [("example-bucket", 1, "anonymous", 7000, 1)]


def test_deletes_and_failures_are_counted(project: DuckdbProject) -> None:
    assert answer(project, "s3_deletes") == [("example-bucket", "anonymous", "REST.DELETE.OBJECT", "2xx", 1)]
    assert answer(project, "s3_failed_requests") == [
        ("audited-bucket", "anonymous", "REST.GET.OBJECT", "4xx", 3),
        ("audited-bucket", ANN, HEAD, "4xx", 1),
        ("example-bucket", "anonymous", "REST.GET.OBJECT", "4xx", 1),
    ]


def test_anonymous_access_shows_successes_first(project: DuckdbProject) -> None:
    assert answer(project, "s3_anonymous_access") == [
        ("example-bucket", "REST.GET.OBJECT", "2xx", 6, 172, 0),
        ("audited-bucket", "REST.GET.OBJECT", "2xx", 3, 0, 0),
        ("example-bucket", "REST.COPY.OBJECT_GET", "2xx", 1, 0, 0),
        ("example-bucket", "REST.DELETE.OBJECT", "2xx", 1, 0, 0),
        ("audited-bucket", "REST.GET.OBJECT", "4xx", 3, 0, 0),
        ("example-bucket", "REST.GET.OBJECT", "4xx", 1, 0, 0),
    ]


def test_refusals_name_caller_address_and_error(project: DuckdbProject) -> None:
    rows = answer(project, "s3_refused_requests")
    assert [(*row[:7], *(f"{moment:%d %H:%M:%S}" for moment in row[7:])) for row in rows] == [
        (
            "audited-bucket",
            "anonymous",
            "203.0.113.7",
            "REST.GET.OBJECT",
            "AccessDenied",
            2,
            2,
            "02 12:00:00",
            "02 12:00:01",
        ),
        ("audited-bucket", ANN, "203.0.113.7", HEAD, "AccessDenied", 1, 1, "02 12:00:00", "02 12:00:00"),
        ("example-bucket", "anonymous", "198.51.100.3", "REST.GET.OBJECT", "none", 1, 1, "01 12:00:00", "01 12:00:00"),
    ]


def test_insecure_requests_are_those_without_tls_and_with_an_old_one(project: DuckdbProject) -> None:
    assert answer(project, "s3_insecure_requests") == [
        ("audited-bucket", "none", "anonymous", "203.0.113.7", 1),
        ("audited-bucket", "tlsv1.1", "anonymous", "203.0.113.7", 1),
    ]


def test_requests_that_an_acl_allowed_are_found(project: DuckdbProject) -> None:
    assert answer(project, "s3_acl_dependent_requests") == [("audited-bucket", LOADER + "1", "REST.GET.OBJECT", 1, 1)]


def test_unusual_operations_are_first_uses_and_settings_come_first(project: DuckdbProject) -> None:
    rows = [(str(row[0]), *row[1:]) for row in answer(project, "s3_unusual_operations")]
    assert rows == [
        ("2026-11-02", "audited-bucket", ANN, POLICY, True, 1, 0),
        ("2026-11-02", "audited-bucket", ANN, HEAD, False, 2, 1),
    ]


def test_days_to_distrust_say_why(project: DuckdbProject) -> None:
    rows = answer(project, "log_days_to_distrust")
    assert [tuple(str(value) for value in row) for row in rows] == [
        ("2026-11-01", "cloudtrail", "111122223333", "us-east-1", "0", "1", "0", "0", "0", "1"),
        # The second day may still get late records.
        ("2026-11-02", "cloudtrail", "111122223333", "us-east-1", "0", "0", "0", "0", "0", "0"),
        ("2026-11-02", "s3_access_logs", "111122223333", "us-east-1", "0", "1", "0", "0", "0", "0"),
        ("2026-11-02", "vpc_flow_logs", "111122223333", "us-east-1", "0", "0", "0", "2", "0", "0"),
    ]


def test_address_pairs_come_by_accepted_bytes_and_count_none_twice(project: DuckdbProject) -> None:
    rows = answer(project, "network_top_address_pairs")
    assert {str(row[0]) for row in rows} == {"2026-11-01"}
    assert [row[1:] for row in rows] == [
        (1, "192.31.196.7", True, "10.0.0.1", False, "inbound_from_public", 900, 1, "eni-A"),
        (2, "10.0.0.1", False, "10.0.0.2", False, "inside", 400, 1, "eni-A"),
        (3, "10.0.0.1", False, "192.31.196.7", True, "outbound_to_public", 150, 2, "eni-A"),
        (4, "2600:1f18::a", True, "2600:1f18::b", True, "between_public", 70, 1, "eni-F"),
        (5, "10.0.0.1", False, "10.0.0.3", False, "inside", 60, 1, "eni-A"),
    ]


def test_ports_come_by_accepted_bytes_with_their_names(project: DuckdbProject) -> None:
    assert answer(project, "network_top_ports") == [
        (1, "TCP", 49152, "unnamed", 1040, 3),
        (2, "TCP", 443, "https", 420, 5),
        (3, "TCP", 5432, "postgresql-aurora", 400, 1),
        (4, "UDP", 53, "dns", 60, 1),
    ]


def test_refused_traffic_comes_by_records_the_most_first_with_its_names(project: DuckdbProject) -> None:
    assert answer(project, "network_rejected") == [
        (1, "192.52.193.9", "TCP", 6, 22, "ssh", 3, 6, 2),
        (2, "192.52.193.11", "200", 200, 0, "unnamed", 2, 4, 1),
        (3, "192.52.193.10", "TCP", 6, 22, "ssh", 1, 2, 1),
        (4, "192.52.193.12", "TCP", 6, 61111, "unnamed", 1, 2, 1),
        (5, "192.52.193.12", "UDP", 17, 53, "dns", 1, 2, 1),
    ]


def test_flow_logs_without_flags_do_not_tell_openings_from_answers(project: DuckdbProject) -> None:
    assert answer(project, "network_accepted_tcp") == [
        (1, "10.0.0.1", "192.31.196.7", 443, "https", 2, 4, 150),
        (2, "192.31.196.7", "10.0.0.1", 49152, "unnamed", 1, 2, 900),
        (3, "10.0.0.1", "10.0.0.2", 5432, "postgresql-aurora", 1, 2, 400),
        (4, "2600:1f18::a", "2600:1f18::b", 49152, "unnamed", 1, 2, 70),
    ]


def test_addresses_of_flow_logs_without_packet_addresses_are_those_that_the_interface_saw(
    project: DuckdbProject,
) -> None:
    for analysis in ("network_top_addresses", "network_top_packet_addresses"):
        assert [(*row[1:3], *row[4:]) for row in answer(project, analysis)] == [
            ("10.0.0.1", False, 900 + 400 + 150 + 60, 400 + 150 + 60, 900, 1 + 1 + 2 + 1),
            ("192.31.196.7", True, 900 + 150, 900, 150, 1 + 2),
            ("10.0.0.2", False, 400, 0, 400, 1),
            ("2600:1f18::a", True, 70, 70, 0, 1),
            ("2600:1f18::b", True, 70, 0, 70, 1),
            ("10.0.0.3", False, 60, 0, 60, 1),
        ]


@pytest.fixture(scope="module")
def answers_of_day(project: DuckdbProject) -> dict[str, dict[str, list[tuple[object, ...]]]]:
    """The answers of the analyses of CloudTrail for each of the two days."""
    found = {}
    for day in ("2026-11-01", "2026-11-02"):
        window = {"start_date": day, "end_date": day}
        project.dbt("compile", "--select", "path:analyses/api_*", variables={**window, **FORMAT}).check()
        names = [path.stem for path in (REPOSITORY / "analyses").glob("api_*.sql")]
        found[day] = {name: answer(project, name) for name in names}
    return found


Answers = dict[str, dict[str, list[tuple[object, ...]]]]


def test_denied_calls_name_the_principal(answers_of_day: Answers) -> None:
    assert answers_of_day["2026-11-01"]["api_access_denied"] == [
        (1, "bob", BOB["arn"], "s3.amazonaws.com", "PutObject", "AccessDenied", 1)
    ]


def test_sprees_are_of_one_principal_address_and_day(answers_of_day: Answers) -> None:
    ann, eve = answers_of_day["2026-11-02"]["api_access_denied_sprees"][1::-1]
    assert ann[:1] + ann[2:8] == (2, "111122223333", "ann", ANN, "203.0.113.7", 3, 3)
    assert eve[:1] + eve[2:8] == (1, "111122223333", "tester/eve", ROLE["arn"], "203.0.113.7", 5, 5)
    assert [str(moment) for moment in eve[8:]] == ["2026-11-02 12:02:00", "2026-11-02 12:43:00"]


def test_console_logins_show_root_first(answers_of_day: Answers) -> None:
    assert [row[2:] for row in answers_of_day["2026-11-01"]["api_console_logins"]] == [
        ("Root", "root", "203.0.113.7", True, False, False),
        ("IAMUser", "ann", "203.0.113.7", False, True, False),
    ]


def test_console_logins_without_mfa_are_those_of_users_who_came_in(answers_of_day: Answers) -> None:
    assert [row[2:] for row in answers_of_day["2026-11-02"]["api_console_logins"]] == [
        ("IAMUser", "ann", "203.0.113.7", False, False, True),
        ("IAMUser", "ann", "203.0.113.7", False, True, False),
        ("AssumedRole", "tester/eve", "203.0.113.7", False, False, False),
    ]


def test_top_principals_come_by_calls_the_most_first(answers_of_day: Answers) -> None:
    assert answers_of_day["2026-11-01"]["api_top_principals"] == [
        ("iam.amazonaws.com", 1, "ann", ANN, 1, 0, 0, 7),
        ("s3.amazonaws.com", 1, "ann", ANN, 3, 1, 0, 21),
        ("s3.amazonaws.com", 2, "bob", BOB["arn"], 3, 0, 1, 7),
        ("s3.amazonaws.com", 3, "config.amazonaws.com", "config.amazonaws.com", 1, 1, 0, None),
        ("signin.amazonaws.com", 1, "ann", ANN, 1, 0, 1, None),
        ("signin.amazonaws.com", 2, "root", "unknown:root", 1, 0, 0, None),
    ]


def test_events_come_by_name_and_services_are_told_apart(answers_of_day: Answers) -> None:
    assert answers_of_day["2026-11-01"]["api_events_by_name"] == [
        ("s3.amazonaws.com", "GetObject", 4, 2, 0),
        ("signin.amazonaws.com", "ConsoleLogin", 2, 0, 1),
        ("iam.amazonaws.com", "ListUsers", 1, 0, 0),
        ("s3.amazonaws.com", "PutObject", 1, 0, 1),
    ]


def test_object_readers_are_addresses_and_no_services(answers_of_day: Answers) -> None:
    assert answers_of_day["2026-11-01"]["api_object_readers"] == [
        ("example-bucket", 1, "203.0.113.8", 2, 7),
        ("example-bucket", 2, "198.51.100.9", 1, 7),
        ("example-bucket", 3, "203.0.113.7", 1, 7),
    ]


def test_event_details_are_those_of_clients_the_latest_first(answers_of_day: Answers) -> None:
    rows = answers_of_day["2026-11-01"]["api_event_details"]
    assert [row[-1] for row in rows] == ["E2", "E1", "E3", "E4", "SHARED_CALLER"]
    assert [str(value) for value in rows[3][1:]] == [
        *("111122223333", "PutObject", "203.0.113.7", "example-bucket", "key", "bob", BOB["arn"], "AccessDenied", "E4"),
    ]


def test_root_use_leaves_out_what_services_called(answers_of_day: Answers) -> None:
    assert [row[1:8] for row in answers_of_day["2026-11-02"]["api_root_use"]] == [
        ("111122223333", ROOT["arn"], "203.0.113.7", "iam.amazonaws.com", "UpdateAccountPasswordPolicy", 1, 0)
    ]


def test_access_keys_tell_their_owner_and_their_maker(answers_of_day: Answers) -> None:
    assert [row[2:] for row in answers_of_day["2026-11-02"]["api_access_keys_created"]] == [
        (
            "tester/eve",
            ROLE["arn"],
            "203.0.113.7",
            False,
            HOSTILE["userName"],
            True,
            None,
            "AccessDenied",
            "KEY_REFUSED",
        ),
        ("bob", BOB["arn"], "203.0.113.7", False, "ann", True, "AKIANEW", "none", "KEY_OF_ANOTHER"),
        ("bob", BOB["arn"], "203.0.113.7", False, "bob", False, None, "none", "KEY_OF_HIS_OWN"),
    ]


def test_changes_of_trails_tell_what_stopped(answers_of_day: Answers) -> None:
    rows = answers_of_day["2026-11-02"]["api_trail_changes"]
    assert [(row[-1], *row[3:6], row[10]) for row in rows] == [
        ("NO_PARAMETERS", "UpdateTrail", "unknown", False, "none"),
        ("STORE_DELETED", "DeleteEventDataStore", "arn:store", True, "none"),
        ("SELECTED", "PutEventSelectors", "trail-1", False, "none"),
        ("STOP_REFUSED", "StopLogging", "trail-1", False, "AccessDenied"),
        ("STOPPED", "StopLogging", "trail-1", True, "none"),
    ]
    assert {row[6:10] for row in rows} == {("ann", ANN, "203.0.113.7", False)}


def test_security_groups_opened_tell_each_rule_that_is_open(answers_of_day: Answers) -> None:
    rows = answers_of_day["2026-11-02"]["api_security_groups_opened"]
    assert [(row[-1], *row[4:10], row[-2]) for row in rows] == [
        ("OPEN_REFUSED", "sg-1", "tcp", "23", "23", True, False, "AccessDenied"),
        ("OPEN_CHANGED_2", "sg-3", "tcp", "2", "2", False, True, "none"),
        ("OPEN_CHANGED", "sg-3", "tcp", "80", "81", True, False, "none"),
        ("OPEN_FLAT", "default", "udp", "53", "54", True, False, "none"),
        ("OPEN_ALL", "sg-1", "all", None, None, True, True, "none"),
        ("OPEN_6", "sg-1", "tcp", "22", "22", False, True, "none"),
        ("OPEN_4", "sg-1", "tcp", "22", "22", True, False, "none"),
    ]


def test_changes_of_buckets_show_those_that_open_them_first(answers_of_day: Answers) -> None:
    rows = answers_of_day["2026-11-02"]["api_public_bucket_changes"]
    assert [(row[-1], row[4]) for row in rows] == [
        *((name, True) for name in ("UNBLOCK_REFUSED", "BLOCK_DELETED", "UNBLOCKED_BY_SILENCE", "UNBLOCKED")),
        *(
            (name, True)
            for name in ("PUBLIC_BUCKET", "PUBLIC_CANNED_ACL", "PUBLIC_ACL", "PUBLIC_POLICY_2", "PUBLIC_POLICY")
        ),
        *((name, False) for name in ("BLOCKED", "PRIVATE_ACL", "LOG_DELIVERY_ACL")),
        *((name, False) for name in ("OWN_POLICY", "DENYING_POLICY", "LIMITED_POLICY")),
    ]
    assert {(row[3], *row[5:9]) for row in rows} == {("example-bucket", "ann", ANN, "203.0.113.7", False)}
    assert [row[9] for row in rows[:2]] == ["AccessDenied", "none"]


def test_growth_is_told_against_the_days_with_logs_before(project: DuckdbProject) -> None:
    last_day = {"start_date": "2026-11-03", "end_date": "2026-11-03"}
    project.dbt("compile", "--select", "growth_of_senders_and_buckets", variables=last_day).check()
    found = [(*row[:3], str(row[3]), *row[4:]) for row in answer(project, "growth_of_senders_and_buckets")]
    assert found == [
        ("bucket", 1, "example-bucket", "2026-11-03", 100_000, (170 + 2) // 2),  # no growth on the second day
        ("sender", 1, "eni-A", "2026-11-03", 10**9, (100 + 50 + 0) // 2),  # on the second day nobody sent
    ]
