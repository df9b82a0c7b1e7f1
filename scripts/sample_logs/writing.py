"""Make every log kind's files and the truth about them."""

import json
from collections.abc import Iterator

from sample_logs.cloudtrail import CloudTrail
from sample_logs.inventory import Inventory
from sample_logs.s3_access_logs import S3AccessLogs
from sample_logs.settings import LogKind, SampleFile, Settings
from sample_logs.variables import variables_file
from sample_logs.vpc_flow_logs import VpcFlowLogs

TRUTH_NAME = "truth.json"
VARIABLES_NAME = "variables.yml"


def log_kinds(settings: Settings) -> list[LogKind]:
    """Return the kinds of log that are made, each with its own random streams, and the inventory."""
    return [S3AccessLogs(settings), VpcFlowLogs(settings), CloudTrail(settings), Inventory(settings)]


def sample_files(settings: Settings) -> Iterator[SampleFile]:
    """Yield all log files, then the file of dbt's vars, then the truth file.

    The truth file is JSON with sorted keys: `settings`, and one object per log kind. The docstring of a kind's
    `truth` module says what is in it.
    """
    truth = {
        "settings": {
            "seed": settings.seed,
            "start_date": settings.start_date.isoformat(),
            "days": settings.days,
            "scale": settings.scale,
        }
    }
    for kind in log_kinds(settings):
        yield from kind.files()
        truth[kind.name] = kind.truth()
    yield SampleFile(VARIABLES_NAME, variables_file(settings.start_date))
    yield SampleFile(TRUTH_NAME, (json.dumps(truth, indent=2, sort_keys=True) + "\n").encode())
