"""AWS's own example records, and what each of them must mean.

Source: VPC user guide, "Flow log record examples"
(https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html). The values are AWS's; meanings that
the guide does not state are deduced from the descriptions of the fields. Some formats lack fields that a reader of
whole records needs: `DocumentedExample.lines_in` writes the records in another format, with what it lacks filled in.

203.0.113.0/24 and 2001:db8::/32 are documentation addresses, so a reader may rightly not call them the internet;
`leaves_for_far_end` says what the example shows, whatever the address is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sample_logs.vpc_flow_logs.formats import DEFAULT_FIELDS

Text = str | int


@dataclass(frozen=True)
class Meaning:
    """What one record says.

    The addresses are those of the packets, None where there are none. `leaves_for_far_end`: these bytes leave the
    network by its edge, in this record and in no other of the example.
    """

    what: str
    direction: str | None
    sender_address: str | None
    receiver_address: str | None
    outcome: str = "accepted"
    byte_count: int | None = None
    flags: tuple[str, ...] = ()
    leaves_for_far_end: bool = False


@dataclass(frozen=True)
class DocumentedExample:
    """One example: its format, its records as text, and a meaning for each record."""

    name: str
    section: str
    fields: tuple[str, ...]
    lines: tuple[str, ...]
    meanings: tuple[Meaning, ...]

    def rows(self) -> list[dict[str, str]]:
        """Return the records as values by field."""
        return [dict(zip(self.fields, line.split(), strict=True)) for line in self.lines]

    def lines_in(self, fields: Sequence[str], filled: Sequence[Mapping[str, Text]] = ()) -> list[str]:
        """Return the records in another format; `filled` has, for each record, what the example does not tell.

        What is neither in the example nor filled in is `-`.
        """
        more = filled or [{}] * len(self.lines)
        rows = [{**extra, **row} for row, extra in zip(self.rows(), more, strict=True)]
        return [" ".join(str(row.get(field, "-")) for field in fields) for row in rows]


ACCEPTED_AND_REJECTED = DocumentedExample(
    "accepted_and_rejected",
    "Accepted and rejected traffic",
    DEFAULT_FIELDS,
    (
        "2 123456789010 eni-1235b8ca123456789 "
        "172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
        "2 123456789010 eni-1235b8ca123456789 "
        "172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK",
    ),
    (
        Meaning("SSH is let in", "ingress", "172.31.16.139", "172.31.16.21", byte_count=4249),
        Meaning("RDP is refused", "ingress", "172.31.9.69", "172.31.9.12", "rejected", 4249),
    ),
)

NO_DATA_AND_SKIPPED = DocumentedExample(
    "no_data_and_skipped",
    "No data and skipped records",
    DEFAULT_FIELDS,
    (
        "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA",
        "2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA",
    ),
    (
        Meaning("there was no traffic", None, None, None, "no_data"),
        Meaning("there was traffic, and its records are lost", None, None, None, "skipped"),
    ),
)

# The security group lets the ping in, and its answer too; the network ACL refuses the answer.
REFUSED_ANSWER = DocumentedExample(
    "refused_answer",
    "Security group and network ACL rules",
    DEFAULT_FIELDS,
    (
        "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1432917027 1432917142 ACCEPT OK",
        "2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1432917094 1432917142 REJECT OK",
    ),
    (
        Meaning("a ping arrives", "ingress", "203.0.113.12", "172.31.16.139", byte_count=336),
        Meaning("its answer is refused", "egress", "172.31.16.139", "203.0.113.12", "rejected", 336),
    ),
)

IPV6 = DocumentedExample(
    "ipv6",
    "IPv6 traffic",
    DEFAULT_FIELDS,
    (
        "2 123456789010 eni-1235b8ca123456789 2001:db8:1234:a100:8d6e:3477:df66:f105 "
        "2001:db8:1234:a102:3304:8879:34cf:4071 34892 22 6 54 8855 1477913708 1477913820 ACCEPT OK",
    ),
    (
        Meaning(
            "SSH is let in",
            "ingress",
            "2001:db8:1234:a100:8d6e:3477:df66:f105",
            "2001:db8:1234:a102:3304:8879:34cf:4071",
            byte_count=8855,
        ),
    ),
)

TCP_FLAG_HEADER = (
    "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr "
    "pkt-dstaddr protocol bytes packets start end action tcp-flags log-status"
)
TCP_FLAG_FIELDS = tuple(TCP_FLAG_HEADER.split())
TCP_FLAG_INTERFACE = (
    "3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010 IPv4"
)
CLIENT, SERVER = "52.213.180.42", "10.0.0.62"


def from_client(byte_count: int, *flags: str) -> Meaning:
    """Return the meaning of a record of what the client sends."""
    return Meaning("client to server", "ingress", CLIENT, SERVER, byte_count=byte_count, flags=flags)


def from_server(byte_count: int, *flags: str) -> Meaning:
    """Return the meaning of a record of what the server answers."""
    return Meaning(
        "server to client", "egress", SERVER, CLIENT, byte_count=byte_count, flags=flags, leaves_for_far_end=True
    )


# Two connections of one client begin in the first window; in the second, one of them ends. The example's last two
# records, a connection within one window, are a day later. One line of the guide has two blanks in a row, here one.
TCP_FLAGS = DocumentedExample(
    "tcp_flags",
    "TCP flag sequence",
    TCP_FLAG_FIELDS,
    tuple(
        f"{TCP_FLAG_INTERFACE} {rest}"
        for rest in (
            f"{CLIENT} {SERVER} 43416 5001 {CLIENT} {SERVER} 6 568 8 1566848875 1566848933 ACCEPT 2 OK",
            f"{SERVER} {CLIENT} 5001 43416 {SERVER} {CLIENT} 6 376 7 1566848875 1566848933 ACCEPT 18 OK",
            f"{CLIENT} {SERVER} 43418 5001 {CLIENT} {SERVER} 6 100701 70 1566848875 1566848933 ACCEPT 2 OK",
            f"{SERVER} {CLIENT} 5001 43418 {SERVER} {CLIENT} 6 632 12 1566848875 1566848933 ACCEPT 18 OK",
            f"{SERVER} {CLIENT} 5001 43418 {SERVER} {CLIENT} 6 63388 1219 1566848933 1566849113 ACCEPT 1 OK",
            f"{CLIENT} {SERVER} 43418 5001 {CLIENT} {SERVER} 6 23294588 15774 1566848933 1566849113 ACCEPT 1 OK",
            f"{CLIENT} {SERVER} 43638 5001 {CLIENT} {SERVER} 6 1260 17 1566933133 1566933193 ACCEPT 3 OK",
            f"{SERVER} {CLIENT} 5001 43638 {SERVER} {CLIENT} 6 967 14 1566933133 1566933193 ACCEPT 19 OK",
        )
    ),
    (
        from_client(568, "SYN"),
        from_server(376, "SYN", "ACK"),
        from_client(100_701, "SYN"),
        from_server(632, "SYN", "ACK"),
        from_server(63_388, "FIN"),
        from_client(23_294_588, "FIN"),
        from_client(1_260, "SYN", "FIN"),
        from_server(967, "SYN", "ACK", "FIN"),
    ),
)

ADDRESS_HEADER = "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr"
ADDRESS_FIELDS = tuple(ADDRESS_HEADER.split())
# The gateway is 10.0.0.220, its client 10.0.1.5, the far end 203.0.113.5. The six records tell one conversation: what
# the client sends is in three of them, and what it gets in the other three.
NAT_GATEWAY = DocumentedExample(
    "nat_gateway",
    "Traffic through a NAT gateway",
    ADDRESS_FIELDS,
    (
        "- eni-1235b8ca123456789 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5",
        "- eni-1235b8ca123456789 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5",
        "- eni-1235b8ca123456789 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220",
        "- eni-1235b8ca123456789 10.0.0.220 10.0.1.5 203.0.113.5 10.0.1.5",
        "i-01234567890123456 eni-1111aaaa2222bbbb3 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5",
        "i-01234567890123456 eni-1111aaaa2222bbbb3 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5",
    ),
    (
        Meaning("client to gateway, at the gateway", "ingress", "10.0.1.5", "203.0.113.5"),
        Meaning("gateway to far end", "egress", "10.0.0.220", "203.0.113.5", leaves_for_far_end=True),
        Meaning("far end to gateway", "ingress", "203.0.113.5", "10.0.0.220"),
        Meaning("gateway to client, at the gateway", "egress", "203.0.113.5", "10.0.1.5"),
        Meaning("client to far end, at the client", "egress", "10.0.1.5", "203.0.113.5"),
        Meaning("far end to client, at the client", "ingress", "203.0.113.5", "10.0.1.5"),
    ),
)

TRANSIT_GATEWAY_HEADER = (
    "version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol tcp-flags "
    "type pkt-srcaddr pkt-dstaddr action log-status"
)
TRANSIT_GATEWAY_FIELDS = tuple(TRANSIT_GATEWAY_HEADER.split())
# The client is 10.20.33.164, in a network without a flow log; the web server is 10.40.2.236. The transit gateway has an
# interface in each of two zones: what arrives comes out of the one, what leaves goes into the other. None of it is
# internet.
TRANSIT_GATEWAY = DocumentedExample(
    "transit_gateway",
    "Traffic through a transit gateway",
    TRANSIT_GATEWAY_FIELDS,
    (
        "3 eni-33333333333333333 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb i-01234567890123456 "
        "10.20.33.164 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK",
        "3 eni-33333333333333333 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb i-01234567890123456 "
        "10.40.2.236 10.20.33.164 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK",
        "3 eni-11111111111111111 123456789010 vpc-abcdefab012345678 subnet-11111111aaaaaaaaa - "
        "10.40.1.175 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK",
        "3 eni-22222222222222222 123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb - "
        "10.40.2.236 10.40.2.31 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK",
    ),
    (
        Meaning("request, at the server", "ingress", "10.20.33.164", "10.40.2.236", flags=("SYN", "FIN")),
        Meaning("answer, at the server", "egress", "10.40.2.236", "10.20.33.164", flags=("SYN", "ACK", "FIN")),
        Meaning("request, out of the transit gateway", "egress", "10.20.33.164", "10.40.2.236", flags=("SYN", "FIN")),
        Meaning(
            "answer, into the transit gateway", "ingress", "10.40.2.236", "10.20.33.164", flags=("SYN", "ACK", "FIN")
        ),
    ),
)

S3_HEADER = (
    "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id subnet-id "
    "instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags pkt-srcaddr pkt-dstaddr "
    "pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction log-status"
)
S3_INSTANCE = (
    "123456789012 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-0c50d5961bcb2d47b eni-1235b8ca123456789 "
    "ap-southeast-2 apse2-az3 - -"
)
# An instance fetches from S3 of its own region, straight through an internet gateway (path 8).
S3_BY_INTERNET_GATEWAY = DocumentedExample(
    "s3_by_internet_gateway",
    "Service name, traffic path, and flow direction",
    tuple(S3_HEADER.split()),
    (
        f"5 52.95.128.179 10.0.0.71 80 34210 6 1616729292 1616729349 IPv4 14 15044 {S3_INSTANCE} ACCEPT 19 "
        "52.95.128.179 10.0.0.71 S3 - - ingress OK",
        f"5 10.0.0.71 52.95.128.179 34210 80 6 1616729292 1616729349 IPv4 7 471 {S3_INSTANCE} ACCEPT 3 "
        "10.0.0.71 52.95.128.179 - S3 8 egress OK",
    ),
    (
        Meaning(
            "S3 to instance",
            "ingress",
            "52.95.128.179",
            "10.0.0.71",
            byte_count=15_044,
            flags=("SYN", "ACK", "FIN"),
        ),
        Meaning(
            "instance to S3",
            "egress",
            "10.0.0.71",
            "52.95.128.179",
            byte_count=471,
            flags=("SYN", "FIN"),
            leaves_for_far_end=True,
        ),
    ),
)

DOCUMENTED_EXAMPLES = (
    ACCEPTED_AND_REJECTED,
    NO_DATA_AND_SKIPPED,
    REFUSED_ANSWER,
    IPV6,
    TCP_FLAGS,
    NAT_GATEWAY,
    TRANSIT_GATEWAY,
    S3_BY_INTERNET_GATEWAY,
)
