"""Turn what Athena accepts and Trino does not into Trino's own words: the properties of CREATE TABLE AS."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_aws.errors import QueryFailedError
from local_aws.sql_text import Kind, SqlTextError, TokenReader, quote_string, tokenize

# https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html, and what each is called in Trino's Hive connector.
TRINO_PROPERTIES = {
    "external_location": "external_location",
    "format": "format",
    "partitioned_by": "partitioned_by",
    "bucketed_by": "bucketed_by",
    "bucket_count": "bucket_count",
    "field_delimiter": "textfile_field_separator",
}
COMPRESSION_PROPERTIES = ("write_compression", "parquet_compression", "orc_compression")
COMPRESSION_CODECS = ("NONE", "SNAPPY", "LZ4", "ZSTD", "GZIP")


@dataclass
class TrinoStatement:
    """A statement for Trino, with the session properties that it needs and, for CREATE TABLE AS, what it creates."""

    text: str
    session: dict[str, str] = field(default_factory=dict)
    created_table: list[str] | None = None
    created_view: list[str] | None = None


def rewrite(text: str, catalog: str, default_location: str, *, location_is_enforced: bool = False) -> TrinoStatement:
    """Return the statement as Trino takes it.

    `default_location` is where a new table's data goes when the statement does not say; `location_is_enforced` is true
    when the work group forbids saying it. Raises QueryFailedError for what Athena refuses.
    """
    try:
        reader = TokenReader(text, tokenize(text, hive=False))
        return _rewrite(reader, catalog, default_location, location_is_enforced)
    except SqlTextError as error:
        raise QueryFailedError(f"SYNTAX_ERROR: {error}") from None


def _rewrite(reader: TokenReader, catalog: str, default_location: str, location_is_enforced: bool) -> TrinoStatement:
    whole = _whole_text(reader)
    if reader.take_words("create", "or", "replace", "view") or reader.take_words("create", "view"):
        return TrinoStatement(whole, created_view=_qualified_name(reader))
    if not reader.take_words("create", "table"):
        return TrinoStatement(whole)
    reader.take_words("if", "not", "exists")
    name = _qualified_name(reader)
    head_end = reader.tokens[reader.position - 1].end
    properties = _properties(reader) if reader.take_words("with") else {}
    if not reader.next.is_word("as"):
        raise reader.unexpected("AS")
    head = reader.text[reader.tokens[0].start : head_end]
    body = whole[reader.next.start - reader.tokens[0].start :]
    trino_properties, session = _translate(properties, catalog, default_location, location_is_enforced)
    listed = ", ".join(f"{key} = {value}" for key, value in trino_properties.items())
    return TrinoStatement(f"{head} with ({listed}) {body}", session, created_table=name)


def _whole_text(reader: TokenReader) -> str:
    """Return the statement without the comments around it and the semicolon after it."""
    body = list(reader.tokens[:-1])
    while body and body[-1].is_symbol(";"):
        body.pop()
    if not body:
        raise SqlTextError("the statement is empty")
    return reader.text[body[0].start : body[-1].end]


def _qualified_name(reader: TokenReader) -> list[str]:
    parts = [reader.need_name()]
    while reader.take_symbol("."):
        parts.append(reader.need_name())
    return parts


def _properties(reader: TokenReader) -> dict[str, str]:
    """Read `(name = expression, ..)` and return the text of each expression by lower-case name."""
    reader.need_symbol("(")
    found: dict[str, str] = {}
    while True:
        name = reader.need_name()
        reader.need_symbol("=")
        start, depth = reader.next.start, 0
        while depth > 0 or not (reader.next.is_symbol(",") or reader.next.is_symbol(")")):
            token = reader.take()
            if token.kind is Kind.END:
                raise reader.unexpected("')'")
            depth += (token.value in "([") - (token.value in ")]") if token.kind is Kind.SYMBOL else 0
        found[name] = reader.text[start : reader.tokens[reader.position - 1].end]
        if not reader.take_symbol(","):
            reader.need_symbol(")")
            return found


def _translate(
    properties: dict[str, str], catalog: str, default_location: str, location_is_enforced: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Return Trino's table properties and the session properties for Athena's table properties."""
    properties = dict(properties)
    if _string(properties.pop("table_type", "'HIVE'")).upper() != "HIVE":
        raise QueryFailedError("NOT_SUPPORTED: the local stand-in creates Hive tables only, not Iceberg tables")
    properties.pop("is_external", None)  # every Hive table that Athena creates is
    session = {}
    for name in COMPRESSION_PROPERTIES:
        if name in properties:
            codec = _string(properties.pop(name)).upper()
            if codec not in COMPRESSION_CODECS:
                raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {name} = '{codec}' is not one of {COMPRESSION_CODECS}")
            session[f"{catalog}.compression_codec"] = codec
    unknown = sorted(set(properties) - set(TRINO_PROPERTIES))
    if unknown:
        raise QueryFailedError(f"NOT_SUPPORTED: Table properties {unknown} are not supported.")
    if location_is_enforced and "external_location" in properties:
        raise QueryFailedError(
            "The Create Table As Select query failed because it was submitted with an 'external_location' property to"
            " an Athena Workgroup that enforces a centralized output location for all queries. Please remove the"
            " 'external_location' property and resubmit the query."
        )
    properties.setdefault("external_location", quote_string(default_location))
    return {TRINO_PROPERTIES[name]: value for name, value in properties.items()}, session


def _string(literal: str) -> str:
    token = tokenize(literal, hive=False)[0]
    if token.kind is not Kind.STRING:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {literal} is not a string")
    return token.value
