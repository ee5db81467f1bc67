"""The JSON contract: a JSON Schema (draft 2020-12) for what each command prints with `--format json`."""

from __future__ import annotations

from typing import Any

from flpcheck.report.contract.documents import DEFINITIONS, DOCUMENTS, SCHEMA_VERSION, WITHOUT_GRAPH
from flpcheck.report.contract.shapes import part

__all__ = ["DEFINITIONS", "DOCUMENTS", "SCHEMA_VERSION", "WITHOUT_GRAPH", "schema_of", "versioned"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(*commands: str) -> dict[str, Any]:
    """Return the JSON Schema of a line that some commands print, or of any line that a command prints.

    Examples
    --------
    >>> schema_of("list")["oneOf"]
    [{'$ref': '#/$defs/listed'}]
    """
    documents = dict.fromkeys(name for command in commands or DOCUMENTS for name in DOCUMENTS[command])
    needed = _needed(list(documents))
    return {
        "$schema": DIALECT,
        "title": f"What flpcheck {', '.join(commands)} prints, version {SCHEMA_VERSION}".replace("  ", " "),
        "oneOf": [part(name) for name in documents],
        "$defs": {name: shape for name, shape in DEFINITIONS.items() if name in needed},
    }


def _needed(names: list[str]) -> set[str]:
    """Return the definitions that some need, themselves included."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += _referred(DEFINITIONS[name])
    return found


def _referred(shape: Any) -> list[str]:
    if isinstance(shape, dict):
        own = [shape["$ref"].rpartition("/")[2]] if "$ref" in shape else []
        return [*own, *(name for value in shape.values() for name in _referred(value))]
    return [name for value in shape for name in _referred(value)] if isinstance(shape, list) else []


def versioned(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the version of the contract in front."""
    return {"schema_version": SCHEMA_VERSION, **value}
