"""JSON Schema in a few words: each function returns a schema, with a sentence about what it describes."""

from __future__ import annotations

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
_OPTIONAL = "optional"


def text(about: str, *among: str) -> Schema:
    """Return the schema of a text, or of one among some words."""
    return _about({"type": "string", **({"enum": list(among)} if among else {})}, about)


def number(about: str) -> Schema:
    """Return the schema of a number of things: a whole one from 0 on."""
    return _about({"type": "integer", "minimum": 0}, about)


def real(about: str) -> Schema:
    """Return the schema of a number that is no count."""
    return _about({"type": "number"}, about)


def flag(about: str) -> Schema:
    """Return the schema of true or false."""
    return _about({"type": "boolean"}, about)


def array(items: Schema, about: str) -> Schema:
    """Return the schema of a list."""
    return _about({"type": "array", "items": items}, about)


def table(values: Schema, about: str) -> Schema:
    """Return the schema of an object whose keys are names of the spec's, of its processes or values."""
    return _about({"type": "object", "additionalProperties": values}, about)


def record(about: str = "", **keys: Schema) -> Schema:
    """Return the schema of an object with these keys, those that are not `optional` always, and no others."""
    properties = {name: {k: v for k, v in shape.items() if k != _OPTIONAL} for name, shape in keys.items()}
    required = [name for name, shape in keys.items() if _OPTIONAL not in shape]
    return _about(
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}, about
    )


def optional(shape: Schema) -> Schema:
    """Return the schema of a key that an object may lack."""
    return {**shape, _OPTIONAL: True}


def nullable(shape: Schema) -> Schema:
    """Return a schema that admits null, too."""
    about = shape.get("description", "")
    if "$ref" in shape:
        return _about({"anyOf": [{"$ref": shape["$ref"]}, {"type": "null"}]}, about)
    words = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **words}


def either(about: str, *shapes: Schema) -> Schema:
    """Return a schema that admits whatever one of some others does."""
    return _about({"anyOf": list(shapes)}, about)


def null(about: str) -> Schema:
    """Return the schema of null."""
    return _about({"type": "null"}, about)


def part(name: str, about: str = "") -> Schema:
    """Return a reference to one of the definitions."""
    return _about({"$ref": f"#/$defs/{name}"}, about)


def _about(shape: Schema, about: str) -> Schema:
    return {**shape, "description": about} if about else shape
