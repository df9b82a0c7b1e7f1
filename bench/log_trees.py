"""Trees of log files for the bench, as AWS lays them out: one account, one region, days of any size.

DuckDB writes them, because Python would need minutes for millions of lines. Equal arguments give equal files on one
version of DuckDB; another version may draw other numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb

ACCOUNT = "111122223333"
REGION = "us-east-1"
BUCKETS = ("example-data-lake", "example-website", "example-backups")


@dataclass(frozen=True)
class DaySize:
    """How many records of each kind a day has."""

    flow_records: int
    access_log_lines: int
    events: int

    def times(self, factor: float) -> DaySize:
        """Return a day so many times as large."""
        return DaySize(*(int(count * factor) for count in (self.flow_records, self.access_log_lines, self.events)))

    def __str__(self) -> str:
        return f"{self.flow_records:,} flow records, {self.access_log_lines:,} S3 lines, {self.events:,} events"


@dataclass(frozen=True)
class FilePart:
    """The records of one file: their numbers, which no other file has, and when they happened."""

    number: int
    first_record: int
    record_count: int
    start: datetime
    seconds: int

    @property
    def end(self) -> datetime:
        """The time after the last record."""
        return self.start + timedelta(seconds=self.seconds)

    @property
    def bucket(self) -> str:
        """The bucket whose requests an S3 access log holds."""
        return BUCKETS[self.number % len(BUCKETS)]


@dataclass(frozen=True)
class LogKind:
    """How the files of a kind of log are made. The query yields one column, the lines; a header is the column's name."""

    query: str
    records_per_file: int
    path: Callable[[FilePart], str]
    has_header: bool = False


# Public peers lie in 81.0.0.0/8, in which AWS announces nothing: what goes there is internet and nothing else.
FLOW_LOG = LogKind(
    query="""
        with draws as (
            select
                n,
                hash(n, 1) % 100 as kind,
                hash(n, 2) % 200 as instance,
                '81.' || (hash(n, 3) % 4) || '.' || (hash(n, 4) % 250) || '.' || (1 + hash(n, 5) % 60) as peer,
                hash(n, 6) % 200 as other_instance,
                1024 + hash(n, 7) % 64000 as port,
                1 + hash(n, 8) % 900 as packets,
                {start} + (n - {first}) * {seconds} // {count} as started
            from range({first}, {first} + {count}) as numbers(n)
        ),
        ends as (
            select
                *,
                '10.0.' || (instance // 100) || '.' || (4 + instance % 100) as own,
                '10.0.' || (other_instance // 100) || '.' || (4 + other_instance % 100) as other,
                kind >= 45 and kind < 80 as is_inbound
            from draws
        )
        select concat_ws(
            ' ', '2 {account}', 'eni-' || lpad(instance::varchar, 17, '0'),
            case
                when kind = 99 then '- - - - - - - ' || started || ' ' || (started + 59) || ' - NODATA'
                else concat_ws(
                    ' ',
                    case when is_inbound then peer || ' ' || own when kind < 45 then own || ' ' || peer else own || ' ' || other end,
                    case when is_inbound then port || ' 443' else '443 ' || port end,
                    '6', packets, packets * (40 + hash(n, 9) % 1400), started, started + 59,
                    case when kind between 75 and 79 then 'REJECT' else 'ACCEPT' end, 'OK'
                )
            end
        ) as "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
        from ends
    """,
    records_per_file=10_000,
    path=lambda part: (
        f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/{part.start:%Y/%m/%d}/"
        f"{ACCOUNT}_vpcflowlogs_{REGION}_fl-0123456789abcdef0_{part.start:%Y%m%dT%H%MZ}_{part.number:08x}.log.gz"
    ),
    has_header=True,
)

# One line in twenty has quotes inside its user agent, which S3 does not escape.
ACCESS_LOG = LogKind(
    query="""
        with draws as (
            select
                n,
                hash(n, 11) % 100 as kind,
                hash(n, 12) % 5000 as object,
                '81.7.' || (hash(n, 13) % 40) || '.' || (1 + hash(n, 14) % 250) as address,
                hash(n, 15) % 9000000 as size,
                make_timestamp(({start} + (n - {first}) * {seconds} // {count}) * 1000000) as event_at
            from range({first}, {first} + {count}) as numbers(n)
        ),
        requests as (
            select *, case when kind < 70 then 'GET' when kind < 85 then 'PUT' else 'HEAD' end as method from draws
        )
        select concat_ws(
            ' ',
            '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be {bucket}',
            strftime(event_at, '[%d/%b/%Y:%H:%M:%S +0000]'),
            address,
            case when kind < 90 then 'arn:aws:iam::{account}:user/reader' || (object % 50) else '-' end,
            lpad(to_hex(hash(n, 16)), 16, '0'),
            'REST.' || method || '.OBJECT',
            'folder/' || object || '.parquet',
            '"' || method || ' /folder/' || object || '.parquet HTTP/1.1"',
            '200 -',
            case when method = 'GET' then size::varchar else '-' end,
            size,
            '25 12 "-"',
            case when kind % 20 = 7 then '"agent "quoted" 1.0"' else '"aws-cli/2.15.30 Python/3.11.8 Linux/5.10"' end,
            '- 7d/Yt1pSXcYnJVTLHfVtvZ5CHY1FqhTsPvgnXrYnMSM8gXk1Zc6ThKCXZnE4XvH3zWCnXxTbw4= SigV4 TLS_AES_128_GCM_SHA256',
            'AuthHeader {bucket}.s3.us-east-1.amazonaws.com TLSv1.3 - -'
        )
        from requests
    """,
    records_per_file=2_000,
    path=lambda part: (
        f"s3/{ACCOUNT}/{REGION}/{part.bucket}/{part.start:%Y/%m/%d}/{part.end:%Y-%m-%d-%H-%M-%S}-{part.number:016X}"
    ),
)

