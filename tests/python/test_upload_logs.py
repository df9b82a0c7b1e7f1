"""upload_logs copies a folder to S3 as it lies, once, and sends nothing when told so."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
import upload_logs
from moto import mock_aws


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="logs-bucket")
        yield client


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["upload_logs.py", *arguments])
    return upload_logs.main()


def keys(s3) -> dict[str, bytes]:
    found = s3.list_objects_v2(Bucket="logs-bucket").get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket="logs-bucket", Key=item["Key"])["Body"].read() for item in found}


def test_a_folder_is_copied_as_it_lies_and_only_once(s3, tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "a b" / "2026").mkdir(parents=True)
    (tmp_path / "a b" / "2026" / "one").write_bytes(b"1")
    (tmp_path / "two").write_bytes(b"22")
    assert run(monkeypatch, str(tmp_path), "s3://logs-bucket/some/prefix/", "--dry-run") == 0
    assert keys(s3) == {}
    assert run(monkeypatch, str(tmp_path), "s3://logs-bucket/some/prefix/") == 0
    assert keys(s3) == {"some/prefix/a b/2026/one": b"1", "some/prefix/two": b"22"}
    (tmp_path / "two").write_bytes(b"333")
    capsys.readouterr()
    assert run(monkeypatch, str(tmp_path), "s3://logs-bucket/some/prefix") == 0
    assert "1 of them not yet in s3://logs-bucket/some/prefix/" in capsys.readouterr().out
    assert keys(s3)["some/prefix/two"] == b"333"


def test_what_comes_with_sample_logs_and_is_no_log_stays_behind(s3, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "cloudtrail").mkdir()
    for path in ("written_files.txt", "truth.json", "variables.yml", "cloudtrail/truth.json"):
        (tmp_path / path).write_bytes(b"1")
    assert run(monkeypatch, str(tmp_path), "s3://logs-bucket/logs") == 0
    assert list(keys(s3)) == ["logs/cloudtrail/truth.json"]


def test_a_folder_of_other_logs_goes_whole(s3, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "truth.json").write_bytes(b"1")
    assert run(monkeypatch, str(tmp_path), "s3://logs-bucket/logs") == 0
    assert list(keys(s3)) == ["logs/truth.json"]


def test_what_is_wrong_is_named(s3, tmp_path: Path, monkeypatch, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, str(tmp_path), "logs-bucket/prefix")
    assert "must be s3://bucket/prefix, found logs-bucket/prefix" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, str(tmp_path / "missing"), "s3://logs-bucket/x")
    assert run(monkeypatch, str(tmp_path), "s3://no-such-bucket/x") == 1
    assert "S3 refused" in capsys.readouterr().err
