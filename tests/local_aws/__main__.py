"""Run the local stand-in for Athena in the foreground, until Ctrl-C.

Usage: python -m local_aws [--directory logs/local_aws]
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from pathlib import Path

from local_aws.athena_space import AthenaSpace
from local_aws.server import LocalAws
from local_aws.trino_process import missing_trino

SCHEMA = "aws_internet_traffic"


def main() -> int:
    """Start, print what to paste into another shell, wait for a signal, stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, default=Path("logs/local_aws"), help="where logs are kept")
    arguments = parser.parse_args()
    reason = missing_trino()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print(f"Starting Trino; logs are in {arguments.directory}", file=sys.stderr)
    with LocalAws.start(arguments.directory) as aws:
        print("# Paste into another shell, then run: dbt build --target athena")
        print("unset AWS_PROFILE AWS_SESSION_TOKEN")
        space = AthenaSpace.make(aws, SCHEMA)
        for name, value in space.environment.items():
            if name.startswith("ATHENA_") or name in aws.environment():
                print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        print("Ready. Ctrl-C stops it.", file=sys.stderr)
        stop.wait()
    print("Stopped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
