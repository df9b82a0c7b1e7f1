"""Write sample AWS logs, and a truth file with the numbers a correct reader must find in them.

Usage: python scripts/generate_sample_logs.py OUTPUT_DIRECTORY [--seed 20261101] [--start-date 2026-11-01]
       [--days 7] [--scale 1] [--dry-run]

The same arguments give the same bytes. Exit codes: 0 written, 1 the folder was refused or a file could
not be written, 2 wrong arguments.
"""

import argparse
import sys
from datetime import date
from pathlib import Path

from sample_logs.output_folder import FolderRefusedError, OutputFolder
from sample_logs.settings import Settings
from sample_logs.writing import sample_files


def positive(text: str) -> int:
    """Return the whole number, which must be 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, found {text!r}")
    return number


def calendar_date(text: str) -> date:
    """Return the date written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date as YYYY-MM-DD, found {text!r}") from None


def arguments(words: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Write sample AWS logs and the truth about them.")
    parser.add_argument("output_directory", type=Path, help="new or empty folder, or one that an earlier run wrote")
    parser.add_argument("--seed", type=int, default=20261101, help="another seed gives other logs (%(default)s)")
    parser.add_argument("--start-date", type=calendar_date, default=date(2026, 11, 1), help="first UTC event day")
    parser.add_argument("--days", type=positive, default=7, help="number of event days (%(default)s)")
    parser.add_argument("--scale", type=positive, default=1, help="multiplies the requests (%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="check the folder and count, but write nothing")
    return parser.parse_args(words)


def write(settings: Settings, folder: OutputFolder, *, is_dry_run: bool) -> str:
    """Write the files, or only count them, and return a sentence that says so."""
    if is_dry_run:
        folder.check()
    else:
        folder.replace()
    file_count = byte_count = 0
    for file in sample_files(settings):
        file_count += 1
        byte_count += len(file.content)
        if not is_dry_run:
            folder.write(file)
    verb = "Would write" if is_dry_run else "Wrote"
    return f"{verb} {file_count} files, {byte_count} bytes, to {folder.root}"


def main(words: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    chosen = arguments(words)
    settings = Settings(chosen.seed, chosen.start_date, chosen.days, chosen.scale)
    folder = OutputFolder(chosen.output_directory)
    try:
        print(write(settings, folder, is_dry_run=chosen.dry_run))
    except FolderRefusedError as refusal:
        print(f"generate_sample_logs: {refusal}", file=sys.stderr)
        return 1
    except OSError as error:
        # A failed write, on a full disk for one, does not say which file it was.
        print(
            f"generate_sample_logs: {error.filename or folder.root}: {error.strerror}. "
            "Free the place or name another folder, then run again: what was written so far is replaced.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
