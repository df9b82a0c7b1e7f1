"""Files that lie beside the logs and are none: digests, insights, notes. A reader leaves them alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sample_logs.cloudtrail.actors import FIRST_US, SECOND_EU, Trail
from sample_logs.cloudtrail.delivery import PREFIX, compressed, file_path
from sample_logs.cloudtrail.event_maker import uuid_text
from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs.request_maker import LETTERS_AND_DIGITS
from sample_logs.settings import SampleFile

TRAIL_NAME = "all-events"
LOG_BUCKET = "example-logs"


def other_files(seed: int, day: date) -> Iterator[SampleFile]:
    """Yield the other files of one day: a digest for each account, and insights that look like records."""
    yield digest(FIRST_US, day)
    yield digest(SECOND_EU, day)
    yield insights(RandomStream(seed, "cloudtrail", "insights", day.isoformat()), day)


def note() -> SampleFile:
    """Return a text that somebody left."""
    return SampleFile(f"{PREFIX}/README.txt", b"Trails of both accounts. Do not delete.\n")


def digest(trail: Trail, day: date) -> SampleFile:
    """Return the digest of an hour in which no log file was delivered (user guide, "Digest file structure")."""
    ends_at = datetime(day.year, day.month, day.day, 5, 10, 31, tzinfo=UTC)
    name = f"{trail.account_id}_CloudTrail-Digest_{trail.region}_{TRAIL_NAME}_{trail.region}_{ends_at:%Y%m%dT%H%M%SZ}"
    path = f"AWSLogs/{trail.account_id}/CloudTrail-Digest/{trail.region}/{day:%Y/%m/%d}/{name}.json.gz"
    document = {
        "awsAccountId": trail.account_id,
        "digestStartTime": f"{ends_at - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "digestEndTime": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "digestS3Bucket": LOG_BUCKET,
        "digestS3Object": path,
        "newestEventTime": None,
        "oldestEventTime": None,
        "previousDigestS3Bucket": None,
        "previousDigestS3Object": None,
        "logFiles": [],
    }
    return SampleFile(f"cloudtrail/{path}", compressed(document))


def insights(stream: RandomStream, day: date) -> SampleFile:
    """Return the start and the end of an insight. They are no API calls, though they stand in `Records`."""
    started_at = datetime(day.year, day.month, day.day, 14, 5, tzinfo=UTC)
    shared_event_id = uuid_text(stream)
    records = [
        {
            "eventVersion": "1.08",
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "awsRegion": FIRST_US.region,
            "eventID": uuid_text(stream),
            "eventType": "AwsCloudTrailInsight",
            "recipientAccountId": FIRST_US.account_id,
            "sharedEventID": shared_event_id,
            "insightDetails": {
                "state": state,
                "eventSource": "ec2.amazonaws.com",
                "eventName": "RunInstances",
                "insightType": "ApiCallRateInsight",
                "insightContext": {"statistics": {"baseline": {"average": 0.002}, "insight": {"average": 1.4}}},
            },
            "eventCategory": "Insight",
        }
        for state, at in (("Start", started_at), ("End", started_at + timedelta(minutes=9)))
    ]
    delivered_at = started_at + timedelta(minutes=31)
    path = file_path(FIRST_US, "CloudTrail-Insight", delivered_at, stream.text(LETTERS_AND_DIGITS, 16))
    return SampleFile(path, compressed({"Records": records}))
