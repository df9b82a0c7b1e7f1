"""Refuse Glue requests that carry more than Glue takes: moto takes any number."""

from __future__ import annotations

from local_aws.http_messages import Request

# Operation: (parameter, most items), from https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
MOST_ITEMS = {
    "BatchCreatePartition": ("PartitionInputList", 100),
    "BatchUpdatePartition": ("Entries", 100),
    "BatchDeletePartition": ("PartitionsToDelete", 25),
    "BatchGetPartition": ("PartitionsToGet", 1000),
    "BatchDeleteTable": ("TablesToDelete", 100),
    "BatchDeleteTableVersion": ("VersionIds", 100),
}


def too_many_items(request: Request) -> str | None:
    """Return Glue's message when a request carries too many items, or None."""
    parameter, most = MOST_ITEMS.get(request.operation, ("", 0)) if request.service == "glue" else ("", 0)
    if not parameter or len(request.parameters.get(parameter, [])) <= most:
        return None
    name = parameter[0].lower() + parameter[1:]
    return (
        f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less"
        f" than or equal to {most}"
    )
