"""Athena without AWS: S3, Glue and STS emulated by moto, the Athena API by this package, and Trino as its engine."""

from local_aws.athena_space import AthenaSpace, QueryNotSucceededError
from local_aws.server import LocalAws, RecordedStatement
from local_aws.trino_process import missing_trino

__all__ = ["AthenaSpace", "LocalAws", "QueryNotSucceededError", "RecordedStatement", "missing_trino"]
