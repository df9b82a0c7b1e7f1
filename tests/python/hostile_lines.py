"""S3 access log lines made at random, the same for the same seed: whole ones full of hostile text, and damaged ones."""

from __future__ import annotations

import random
import re
from typing import Any

from duckdb_project import MONTHS, log_line

# S3 does not escape the quoted fields. A quote that a blank and a status follow would end a request-URI, and one that a
# blank and a dash or quote follow a referrer: no reader can tell. Here a quote has a letter behind it.
PIECES = (
    *(
        '"q',
        '""r',
        "'",
        "\\",
        "  ",
        " ",
        "a",
        "-",
        "%",
        "+",
        "é",
        "日本",
        "\u2028",
        "{{7*7}}",
        "{% raw %}",
        "<script>",
        "; drop table x --",
    ),
    *("[", "]", "|", ",", "\t", "200", "\x7f"),
)
KEY_PIECES = ("a", "/", "%20", "%2520", "+", "é", "\\", "'", "{{7*7}}", "-x", "[", "]", "日本")
TAIL = ("h=", "SigV4", "ECDHE", "AuthHeader", "host", "TLSv1.2", "arn:aws:s3:::ap", "Yes", "eu-west-1", "new1", "new2")


def hostile_requests(day: str, count: int, seed: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Lines by request id, each with what a reader must find in it."""
    chance = random.Random(seed)
    year, month, date = day.split("-")

    def text(pieces: tuple[str, ...]) -> str:
        return "".join(chance.choices(pieces, k=chance.randrange(1, 9)))

    requests = {}
    for number in range(count):
        request_id = f"HOSTILE{number}"
        uri, referrer, agent, key = (
            f"GET /{text(PIECES)} HTTP/1.1",
            "r" + text(PIECES),
            "u" + text(PIECES),
            "k" + text(KEY_PIECES),
        )
        bytes_sent, object_size = chance.choice((0, 7, 2**31 + 1, 10**15 - 1)), chance.choice((0, 2**31, 10**14))
        blank = chance.choice((" ", " ", "  "))
        tail = TAIL[: chance.randrange(len(TAIL) + 1)]
        line = (
            f"owner example-bucket [{date}/{MONTHS[int(month) - 1]}/{year}:12:00:00 +0000] 203.0.113.7{blank}- "
            f'{request_id} REST.GET.OBJECT {key} "{uri}" 200 - {bytes_sent or "-"} {object_size or "-"} 12 - '
            f'"{referrer}" "{agent}" ' + " ".join(("v1", *tail))
        )
        found = {
            "object_key": key,
            "request_uri": uri,
            "bytes_sent": bytes_sent,
            "object_size": object_size or None,
            "referrer": referrer,
            "user_agent": agent,
            "version_id": "v1",
            "tls_version": tail[5] if len(tail) > 5 else None,
            "is_acl_required": len(tail) > 7,
            "source_region": tail[8] if len(tail) > 8 else None,
            "additional_fields": " ".join(tail[9:]) or None,
        }
        requests[request_id] = (line, found)
    return requests


def damaged_lines(day: str, count: int, seed: int) -> list[bytes]:
    """Lines of which one to eight bytes were replaced, taken out or put in, behind the time: their day stays."""
    chance = random.Random(seed)
    lines = []
    for number in range(count):
        line = bytearray(
            log_line(f"DAMAGED{number}", day, user_agent=chance.choice(("curl/8.0", "é日本 agent", 'a "b" c'))).encode()
        )
        first = line.index(b"]") + 2
        for _ in range(chance.randrange(1, 9)):
            place, byte = chance.randrange(first, len(line)), chance.choice([*range(10), *range(11, 256)])
            change = chance.randrange(3)
            if change == 0:
                line[place] = byte
            elif change == 1:
                del line[place]
            else:
                line.insert(place, byte)
        lines.append(bytes(line))
    return lines


def count_lines(lines: list[bytes]) -> int:
    """How many lines a reader sees: a carriage return ends one, too, and empty ones are none."""
    return sum(bool(part) for line in lines for part in re.split(rb"[\r\n]", line))
