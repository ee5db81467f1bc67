"""Definitions that occur twice in a spec: Python silently keeps only the last.

A property, an expectation or a rule that was dropped is not judged, so a spec that loses one must not be read at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from flpcheck.authoring.property import STANDARD, Property
from flpcheck.authoring.temporal import Temporal, refuse_nameless
from flpcheck.errors import Place, SpecUnreadable
from flpcheck.instance import Instance

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
PARTS_OF_ONE = frozenset({"setter", "getter", "deleter", "register", "overload"})
"""Decorators under which several definitions of one name belong together."""


def refuse_definitions(path: str) -> None:
    """Raise `SpecUnreadable` if a file defines a name, or expects something of a property, twice.

    Parameters
    ----------
    path
        The spec's file.  Only definitions at its top level and directly in its classes count: those under an `if` are
        alternatives.

    Raises
    ------
    SpecUnreadable
        At the second place, naming the first.  Cost: parsing the file once more, a few milliseconds.
    """
    tree = ast.parse(Path(path).read_bytes())
    for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
        _refuse_second(path, "definition", [(node.name, node.lineno) for node in _definitions(body)])
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [(key.id, key.lineno) for key in node.keys if isinstance(key, ast.Name)]
            _refuse_second(path, "entry", keys)


def _definitions(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Definition) and not any(_last_name(d) in PARTS_OF_ONE for d in node.decorator_list):
            yield node


def _last_name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _refuse_second(path: str, kind: str, named: Iterable[tuple[str, int]]) -> None:
    first: dict[str, int] = {}
    for name, line in named:
        if name in first and name != "_":
            raise SpecUnreadable(
                f"a second {kind} of {name!r}",
                place=Place(path, line),
                why=f"Python keeps this one and drops the one at line {first[name]}",
                next_step="rename or remove one of them",
            )
        first[name] = line


def refuse_names(path: str, instances: Iterable[Instance], own: Iterable[Property]) -> None:
    """Raise `SpecUnreadable` if two instances, or two properties, of a spec have the same name.

    Parameters
    ----------
    path
        The spec's file.
    instances
        Its instances; the properties that they expect something of are properties of the spec.
    own
        The properties that it defines.

    Raises
    ------
    SpecUnreadable
        If options, tables and tests could not tell which of two is meant; a standard property keeps its name.
    """
    seen: set[str] = set()
    for instance in instances:
        if instance.name in seen:
            what, advice = f"two instances are named {instance.name!r}", "give each instance its own name"
            raise SpecUnreadable(what, place=Place(path, 1), next_step=advice)
        seen.add(instance.name)
    known = {claim.name: claim for claim in STANDARD}
    for claim in (*own, *(claim for instance in instances for claim in instance.verdicts)):
        if isinstance(claim, Temporal):
            refuse_nameless(claim)
        if known.setdefault(claim.name, claim) != claim:
            raise _one_name(path, claim, known[claim.name])


def _one_name(path: str, claim: Property, other: Property) -> SpecUnreadable:
    why = f"the other is at {other.place}" if other.place else "the other is a standard property"
    advice = "rename the function; give each property made by a factory its own name"
    what = f"two properties are named {claim.name!r}"
    return SpecUnreadable(what, place=claim.place or Place(path, 1), why=why, next_step=advice)
