"""Whole numbers that stand in a program: where it could treat a ballot, or the distance of two ballots, otherwise.

A renaming of ballots is a test of what was seen, and what was seen are small ballots that lie close together.  A step
that compares a ballot with 7, or looks for one that is 7 lower, shows it only where ballots are moved by just as much.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

LEAST, MOST = 2, 48
"""The smallest number that matters (0 and 1 are met everywhere), and the maximum number of those used, smallest
first."""


def literals_in(*things: Any) -> frozenset[int]:
    """Return the whole numbers in some functions, in the parameters of a protocol, and in all that they refer to.

    Parameters
    ----------
    things
        Functions, or protocols with their parameters.  What they use of flpcheck, NumPy and the standard library is
        not looked into.

    Examples
    --------
    >>> sorted(literals_in(lambda state: state.ballot % 10 == 7 or state.ballot in (1, 3)))
    [3, 7, 10]
    """
    found: set[int] = set()
    seen: set[int] = set()
    todo = list(things)
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, int) and not isinstance(thing, bool):
            found.add(abs(thing))
        else:
            todo.extend(_within(thing))
    return frozenset(sorted(number for number in found if number >= LEAST)[:MOST])


def _within(thing: Any) -> Iterator[Any]:
    """Yield what a function, a class, a code object, a collection or an object with parameters refers to."""
    if isinstance(thing, tuple | list | set | frozenset):
        yield from thing
    elif isinstance(thing, dict):
        yield from (*thing.keys(), *thing.values())
    elif isinstance(thing, CodeType):
        yield from (*thing.co_consts, *_small_numbers(thing))
    elif isinstance(thing, FunctionType):
        yield from _of_function(thing)
    elif isinstance(thing, property):
        yield thing.fget
    elif isinstance(thing, type):
        yield from (member for kind in thing.__mro__ if _is_ours(kind) for member in vars(kind).values())
    elif hasattr(thing, "__func__"):
        yield from (thing.__func__, getattr(thing, "__self__", None))
    elif is_dataclass(thing) and _is_ours(type(thing)):
        yield from (type(thing), *(getattr(thing, field.name) for field in fields(thing)))


def _small_numbers(code: CodeType) -> Iterator[int]:
    """Yield the numbers that stand in instructions: from Python 3.14 on those below 256 are not among the constants."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_SMALL_INT" and instruction.arg is not None:
            yield instruction.arg


def _of_function(function: FunctionType) -> Iterator[Any]:
    yield function.__code__
    yield from (function.__defaults__ or (), function.__kwdefaults__ or {})
    yield from (cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell))
    names = set(_names(function.__code__))
    for name in names & function.__globals__.keys():
        known = function.__globals__[name]
        if isinstance(known, ModuleType) and _is_ours(known):
            yield from (getattr(known, inner) for inner in names if hasattr(known, inner))
        elif not isinstance(known, ModuleType | FunctionType | type) or _is_ours(known):
            yield known


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _is_ours(thing: Any) -> bool:
    """Whether something was written by the author of a spec."""
    module = thing.__name__ if isinstance(thing, ModuleType) else str(getattr(thing, "__module__", ""))
    root = module.partition(".")[0]
    inside = root == "flpcheck" and not module.startswith("flpcheck.specs")
    return not inside and root not in sys.stdlib_module_names and root != "numpy"
