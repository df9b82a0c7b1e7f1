"""What the dbt commands of the tests share is what each of them would have parsed for itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt_server import ENVIRONMENT, PARSED_VARIABLES, REPOSITORY, inherited_environment

OTHER_VALUES: dict[str, Any] = {
    "start_date": "2026-11-02",
    "end_date": "2026-11-03",
    "newest_delivery_date": "2026-11-04",
    "vpc_flow_logs_custom_fields": "version vpc-id srcaddr dstaddr",
    "existing_raw_tables": {"vpc_flow_logs.default": {"database": "netlogs", "table": "flow_logs"}},
    "aws_partition": "aws-cn",
    "data_transfer_prices_own": [{"traffic_class": "nat_gateway_processing", "price_per_gb": 0.04, "currency": "USD"}],
    "payer_account_ids": {"111122223333": "444455556666"},
    "s3_request_prices_own": [{"request_price_tier": "get_tier", "price_per_1000": 0.0003, "currency": "USD"}],
    "s3_requester_pays_buckets": ["example-bucket"],
    # No other value is right while no other table is declared.
    "vpc_flow_logs_text_tables": ["custom", "default"],
    "asked_address": "10.0.0.1",
    "tests_look_at": "everything",
}
ENGINES = {
    "local": {"WAREHOUSE": "/nowhere/test.duckdb", "LOGS": "/nowhere/logs"},
    "athena": {
        "AWS_REGION": "us-east-1",
        "ATHENA_SCHEMA": "traffic",
        "ATHENA_WORK_GROUP": "primary",
        "ATHENA_RESULTS": "s3://bucket/results/",
        "ATHENA_DATA": "s3://bucket/data/",
        "LOGS": "s3://bucket/logs",
    },
}

# Run in a process of its own: dbt and its adapters keep state.
COMPARE = """
import json, sys
import dbt_server
from dbt.cli.main import dbtRunner

environment, variables = json.loads(sys.argv[1]), sys.argv[2]
own = dbtRunner().invoke(["--quiet", "--no-partial-parse", "parse", "--vars", variables])
assert own.success, own.exception
dbt_server.share_templates()
shared = dbt_server.shared_manifest(environment, json.loads(variables)).filled(environment)


def plain(value):
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items() if name not in ("created_at", "state_check")}
    return [plain(part) for part in value] if isinstance(value, list) else value


def differences(one, other, path=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{path}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, parts in enumerate(zip(one, other)):
            yield from differences(*parts, f"{path}/{number}")
    elif one != other:
        yield f"{path}: {one!r} and {other!r}"


one, other = (plain(manifest.to_dict(omit_none=False)) for manifest in (shared, own.result))
for manifest in (one, other):
    del manifest["metadata"]
assert len(one["nodes"]) > 100
print("\\n".join(differences(one, other)))
"""


def other_value(value: Any) -> Any:
    """Return a value of the same kind that is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value / 2 if isinstance(value, float) else value + 1
    return [*value, "other"] if isinstance(value, list) else f"{value or ''}other"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_commands_share_is_what_dbt_parses_whatever_the_vars_are(engine: str, tmp_path: Path) -> None:
    variables = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text())["vars"]
    others = {name: OTHER_VALUES.get(name, other_value(value)) for name, value in variables.items()}
    assert others.keys() > PARSED_VARIABLES
    inherited = inherited_environment()
    environment = inherited | ENVIRONMENT | ENGINES[engine] | {"DBT_TARGET": engine}
    environment |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    environment |= {"PYTHONPATH": str(Path(__file__).parent)}
    compared = subprocess.run(
        [sys.executable, "-c", COMPARE, json.dumps(environment), json.dumps(others)],
        cwd=REPOSITORY,
        env=environment,
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert (compared.returncode, compared.stdout.strip()) == (0, ""), compared.stderr
