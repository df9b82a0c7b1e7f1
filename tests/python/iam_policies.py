"""Hold IAM policies against what was really called: a small evaluator, and what IAM checks each request by."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_aws import AthenaSpace
    from local_aws.request_log import RecordedRequest

Policy = dict[str, Any]


def allowed(policy: Policy, action: str, resource: str, **context: str) -> bool:
    """Tell whether a statement of a policy allows an action on a resource: `*` and `?`, and StringLike conditions."""
    return any(
        any(fnmatch.fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatch.fnmatchcase(resource, re.sub(r"\[", "[[]", pattern)) for pattern in statement["Resource"])
        and all(
            any(fnmatch.fnmatchcase(context.get(key.removeprefix("s3:"), ""), pattern) for pattern in patterns)
            for key, patterns in statement.get("Condition", {}).get("StringLike", {}).items()
        )
        for statement in policy["Statement"]
    )


S3_ACTIONS = {
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
}


def checks(request: RecordedRequest, space: AthenaSpace, account: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what IAM checks a request by: action, resource and the keys of conditions.

    Glue checks catalog, database and table each; a list is of all there are. The log does not hold the keys of
    DeleteObjects: it is checked as a delete in the schema's folder. https://docs.aws.amazon.com/AmazonS3/latest/userguide/
    using-with-s3-policy-actions.html
    """
    parameters, action = request.parameters, f"{request.service}:{request.operation}"
    if request.service == "athena":
        yield action, f"arn:aws:athena:us-east-1:{account}:workgroup/{space.work_group}", {}
    elif request.service == "glue":
        database = parameters.get("DatabaseName") or parameters.get("DatabaseInput", {}).get("Name")
        table = parameters.get("TableName") or parameters.get("TableInput", {}).get("Name")
        if "DatabaseName" in parameters:
            table = table or parameters.get("Name", "any_table")
        names = ["catalog", f"database/{database or parameters.get('Name', 'any_database')}"]
        for name in [*names, f"table/{database}/{table}"] if table else names:
            yield action, f"arn:aws:glue:us-east-1:{account}:{name}", {}
    elif request.service == "s3":
        # The stand-in shows Trino CloudTrail files as lines, in copies below a folder of this name.
        parameters = {name: value.removeprefix("cloudtrail-lines/") for name, value in parameters.items()}
        bucket = f"arn:aws:s3:::{parameters['Bucket']}"
        action = f"s3:{S3_ACTIONS.get(request.operation, request.operation)}"
        if request.operation == "DeleteObjects":
            yield action, f"{bucket}/{space.prefix}warehouse/{space.schema}/x", {}
        elif action in ("s3:ListBucket", "s3:ListBucketVersions"):
            yield action, bucket, {"prefix": parameters.get("Prefix", "")}
        else:
            yield action, f"{bucket}/{parameters['Key']}", {}
    else:
        assert action == "sts:GetCallerIdentity"  # needs no permission


def refused(policy: Policy, requests: list[RecordedRequest], space: AthenaSpace, account: str) -> set[str]:
    """What a policy does not allow of these requests."""
    return {
        f"{action} {resource} {context or ''}"
        for request in requests
        for action, resource, context in checks(request, space, account)
        if not allowed(policy, action, resource, **context)
    }


def aws_account(aws: Any) -> str:
    account: str = aws.client("sts").get_caller_identity()["Account"]
    return account
