"""Write Trino's values and types the way Athena's results show them."""

from __future__ import annotations

import base64
import math
from typing import Any

from local_aws.results import ResultColumn


def value_text(value: Any, signature: dict[str, Any]) -> str | None:
    """Return a value as Athena's text for it, or None for NULL. `signature` is Trino's description of its type."""
    if value is None:
        return None
    kind = signature["rawType"]
    arguments = [argument["value"] for argument in signature.get("arguments", [])]
    if kind == "boolean":
        return "true" if value else "false"
    if kind in ("double", "real"):
        return _java_double(float(value))
    if kind == "varbinary":
        return base64.b64decode(value).hex(" ")
    if kind == "array":
        return "[" + ", ".join(_nested(element, arguments[0]) for element in value) + "]"
    if kind == "map":
        pairs = (
            f"{_nested(key, _key_type(arguments[0]))}={_nested(item, arguments[1])}" for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if kind == "row":
        texts = (
            f"{_field_name(number, field)}={_nested(item, field['typeSignature'])}"
            for number, (item, field) in enumerate(zip(value, arguments, strict=True))
        )
        return "{" + ", ".join(texts) + "}"
    return str(value)


def result_column(column: dict[str, Any]) -> ResultColumn:
    """Return a column of a result as Athena describes it."""
    signature = column["typeSignature"]
    kind = signature["rawType"]
    numbers = [argument["value"] for argument in signature.get("arguments", []) if argument["kind"] == "LONG"]
    if kind == "decimal":
        return ResultColumn(column["name"], kind, numbers[0], numbers[1])
    precisions = {"varchar": 2147483647, "bigint": 19, "integer": 10, "double": 17, "timestamp": 3}
    return ResultColumn(column["name"], kind, precisions.get(kind, 0))


def hive_type(trino_type: str) -> str:
    """Return the Hive type, in Glue's spelling, of a column that Trino describes with its own type."""
    simple = {"integer": "int", "real": "float", "varbinary": "binary", "varchar": "string"}
    text = trino_type.strip()
    base, _, rest = text.partition("(")
    inside = rest[:-1] if rest.endswith(")") else ""
    if base == "array":
        return f"array<{hive_type(inside)}>"
    if base == "map":
        key, value = _split_top_level(inside)
        return f"map<{hive_type(key)},{hive_type(value)}>"
    if base == "row":
        return "struct<" + ",".join(_struct_field(*field) for field in enumerate(_split_top_level(inside))) + ">"
    if base == "timestamp":
        return "timestamp"
    if base == "varchar" and inside:
        return text
    if base == "decimal":
        return text.replace(" ", "")
    return simple.get(text, text)


def _struct_field(number: int, text: str) -> str:
    name, _, kind = text.strip().partition(" ")
    if not kind or "(" in name:  # a field without a name: the whole text is its type
        name, kind = f"field{number}", text.strip()
    return f"{name.strip(chr(34))}:{hive_type(kind)}"


def _split_top_level(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _nested(value: Any, signature: dict[str, Any]) -> str:
    text = value_text(value, signature)
    return "null" if text is None else text


def _key_type(signature: dict[str, Any]) -> dict[str, Any]:
    # The keys of a map arrive as JSON object keys, which are text already.
    return signature if signature["rawType"] in ("array", "map", "row") else {"rawType": "varchar"}


def _field_name(number: int, field: dict[str, Any]) -> str:
    name = field.get("fieldName")
    return name["name"] if name else f"field{number}"


def _java_double(value: float) -> str:
    """Return a number as Java's Double.toString writes it: 1.0E10, 0.5, NaN."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = repr(value)
        return plain if "e" not in plain else f"{value:.20f}".rstrip("0")
    digits, _, exponent = f"{value!r}".partition("e")
    if not exponent:  # repr writes 12345678.0 plainly where Java does not
        sign = "-" if value < 0 else ""
        whole, _, fraction = digits.lstrip("-").partition(".")
        mantissa = (whole + fraction).strip("0") or "0"
        power = len(whole) - 1 if whole.strip("0") else -(len(fraction) - len(fraction.lstrip("0")) + 1)
        return f"{sign}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"
