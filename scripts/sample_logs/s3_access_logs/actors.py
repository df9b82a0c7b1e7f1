"""The buckets, the clients and the objects of the story. All of them are made up."""

from dataclasses import dataclass
from hashlib import sha256


def canonical_id(account_id: str) -> str:
    """Return a canonical user id for the account: 64 hexadecimal digits, as S3 writes them."""
    return sha256(f"canonical user of {account_id}".encode()).hexdigest()


@dataclass(frozen=True)
class Bucket:
    """A bucket with server access logging."""

    name: str
    account_id: str
    region: str
    has_flat_logs: bool = False

    @property
    def owner(self) -> str:
        """The first field of each line."""
        return canonical_id(self.account_id)

    @property
    def host(self) -> str:
        """The endpoint that clients use."""
        return f"{self.name}.s3.{self.region}.amazonaws.com"

    @property
    def website_host(self) -> str:
        """The website endpoint: plain HTTP only (S3 user guide, "Website endpoints")."""
        return f"{self.name}.s3-website-{self.region}.amazonaws.com"


@dataclass(frozen=True)
class Client:
    """Somebody who sends requests. The source region is logged for addresses that AWS knows as its own."""

    remote_address: str
    requester: str
    user_agent: str
    authentication: str = "AuthHeader"
    source_region: str = "-"


FIRST_ACCOUNT = "111122223333"
SECOND_ACCOUNT = "444455556666"

MEDIA_ASSETS = Bucket("example-media-assets", FIRST_ACCOUNT, "us-east-1")
WEBSITE = Bucket("example-website", FIRST_ACCOUNT, "us-east-1")
DATA_LAKE = Bucket("example-data-lake", FIRST_ACCOUNT, "eu-west-1")
ANALYTICS = Bucket("example-analytics", SECOND_ACCOUNT, "us-east-1")
BACKUPS = Bucket("example-backups", SECOND_ACCOUNT, "eu-west-1")
LEGACY_REPORTS = Bucket("example-legacy-reports", FIRST_ACCOUNT, "us-east-1", has_flat_logs=True)
BUCKETS = (MEDIA_ASSETS, WEBSITE, DATA_LAKE, ANALYTICS, BACKUPS, LEGACY_REPORTS)

# Addresses of clients on the internet come from 192.31.196.0/24, 192.52.193.0/24, 192.175.48.0/24 and
# 2620:4f:8000::/48: globally routed (IANA special-purpose address registries), and no client's own. Documentation
# addresses are not routed, so a reader would rightly not call them internet. EC2 addresses come from AWS's ranges.
CLI = "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.7"
JAVA = "aws-sdk-java/2.34.0 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1 lang/java#21.0.8"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"

HEAVY_DOWNLOADER = Client("192.175.48.77", f"arn:aws:iam::{FIRST_ACCOUNT}:user/media-mirror", "Wget/1.25.0")
GROWING_DOWNLOADER = Client("192.52.193.140", f"arn:aws:iam::{FIRST_ACCOUNT}:user/partner-sync", "rclone/v1.71.0")
REPORT_USER = Client("192.31.196.21", f"arn:aws:iam::{FIRST_ACCOUNT}:user/report-reader", CLI)
OFFICE_USER = Client("192.31.196.34", canonical_id(FIRST_ACCOUNT), "S3Console/0.4, aws-internal/3")
PATH_USER = Client("192.175.48.5", f"arn:aws:iam::{FIRST_ACCOUNT}:user/tools/deploy@example.com", CLI)
LOADER_ROLE = Client(
    "3.2.64.18", f"arn:aws:sts::{FIRST_ACCOUNT}:assumed-role/etl-loader/batch-0142", JAVA, source_region="us-east-1"
)
BACKUP_ROLE = Client(
    "34.244.155.5",
    f"arn:aws:sts::{SECOND_ACCOUNT}:assumed-role/backup-agent/i-0123456789abcdef0",
    CLI,
    source_region="eu-west-1",
)
ANALYST_ROLE = Client("192.52.193.9", f"arn:aws:sts::{SECOND_ACCOUNT}:assumed-role/analyst/notebook", JAVA)
PRIVATE_CLIENTS = (
    Client("10.0.12.44", f"arn:aws:sts::{FIRST_ACCOUNT}:assumed-role/etl-loader/batch-0143", JAVA),
    Client("10.0.27.3", f"arn:aws:iam::{FIRST_ACCOUNT}:user/report-reader", CLI),
)
IPV6_CLIENTS = (
    Client("2620:4f:8000::1a2b", f"arn:aws:iam::{FIRST_ACCOUNT}:user/report-reader", CLI),
    Client("2620:4f:8000:0:d1::7", "-", PHONE, authentication="-"),
)
ORDINARY_CLIENTS = (REPORT_USER, LOADER_ROLE, OFFICE_USER, ANALYST_ROLE, PATH_USER, BACKUP_ROLE)
VISITORS = tuple(
    Client(f"192.31.196.{100 + number}", "-", BROWSER if number % 3 else PHONE, authentication="-")
    for number in range(40)
)
SCANNER = Client("192.52.193.222", "-", "python-requests/2.32.5", authentication="-")
PRESIGNED_USER = Client(
    "192.31.196.90", f"arn:aws:iam::{FIRST_ACCOUNT}:user/link-maker", BROWSER, authentication="QueryString"
)
# S3 acts by itself: no address (S3 user guide, "Lifecycle and logging").
LIFECYCLE = Client("-", "AmazonS3", "-", authentication="-")

VIDEO_KEYS = tuple(f"masters/season-{1 + number // 8}/episode-{1 + number % 8:02d}.mxf" for number in range(24))
IMAGE_KEYS = tuple(f"images/{number:04d}.jpg" for number in range(150))
TABLE_KEYS = tuple(f"sales/year=2026/month={1 + number // 10}/part-{number:05d}.parquet" for number in range(100))
REPORT_KEYS = tuple(f"reports/2026/report-{number:03d}.csv" for number in range(60))
BACKUP_KEYS = tuple(f"database/full-{number:02d}.bak" for number in range(20))
PAGE_KEYS = (
    "index.html",
    "css/site.css",
    "js/site.js",
    "favicon.ico",
    "prices.html",
    "contact.html",
    "images/logo.svg",
)
KEYS = {
    MEDIA_ASSETS: IMAGE_KEYS,
    WEBSITE: PAGE_KEYS,
    DATA_LAKE: TABLE_KEYS,
    ANALYTICS: TABLE_KEYS,
    BACKUPS: BACKUP_KEYS,
    LEGACY_REPORTS: REPORT_KEYS,
}
