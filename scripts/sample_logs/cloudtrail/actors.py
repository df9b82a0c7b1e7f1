"""Who calls AWS in the story, and which trails log it. All of them are made up; the S3 story has the same accounts."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sample_logs.s3_access_logs.actors import (
    BROWSER,
    CLI,
    FIRST_ACCOUNT,
    JAVA,
    SECOND_ACCOUNT,
    Client,
    canonical_id,
)

ACCESS_KEY_ID_LENGTH = 20
PRINCIPAL_ID_LENGTH = 21
ID_END = "EXAMPLE"


@dataclass(frozen=True, order=True)
class Trail:
    """The trail of one account in one region: its files lie in a folder of their own."""

    account_id: str
    region: str


FIRST_US = Trail(FIRST_ACCOUNT, "us-east-1")
FIRST_EU = Trail(FIRST_ACCOUNT, "eu-west-1")
SECOND_EU = Trail(SECOND_ACCOUNT, "eu-west-1")
TRAILS = (FIRST_US, FIRST_EU, SECOND_EU)


@dataclass(frozen=True)
class Caller:
    """Somebody or something that calls AWS.

    `kind` and `principal_id` are `userIdentity.type` and `.principalId`, None where the record has none; `identity` is
    the rest of `userIdentity`. `known_id` and `known_name` are what a reader calls the caller. `session` is its
    `sessionContext` without the session's own attributes, None where no session is involved.
    """

    kind: str | None
    principal_id: str | None
    identity: Mapping[str, Any]
    source_address: str | None
    user_agent: str | None
    known_id: str
    known_name: str
    session: Mapping[str, Any] | None = None
    has_mfa: bool = False

    @property
    def known_kind(self) -> str:
        """What a reader takes the caller for."""
        if self.known_id == "anonymous":
            return "anonymous"
        return self.kind or ("AWSService" if "invokedBy" in self.identity else "none")

    def user_identity(self, at: datetime) -> dict[str, Any]:
        """Return `userIdentity` for a call at this moment. Sessions began at the full hour."""
        found: dict[str, Any] = {}
        if self.kind is not None:
            found["type"] = self.kind
        if self.principal_id is not None:
            found["principalId"] = self.principal_id
        found.update(self.identity)
        if self.session is not None:
            found["sessionContext"] = {
                **self.session,
                "attributes": {
                    "creationDate": f"{at:%Y-%m-%dT%H:00:00Z}",
                    "mfaAuthenticated": "true" if self.has_mfa else "false",
                },
            }
        return found

    def seen_from(self, source_address: str | None, user_agent: str | None) -> "Caller":
        """Return the same identity at another address."""
        return replace(self, source_address=source_address, user_agent=user_agent)


def made_up_id(prefix: str, name: str, length: int) -> str:
    """Return an id of AWS's form that names nothing: it ends in EXAMPLE."""
    letters = b32encode(sha256(name.encode()).digest()).decode()
    return prefix + letters[: length - len(prefix) - len(ID_END)] + ID_END


def iam_user(account_id: str, path: str, source_address: str, user_agent: str, *, has_mfa: bool = False) -> Caller:
    """Return a user of IAM; the path is the user's, its last part the name."""
    arn = f"arn:aws:iam::{account_id}:user/{path}"
    return Caller(
        "IAMUser",
        made_up_id("AIDA", arn, PRINCIPAL_ID_LENGTH),
        {
            "arn": arn,
            "accountId": account_id,
            "accessKeyId": made_up_id("AKIA", arn, ACCESS_KEY_ID_LENGTH),
            "userName": path.rpartition("/")[2],
        },
        source_address,
        user_agent,
        arn,
        path.rpartition("/")[2],
        has_mfa=has_mfa,
    )


def assumed_role(
    account_id: str,
    role: str,
    session_name: str,
    source_address: str,
    user_agent: str,
    identity: Mapping[str, Any] | None = None,
    session: Mapping[str, Any] | None = None,
) -> Caller:
    """Return a session of a role. `identity` and `session` are added to `userIdentity` and its `sessionContext`."""
    role_arn = f"arn:aws:iam::{account_id}:role/{role}"
    role_name = role.rpartition("/")[2]
    role_id = made_up_id("AROA", role_arn, PRINCIPAL_ID_LENGTH)
    issuer = {
        "type": "Role",
        "principalId": role_id,
        "arn": role_arn,
        "accountId": account_id,
        "userName": role_name,
    }
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}"
    return Caller(
        "AssumedRole",
        f"{role_id}:{session_name}",
        {
            "arn": arn,
            "accountId": account_id,
            "accessKeyId": made_up_id("ASIA", arn, ACCESS_KEY_ID_LENGTH),
            **(identity or {}),
        },
        source_address,
        user_agent,
        arn,
        f"{role_name}/{session_name}",
        {"sessionIssuer": issuer, **(session or {})},
    )


def root_user(account_id: str, source_address: str, user_agent: str) -> Caller:
    """Return the root user of an account, signed in with MFA."""
    arn = f"arn:aws:iam::{account_id}:root"
    identity = {"arn": arn, "accountId": account_id, "accessKeyId": ""}
    return Caller("Root", account_id, identity, source_address, user_agent, arn, "root", {}, has_mfa=True)


def aws_service(name: str) -> Caller:
    """Return a service of AWS that calls by itself: its DNS name stands in the place of address and user agent."""
    return Caller("AWSService", None, {"invokedBy": name}, name, name, name, name)


def anonymous(source_address: str, user_agent: str) -> Caller:
    """Return somebody without credentials; S3 leaves the principal's id empty."""
    identity = {"accountId": "ANONYMOUS_PRINCIPAL"}
    return Caller("AWSAccount", "", identity, source_address, user_agent, "anonymous", "anonymous")


