"""Read SQL text as tokens, so that quotes, comments and brackets are never guessed at with patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class SqlTextError(ValueError):
    """The text ends inside a quote or a comment, or a parser found another token than it expected."""


class Kind(Enum):
    """What a token is."""

    WORD = "word"  # a bare name, keyword or number
    QUOTED_NAME = "quoted name"  # "name" or `name`
    STRING = "string"  # 'text', and "text" in Hive's DDL
    SYMBOL = "symbol"  # any other single character
    END = "end of the statement"


@dataclass(frozen=True)
class Token:
    """One token: its kind, its meaning (quotes and escapes removed) and its place in the text."""

    kind: Kind
    value: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the given bare words, in any case."""
        return self.kind is Kind.WORD and self.value.lower() in words

    def is_symbol(self, symbol: str) -> bool:
        """Tell whether this is the given symbol."""
        return self.kind is Kind.SYMBOL and self.value == symbol


_BARE_WORD = re.compile(r"[\w$]+", re.UNICODE)
_BACKSLASH_MEANINGS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0", "Z": "\x1a"}
_OCTAL = re.compile(r"\\([0-7]{3})")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def tokenize(text: str, *, hive: bool) -> list[Token]:
    r"""Return the tokens of one statement, comments left out, closed by an END token.

    `hive` is true for Athena's DDL: there '\t' is a tab, "text" is a string, a quote in a string is written \', and
    only -- starts a comment (https://github.com/tobymao/sqlglot/issues/5232, https://github.com/Tomme/dbt-athena/pull/64).
    In its other SQL '\t' is two characters, "text" is a name, and a quote in a string is written twice.
    """
    return [*_read_tokens(text, hive), Token(Kind.END, "", len(text), len(text))]


def first_words(text: str, count: int) -> list[str]:
    """Return the first bare words of a statement in lower case, looking no further than they reach."""
    words: list[str] = []
    for token in _read_tokens(text, hive=False):
        if token.kind is not Kind.WORD or len(words) == count:
            break
        words.append(token.value.lower())
    return words


def _read_tokens(text: str, hive: bool) -> Iterator[Token]:
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
        elif text.startswith("--", position):
            end = text.find("\n", position)
            position = len(text) if end < 0 else end + 1
        elif text.startswith("/*", position):
            if hive:
                raise SqlTextError("cannot recognize input near '/' '*': in DDL only -- starts a comment")
            end = text.find("*/", position + 2)
            if end < 0:
                raise SqlTextError("the statement ends inside a comment")
            position = end + 2
        elif character in "'\"`":
            is_string = character == "'" or (character == '"' and hive)
            value, end = _read_hive_string(text, position) if hive and is_string else _read_quoted(text, position)
            yield Token(Kind.STRING if is_string else Kind.QUOTED_NAME, value, position, end)
            position = end
        elif found := _BARE_WORD.match(text, position):
            yield Token(Kind.WORD, found[0], position, found.end())
            position = found.end()
        else:
            yield Token(Kind.SYMBOL, character, position, position + 1)
            position += 1


def _read_quoted(text: str, start: int) -> tuple[str, int]:
    """Return the meaning and the end of a quoted name or string, in which a doubled quote means one."""
    quote, position, parts = text[start], start + 1, []
    while (end := text.find(quote, position)) >= 0:
        parts.append(text[position:end])
        if not text.startswith(quote, end + 1):
            return "".join(parts), end + 1
        parts.append(quote)
        position = end + 2
    raise _unclosed(start)


def _read_hive_string(text: str, start: int) -> tuple[str, int]:
    """Return the meaning and the end of a string of Athena's DDL, in which a backslash escapes."""
    quote, position, parts = text[start], start + 1, []
    while position < len(text):
        character = text[position]
        if character == quote:
            if text.startswith(quote, position + 1):
                raise SqlTextError(
                    f"a doubled quote at character {position + 1}: in DDL a quote inside a string is written \\{quote}"
                )
            return "".join(parts), position + 1
        if character != "\\" or position + 1 == len(text):
            parts.append(character)
            position += 1
        elif found := _UNICODE.match(text, position):
            parts.append(chr(int(found[1], 16)))
            position = found.end()
        elif found := _OCTAL.match(text, position):
            parts.append(chr(int(found[1], 8)))
            position = found.end()
        else:
            escaped = text[position + 1]
            parts.append(_BACKSLASH_MEANINGS.get(escaped, escaped))
            position += 2
    raise _unclosed(start)


def _unclosed(start: int) -> SqlTextError:
    return SqlTextError(f"the statement ends inside a quote that starts at character {start + 1}")


def quote_string(value: str) -> str:
    """Return the text as a string literal of a query."""
    return "'" + value.replace("'", "''") + "'"


def quote_hive_string(value: str) -> str:
    """Return the text as a string literal of DDL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(value: str) -> str:
    """Return the text as a quoted SQL name."""
    return '"' + value.replace('"', '""') + '"'


class TokenReader:
    """A cursor over the tokens of one statement, with the small steps that a recursive parser is made of."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.position]

    def take(self) -> Token:
        """Read one token."""
        token = self.next
        if token.kind is not Kind.END:
            self.position += 1
        return token

    def take_words(self, *words: str) -> bool:
        """Read the given words if exactly these come next; tell whether they did."""
        following = self.tokens[self.position : self.position + len(words)]
        if len(following) == len(words) and all(
            token.is_word(word) for token, word in zip(following, words, strict=True)
        ):
            self.position += len(words)
            return True
        return False

    def take_symbol(self, symbol: str) -> bool:
        """Read the given symbol if it comes next; tell whether it did."""
        if self.next.is_symbol(symbol):
            self.position += 1
            return True
        return False

    def need_words(self, *words: str) -> None:
        """Read the given words, or raise SqlTextError."""
        if not self.take_words(*words):
            raise self.unexpected(" ".join(words).upper())

    def need_symbol(self, symbol: str) -> None:
        """Read the given symbol, or raise SqlTextError."""
        if not self.take_symbol(symbol):
            raise self.unexpected(repr(symbol))

    def need_string(self) -> str:
        """Read a string and return its meaning, or raise SqlTextError."""
        if self.next.kind is not Kind.STRING:
            raise self.unexpected("a string in single quotes")
        return self.take().value

    def need_name(self) -> str:
        """Read a name, quoted or not, and return it in lower case as Hive keeps it, or raise SqlTextError."""
        if self.next.kind not in (Kind.WORD, Kind.QUOTED_NAME):
            raise self.unexpected("a name")
        return self.take().value.lower()

    def need_end(self) -> None:
        """Raise SqlTextError unless the statement ends here."""
        self.take_symbol(";")
        if self.next.kind is not Kind.END:
            raise self.unexpected("the end of the statement")

    def unexpected(self, expected: str) -> SqlTextError:
        """Return the error that says what was expected and what was found where."""
        line = self.text.count("\n", 0, self.next.start) + 1
        column = self.next.start - (self.text.rfind("\n", 0, self.next.start) + 1) + 1
        found = self.text[self.next.start : self.next.end] or self.next.kind.value
        return SqlTextError(f"line {line}:{column}: mismatched input '{found}'. Expecting: {expected}")
