"""Athena's work groups: where results go, whether that is enforced, and how many bytes one query may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_aws.errors import RequestRefusedError

SMALLEST_SCAN_LIMIT_BYTES = 10_000_000  # of the API; https://docs.aws.amazon.com/athena/latest/ug/workgroups.html
ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


@dataclass
class WorkGroup:
    """One work group."""

    name: str
    state: str = "ENABLED"
    description: str = ""
    output_location: str | None = None
    is_enforced: bool = False
    scan_limit_bytes: int | None = None


class WorkGroups:
    """All work groups; each public method in CamelCase is the Athena operation of that name."""

    def __init__(self) -> None:
        self._groups = {"primary": WorkGroup("primary")}

    def get(self, name: str) -> WorkGroup:
        """Return a work group. Raises RequestRefusedError when there is none of that name."""
        if name not in self._groups:
            raise RequestRefusedError(f"WorkGroup {name} is not found.")
        return self._groups[name]

    def CreateWorkGroup(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Create a work group; its configuration is enforced unless it says otherwise, as on AWS."""
        name, configuration = request["Name"], request.get("Configuration") or {}
        if name in self._groups:
            raise RequestRefusedError("WorkGroup is already created")
        self._groups[name] = WorkGroup(
            name,
            description=request.get("Description", ""),
            output_location=(configuration.get("ResultConfiguration") or {}).get("OutputLocation"),
            is_enforced=configuration.get("EnforceWorkGroupConfiguration", True),
            scan_limit_bytes=_checked_limit(configuration.get("BytesScannedCutoffPerQuery")),
        )
        return {}

    def UpdateWorkGroup(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Change what the request names, and nothing else."""
        group, updates = self.get(request["WorkGroup"]), request.get("ConfigurationUpdates") or {}
        results = updates.get("ResultConfigurationUpdates") or {}
        group.state = request.get("State", group.state)
        group.description = request.get("Description", group.description)
        group.is_enforced = updates.get("EnforceWorkGroupConfiguration", group.is_enforced)
        group.output_location = results.get("OutputLocation", group.output_location)
        if results.get("RemoveOutputLocation"):
            group.output_location = None
        if "BytesScannedCutoffPerQuery" in updates:
            group.scan_limit_bytes = _checked_limit(updates["BytesScannedCutoffPerQuery"])
        if updates.get("RemoveBytesScannedCutoffPerQuery"):
            group.scan_limit_bytes = None
        return {}

    def DeleteWorkGroup(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Delete a work group."""
        del self._groups[self.get(request["WorkGroup"]).name]
        return {}

    def GetWorkGroup(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe a work group."""
        group = self.get(request["WorkGroup"])
        configuration: dict[str, Any] = {
            "ResultConfiguration": {"OutputLocation": group.output_location} if group.output_location else {},
            "EnforceWorkGroupConfiguration": group.is_enforced,
            "PublishCloudWatchMetricsEnabled": False,
            "RequesterPaysEnabled": False,
            "EngineVersion": ENGINE_VERSION,
        }
        if group.scan_limit_bytes is not None:
            configuration["BytesScannedCutoffPerQuery"] = group.scan_limit_bytes
        return {
            "WorkGroup": {
                "Name": group.name,
                "State": group.state,
                "Description": group.description,
                "Configuration": configuration,
            }
        }

    def ListWorkGroups(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """List the work groups."""
        return {
            "WorkGroups": [
                {"Name": group.name, "State": group.state, "EngineVersion": ENGINE_VERSION}
                for group in self._groups.values()
            ]
        }


def _checked_limit(byte_count: int | None) -> int | None:
    if byte_count is not None and byte_count < SMALLEST_SCAN_LIMIT_BYTES:
        raise RequestRefusedError(
            f"BytesScannedCutoffPerQuery is {byte_count}; it must be at least {SMALLEST_SCAN_LIMIT_BYTES}"
        )
    return byte_count
