"""The flow logs of the story: where each delivers its files, in which format."""

from dataclasses import dataclass
from datetime import datetime

from sample_logs.s3_access_logs.actors import FIRST_ACCOUNT, SECOND_ACCOUNT
from sample_logs.vpc_flow_logs.formats import CUSTOM_FIELDS, DEFAULT_FIELDS, PARQUET_FIELDS


@dataclass(frozen=True)
class FlowLog:
    """One flow log. Its folder layout is one of those AWS offers (VPC user guide, "Flow log files")."""

    flow_log_id: str
    prefix: str
    account_id: str
    region: str
    fields: tuple[str, ...]
    is_parquet: bool = False
    has_hourly_folders: bool = False
    has_hive_folders: bool = False

    @property
    def version(self) -> int:
        """The highest version among the fields, which every record tells in its field `version`."""
        return 2 if set(self.fields) <= set(DEFAULT_FIELDS) else 5

    def path(self, delivered_at: datetime, unique: str) -> str:
        """Return the path of the file that is made at this moment."""
        if self.has_hive_folders:
            folder = (
                f"aws-account-id={self.account_id}/aws-service=vpcflowlogs/aws-region={self.region}/"
                f"{delivered_at:year=%Y/month=%m/day=%d}"
            )
        else:
            folder = f"{self.account_id}/vpcflowlogs/{self.region}/{delivered_at:%Y/%m/%d}"
        if self.has_hourly_folders:
            folder += f"/{delivered_at:hour=%H}" if self.has_hive_folders else f"/{delivered_at:%H}"
        suffix = "log.parquet" if self.is_parquet else "log.gz"
        name = f"{self.account_id}_vpcflowlogs_{self.region}_{self.flow_log_id}_{delivered_at:%Y%m%dT%H%MZ}_{unique}"
        return f"{self.prefix}/AWSLogs/{folder}/{name}.{suffix}"


DEFAULT_LOG = FlowLog("fl-0a1d7e3b5c9f28461", "vpc-flow-logs", FIRST_ACCOUNT, "us-east-1", DEFAULT_FIELDS)
CUSTOM_LOG = FlowLog(
    "fl-0c4e86a2b07d3f915",
    "vpc-flow-logs-custom",
    FIRST_ACCOUNT,
    "us-east-1",
    CUSTOM_FIELDS,
    has_hourly_folders=True,
)
PARQUET_LOG = FlowLog(
    "fl-0f92b6d1e4a7c3058",
    "vpc-flow-logs-parquet",
    SECOND_ACCOUNT,
    "eu-west-1",
    PARQUET_FIELDS,
    is_parquet=True,
    has_hive_folders=True,
)
FLOW_LOGS = (DEFAULT_LOG, CUSTOM_LOG, PARQUET_LOG)