@cache
def caller_of(client: Client) -> Caller:
    """Return the caller whom the S3 story calls a client.

    A canonical user id in an access log is an account's root user: users and roles are logged by their ARN.
    """
    if client.requester == "-":
        return anonymous(client.remote_address, client.user_agent)
    for account_id in (FIRST_ACCOUNT, SECOND_ACCOUNT):
        if client.requester == canonical_id(account_id):
            return root_user(account_id, client.remote_address, client.user_agent)
    account_id, name = client.requester.split(":", 5)[4:]
    kind, path = name.split("/", 1)
    if kind == "user":
        return iam_user(account_id, path, client.remote_address, client.user_agent)
    role, session_name = path.split("/")
    return assumed_role(account_id, role, session_name, client.remote_address, client.user_agent)


# Addresses on the internet come from the networks that s3_access_logs/actors.py explains.
ADMINISTRATOR = iam_user(FIRST_ACCOUNT, "admins/alex", "192.31.196.40", BROWSER, has_mfa=True)
CONTRACTOR = iam_user(FIRST_ACCOUNT, "contractor", "192.52.193.61", BROWSER)
ROOT = root_user(FIRST_ACCOUNT, "192.31.196.34", BROWSER)
DEPLOYER = iam_user(FIRST_ACCOUNT, "tools/deploy@example.com", "192.175.48.5", CLI)
MONITOR = assumed_role(FIRST_ACCOUNT, "monitor", "collector-7", "3.2.64.18", JAVA, session={"ec2RoleDelivery": "2.0"})
BACKUP_AGENT = assumed_role(
    SECOND_ACCOUNT, "backup-agent", "i-0123456789abcdef0", "34.244.155.5", CLI, session={"ec2RoleDelivery": "2.0"}
)
CI_RUNNER = assumed_role(FIRST_ACCOUNT, "ci/ci-runner", "build-4711", "192.52.193.77", "Boto3/1.40.55 Python/3.13.7")
IDENTITY_STORE_USER = {
    "userId": "d1e2f3a4-5b6c-7d8e-9f01-23456789abcd",
    "identityStoreArn": f"arn:aws:identitystore::{FIRST_ACCOUNT}:identitystore/d-9067000001",
}
SINGLE_SIGN_ON_USER = assumed_role(
    FIRST_ACCOUNT,
    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_ReadOnly_0123456789abcdef",
    "sam@example.com",
    "192.31.196.55",
    BROWSER,
    identity={"onBehalfOf": IDENTITY_STORE_USER},
)
IDENTITY_CENTER_USER = Caller(
    "IdentityCenterUser",
    None,
    {
        "accountId": FIRST_ACCOUNT,
        "onBehalfOf": IDENTITY_STORE_USER,
        "credentialId": "b1946ac9-2492-4d23-8f5e-000000000001",
    },
    "192.31.196.55",
    BROWSER,
    IDENTITY_STORE_USER["userId"],
    IDENTITY_STORE_USER["userId"],
)
EKS_ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
EKS_PROVIDER = f"arn:aws:iam::{FIRST_ACCOUNT}:oidc-provider/{EKS_ISSUER}"
SERVICE_ACCOUNT = "system:serviceaccount:shop:checkout"
WEB_IDENTITY = Caller(
    "WebIdentityUser",
    f"{EKS_PROVIDER}:sts.amazonaws.com:{SERVICE_ACCOUNT}",
    {"userName": SERVICE_ACCOUNT, "identityProvider": EKS_PROVIDER},
    "10.0.41.8",
    "aws-sdk-go-v2/1.39.4 ua/2.1 os/linux lang/go#1.25.3",
    f"{EKS_PROVIDER}:sts.amazonaws.com:{SERVICE_ACCOUNT}",
    SERVICE_ACCOUNT,
)
POD = assumed_role(
    FIRST_ACCOUNT,
    "checkout-pod",
    "1793500000000000000",
    "10.0.41.8",
    "aws-sdk-go-v2/1.39.4 ua/2.1 os/linux lang/go#1.25.3",
    session={
        "webIdFederationData": {
            "federatedProvider": EKS_PROVIDER,
            "attributes": {f"{EKS_ISSUER}:aud": "sts.amazonaws.com", f"{EKS_ISSUER}:sub": SERVICE_ACCOUNT},
        }
    },
)
FEDERATED_USER = Caller(
    "FederatedUser",
    f"{FIRST_ACCOUNT}:visitor",
    {
        "arn": f"arn:aws:sts::{FIRST_ACCOUNT}:federated-user/visitor",
        "accountId": FIRST_ACCOUNT,
        "accessKeyId": made_up_id("ASIA", "visitor", ACCESS_KEY_ID_LENGTH),
    },
    "2620:4f:8000::77",
    CLI,
    f"arn:aws:sts::{FIRST_ACCOUNT}:federated-user/visitor",
    "visitor",
    {
        "sessionIssuer": {
            "type": "IAMUser",
            "principalId": ADMINISTRATOR.principal_id,
            "arn": ADMINISTRATOR.identity["arn"],
            "accountId": FIRST_ACCOUNT,
            "userName": "alex",
        }
    },
)
# A user name that does not exist is masked, and there is nobody to name.
UNKNOWN_USER = Caller(
    "IAMUser",
    None,
    {"accountId": FIRST_ACCOUNT, "accessKeyId": "", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    "192.52.193.222",
    "Go-http-client/2.0",
    f"{FIRST_ACCOUNT}:HIDDEN_DUE_TO_SECURITY_REASONS",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
)
VPC_ENDPOINTS = {FIRST_US: "vpce-0a1b2c3d4e5f60718", FIRST_EU: "vpce-0f1e2d3c4b5a69788"}
