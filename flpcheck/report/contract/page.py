"""The reference of the JSON contract as a page: a table for each document, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck.exit_codes import GRAVEST, MEANINGS
from flpcheck.report.contract.documents import DEFINITIONS, DOCUMENTS, EXAMINATION, SCHEMA_VERSION

INTRODUCTION = f"""
Each command below prints, with `--format json`, one JSON object a line. `check`, `sweep`, `worlds` and `list` print
several, as they come. `flpcheck schema COMMAND` prints the JSON Schema (draft 2020-12) of a line. Every line holds
`schema_version`, which is {SCHEMA_VERSION}; it is raised whenever a key is added or removed, or changes its meaning.

What cannot be examined is an object with `error` among those of `check`, `sweep` and `worlds`. All other commands look
at one instance: they say on standard error what is wrong with it, and print nothing.
"""
WEIGHED = f"""
`check`, `sweep` and `worlds` weigh them in the order {", ".join(map(str, GRAVEST))}, 0. `why` and commands that only
print end with 0 when they have printed. `flp` compares its verdict with the one that the instance expects. `sweep` and
`worlds` exist to see where something fails: with them a violation is no reason for another code than 0, nor is what
`worlds` left INCOMPLETE.
"""


def contract_page(made: str) -> str:
    """Return the page; `made` says that it is generated."""
    parts = ["# JSON, and exit codes", made, INTRODUCTION.strip(), *_commands(), *_exit_codes()]
    return "\n\n".join([*parts, *(part for name in DEFINITIONS for part in _definition(name))]) + "\n"


def _commands() -> Iterator[str]:
    rows = [f"| `flpcheck {name}` | {' or '.join(map(_link, kinds))} |" for name, kinds in DOCUMENTS.items()]
    yield "## What each command prints"
    yield "\n".join(["| Command | A line is |", "|---|---|", *rows])


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes"
    yield "\n".join(["| Code | Meaning |", "|--:|---|", *(f"| {code} | {text} |" for code, text in MEANINGS.items())])
    yield WEIGHED.strip()


def _definition(name: str) -> Iterator[str]:
    shape = DEFINITIONS[name]
    yield f"## {name}"
    yield shape["description"]
    same = EXAMINATION if name in {"safety", "theorem", "row"} else {}
    rows = [row for key, inner in shape["properties"].items() if same.get(key) != inner for row in _rows(key, inner)]
    if same:
        yield f"As {_link('examination')}, but for these:"
    optional = set(shape["properties"]) - set(shape["required"])
    yield "\n".join(
        [
            "| Key | Value | |",
            "|---|---|---|",
            *(
                f"| `{key}`{' (not always)' if key in optional else ''} | {kind} | {about} |"
                for key, kind, about in rows
            ),
        ]
    )


def _rows(key: str, shape: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield a row for a key, and for those inside of it."""
    yield key, _kind(shape), shape.get("description", "")
    inner, inside = shape, key
    while "items" in inner and isinstance(inner["items"], dict):
        inner, inside = inner["items"], f"{inside}[]"
    for name, value in inner.get("properties", {}).items():
        yield from _rows(f"{inside}.{name}", value)


def _kind(shape: dict[str, Any]) -> str:
    """Return what a value is, in words."""
    if "$ref" in shape:
        return _link(shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        return " or ".join(map(_kind, shape["anyOf"]))
    if "enum" in shape:
        return " or ".join("null" if value is None else f"`{value}`" for value in shape["enum"])
    if "const" in shape:
        return f"`{shape['const']}`"
    kinds = [shape["type"]] if isinstance(shape["type"], str) else shape["type"]
    return " or ".join(_WORDS[kind](shape) if kind in _WORDS else kind for kind in kinds)


def _list(shape: dict[str, Any]) -> str:
    if "prefixItems" in shape:
        return f"list ({', '.join(map(_kind, shape['prefixItems']))})"
    return f"list of {_kind(shape['items'])}"


def _object(shape: dict[str, Any]) -> str:
    inner = shape["additionalProperties"]
    return "object" if inner is False else f"object: name → {_kind(inner)}"


def _text(_: dict[str, Any]) -> str:
    return "text"


_WORDS = {"array": _list, "object": _object, "string": _text}


def _link(name: str) -> str:
    return f"[{name}](#{name})"