TRAIL = LogKind(
    query="""
        with draws as (
            select
                n,
                hash(n, 21) % 40 as caller,
                hash(n, 22) % 60 as call,
                hash(n, 23) % 50 as refusal,
                '81.9.' || (hash(n, 24) % 10) || '.' || (1 + hash(n, 25) % 250) as address,
                make_timestamp(({start} + (n - {first}) * {seconds} // {count}) * 1000000) as event_at
            from range({first}, {first} + {count}) as numbers(n)
        )
        select '{{"Records":[' || string_agg(to_json({{
            'eventVersion': '1.11',
            'userIdentity': {{
                'type': 'AssumedRole',
                'principalId': 'AROAEXAMPLE:session' || caller,
                'arn': 'arn:aws:sts::{account}:assumed-role/role' || caller || '/session' || caller,
                'accountId': '{account}',
                'accessKeyId': 'ASIAEXAMPLE' || caller,
                'sessionContext': {{
                    'sessionIssuer': {{
                        'type': 'Role', 'principalId': 'AROAEXAMPLE', 'arn': 'arn:aws:iam::{account}:role/role' || caller,
                        'accountId': '{account}', 'userName': 'role' || caller
                    }},
                    'attributes': {{'creationDate': strftime(event_at, '%Y-%m-%dT%H:%M:%SZ'), 'mfaAuthenticated': 'false'}}
                }}
            }},
            'eventTime': strftime(event_at, '%Y-%m-%dT%H:%M:%SZ'),
            'eventSource': 'service' || (call % 15) || '.amazonaws.com',
            'eventName': 'Describe' || call,
            'awsRegion': '{region}',
            'sourceIPAddress': address,
            'userAgent': 'aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64',
            'errorCode': case when refusal = 0 then 'AccessDenied' end,
            'requestParameters': {{
                'maxResults': 100,
                'filterSet': {{'items': [{{'name': 'vpc-id', 'valueSet': {{'items': [{{'value': 'vpc-0123'}}]}}}}]}}
            }},
            'responseElements': null,
            'requestID': uuid_of(n, 26),
            'eventID': uuid_of(n, 27),
            'readOnly': true,
            'eventType': 'AwsApiCall',
            'managementEvent': true,
            'recipientAccountId': '{account}',
            'eventCategory': 'Management',
            'tlsDetails': {{'tlsVersion': 'TLSv1.3', 'cipherSuite': 'TLS_AES_128_GCM_SHA256',
                'clientProvidedHostHeader': 'ec2.us-east-1.amazonaws.com'}}
        }})::varchar, ',' order by n) || ']}}'
        from draws
    """,
    records_per_file=500,
    path=lambda part: (
        f"cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{part.start:%Y/%m/%d}/"
        f"{ACCOUNT}_CloudTrail_{REGION}_{part.start:%Y%m%dT%H%MZ}_{part.number:016X}.json.gz"
    ),
)

UUID_MACRO = r"""
    create macro uuid_of(n, purpose) as regexp_replace(
        lpad(to_hex(hash(n, purpose)), 16, '0') || lpad(to_hex(hash(n, purpose + 100)), 16, '0'),
        '(.{8})(.{4})(.{4})(.{4})(.{12})', '\1-\2-\3-\4-\5'
    )
"""


def write_day(root: Path, day: date, size: DaySize) -> int:
    """Write the log files of a day below a folder and return how many there are. No record comes late."""
    file_count = 0
    with duckdb.connect() as connection:
        connection.execute(UUID_MACRO)
        for kind, count in ((FLOW_LOG, size.flow_records), (ACCESS_LOG, size.access_log_lines), (TRAIL, size.events)):
            for part in file_parts(day, count, kind.records_per_file):
                write_file(connection, root / kind.path(part), kind, part)
                file_count += 1
    return file_count


def file_parts(day: date, count: int, per_file: int) -> list[FilePart]:
    """Cut a day into files of equal seconds."""
    file_count = -(-count // per_file)
    midnight = datetime.combine(day, time(), UTC)
    seconds = timedelta(days=1).total_seconds() // max(file_count, 1)
    return [
        FilePart(
            number=number,
            first_record=day.toordinal() * 100_000_000 + number * per_file,
            record_count=min(per_file, count - number * per_file),
            start=midnight + timedelta(seconds=number * seconds),
            # Flow records last 59 seconds; those of the last file must not begin after midnight.
            seconds=int(seconds) - 60,
        )
        for number in range(file_count)
    ]


def write_file(connection: duckdb.DuckDBPyConnection, path: Path, kind: LogKind, part: FilePart) -> None:
    """Write one file, compressed when its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = kind.query.format(
        account=ACCOUNT,
        region=REGION,
        bucket=part.bucket,
        first=part.first_record,
        count=part.record_count,
        start=int(part.start.timestamp()),
        seconds=part.seconds,
    )
    # The delimiter is a byte that no line holds, so that each line stands as it is.
    connection.execute(
        f"copy ({lines}) to '{path}' (format csv, header {kind.has_header}, delimiter '\x01', quote '', escape '',"
        f" compression {'gzip' if path.suffix == '.gz' else 'none'})"
    )
