"""Rows as aligned text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def printable(value: object) -> str:
    """Return a value as text with escapes in place of what is invisible or steers: text from logs is not trusted."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )


def format_lines(columns: Sequence[str], texts: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Columns aligned under their names, those of `right` to the right."""
    widths = [max(len(text) for text in column) for column in zip(columns, *texts, strict=True)]
    lines = []
    for line in [columns, *texts]:
        cells = (
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(line, widths, right, strict=True)
        )
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)
