"""Updates of expectations in a spec's file: counts and lengths, never a verdict."""

from __future__ import annotations

import ast
import difflib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flpcheck.examine import Examination
from flpcheck.expectations import FIGURES, figures_of


class Change(NamedTuple):
    """A number that an instance expects and that was found otherwise.

    Parameters
    ----------
    instance
        Its name.
    field
        The argument of `Instance`.
    place
        Which entry of it, from 0 on, where it is a dictionary; None where it is a number.
    found
        What was found; only a number can be written in the place of a number.
    """

    instance: str
    field: str
    place: int | None
    found: Any


class Update(NamedTuple):
    """The changes to a file, and why something is not changed.

    Parameters
    ----------
    file
        The spec's.
    changes
        The numbers.
    refused
        Why nothing is changed in an instance; empty if nothing stands against it.
    """

    file: str
    changes: tuple[Change, ...]
    refused: str = ""


def update_of(examination: Examination) -> Update:
    """Return what an instance would have to expect; nothing where a verdict is another one, or is not known."""
    instance, file = examination.request.instance, examination.request.spec.file
    if instance is None:
        return Update(file, ())
    cut, name = examination.graph.cut, f"{examination.request.spec.name} [{instance.name}]"
    if cut is not None and cut.bound.ends_run:
        return Update(file, (), f"{name}: the search was {cut.bound.label}, so its counts are not known")
    verdicts = {finding.claim.name for finding in examination.analysis.findings} | {"FLP verdict"}
    other = [str(difference) for difference in examination.differences if difference.what in verdicts]
    if other:
        told = "; ".join(other)
        return Update(file, (), f"{name}: {told}: a verdict is never updated, and neither are the counts beside it")
    return Update(file, tuple(_changes(examination)))


def _changes(examination: Examination) -> Iterator[Change]:
    instance = examination.request.instance
    assert instance is not None
    found = figures_of(examination.analysis, None if instance.delays is None else examination.delays)
    for field in FIGURES:
        expected = getattr(instance, field)
        if field == "univalent":
            by_value = None if expected is None else {str(value): number for value, number in expected.items()}
            yield from _entries(instance.name, field, by_value, found[field])
        elif expected is not None and expected != found[field]:
            yield Change(instance.name, field, None, found[field])
    findings = {finding.claim.name: finding for finding in examination.analysis.findings}
    lengths = {name: len(one.schedule) for name, one in findings.items() if one.schedule is not None}
    wanted = {claim.name: length for claim, length in instance.counterexample.items()}
    yield from _entries(instance.name, "counterexample", wanted, {name: lengths.get(name) for name in wanted})


def _entries(
    instance: str, field: str, expected: Mapping[str, int] | None, found: Mapping[str, Any]
) -> Iterator[Change]:
    """Yield the entries of a dictionary that are other ones; all of it, if it has other keys."""
    if expected is None:
        return
    if expected.keys() != found.keys():
        yield Change(instance, field, None, dict(found))
        return
    for place, (name, number) in enumerate(expected.items()):
        if found[name] != number:
            yield Change(instance, field, place, found[name])


def updated(text: str, changes: Sequence[Change]) -> tuple[str, list[str]]:
    """Return the text of a file with changes made, and those that have to be made by hand, as sentences.

    A number is found where `Instance("name", ...)` and the number are written out; one that is computed is not.
    """
    lines = io.StringIO(text, newline="").readlines()
    calls = {name: call for call in ast.walk(ast.parse(text)) if (name := _instance_named(call)) is not None}
    spots, by_hand = [], []
    for change in changes:
        node = _number(calls.get(change.instance), change)
        if node is None or not isinstance(change.found, int):
            entry = "" if change.place is None else f", entry {change.place + 1}"
            by_hand.append(
                f"[{change.instance}] {change.field}{entry} is {change.found}, with no number to replace in the file"
            )
        else:
            spots.append((node.lineno, node.col_offset, node.end_col_offset or 0, change.found))
    for line, first, last, found in sorted(spots, reverse=True):
        raw = lines[line - 1].encode()
        number = f"{found:_}" if b"_" in raw[first:last] else str(found)
        lines[line - 1] = (raw[:first] + number.encode() + raw[last:]).decode()
    return "".join(lines), by_hand


def _instance_named(node: ast.AST) -> str | None:
    """Return the name that a call of `Instance` gives."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "Instance":
        return None
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")]
    name = given[0].value if given and isinstance(given[0], ast.Constant) else None
    return name if isinstance(name, str) else None


def _number(call: Any, change: Change) -> ast.Constant | None:
    """Return the number that a change is about, where it is written."""
    values = [keyword.value for keyword in getattr(call, "keywords", ()) if keyword.arg == change.field]
    node: ast.AST | None = values[0] if values else None
    if change.place is not None:
        whole = isinstance(node, ast.Dict) and None not in node.keys and len(node.values) > change.place
        node = node.values[change.place] if isinstance(node, ast.Dict) and whole else None
    return node if isinstance(node, ast.Constant) and type(node.value) is int else None


def diff(file: str, before: str, after: str) -> str:
    """Return a unified diff, as `patch -p0` reads it."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(difflib.unified_diff(old, new, fromfile=file, tofile=file))
