"""The record formats that the lab writes: the default one, and one for each later version with all fields up to it.

Fields by version: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html. Of version 11 the lab has the
fields about the interface and the next hop, not the tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sample_logs.vpc_flow_logs.flow_logs import FlowLog
from sample_logs.vpc_flow_logs.formats import DEFAULT_FIELDS

V2_FIELDS = DEFAULT_FIELDS
V3_FIELDS = (*V2_FIELDS, "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr")
V4_FIELDS = (*V3_FIELDS, "region", "az-id", "sublocation-type", "sublocation-id")
V5_FIELDS = (*V4_FIELDS, "pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path")
V11_FIELDS = (
    *V5_FIELDS,
    "interface-type",
    "next-hop-interface-id",
    "next-hop-subnet-id",
    "next-hop-az-id",
    "next-hop-vpc-id",
    "next-hop-interface-type",
)
FORMATS = {2: V2_FIELDS, 3: V3_FIELDS, 4: V4_FIELDS, 5: V5_FIELDS, 11: V11_FIELDS}


def format_version(fields: Sequence[str]) -> int:
    """Return the highest version among the fields, which every record tells in its field `version`."""
    return next(version for version, known in FORMATS.items() if set(fields) <= set(known))


@dataclass(frozen=True)
class LabFlowLog(FlowLog):
    """A flow log in one of the lab's formats."""

    @property
    def version(self) -> int:
        """The version that its records tell."""
        return format_version(self.fields)
