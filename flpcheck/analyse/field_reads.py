"""Which fields of local states an author's predicate reads.

While a question is put, `__getattribute__` of the classes of the states notes what is read; the states are copies, so
nothing that holds the genuine ones is noted, and identity tells no more than equality.  A predicate may do with them
whatever it may do with the genuine ones.  What is not the reading of one field counts as a look at the whole state.
"""

from __future__ import annotations

import copy
import dataclasses
import dis
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

KINDS = frozenset({None, True, False, Ellipsis})
"""Values that may be compared by identity: there is one of each."""

IDENTITY = frozenset({"id", "is_", "is_not"})
"""Names of functions that tell one object from an equal one; the last two are those of `operator`."""

FieldNote = Callable[[str], None]
"""Takes the name of a field that is read; empty for the whole state."""


class FieldReads:
    """The states that were handed out for one question, each with what to tell of its fields."""

    def __init__(self) -> None:
        self._notes: dict[int, tuple[Any, FieldNote]] = {}
        self._patched: set[type] = set()
        self._restored = False

    def may_follow(self, state: Any) -> bool:
        """Return whether it can be noted what is read of a state: of a plain record, until classes are restored."""
        cls = type(state)
        if self._restored or not dataclasses.is_dataclass(cls) or not hasattr(state, "__dict__"):
            return False
        return cls in self._patched or cls.__getattribute__ is object.__getattribute__

    def copy_of(self, state: Any, note: FieldNote) -> Any:
        """Return a copy of a record, of which it is noted what is read."""
        cls = type(state)
        self._patch(cls)
        made = copy.copy(state)
        self._notes[id(made)] = made, note
        return made

    def forget(self) -> None:
        """Forget the states: the question has been answered."""
        self._notes.clear()

    def restore(self) -> None:
        """Let classes be as they were."""
        for cls in self._patched:
            type.__delattr__(cls, "__getattribute__")
        self._patched.clear()
        self._restored = True
        self.forget()

    def _patch(self, cls: type) -> None:
        if cls in self._patched:
            return
        plainly, fields, notes = object.__getattribute__, {f.name for f in dataclasses.fields(cls)}, self._notes

        def noting(state: Any, name: str) -> Any:
            known = notes.get(id(state))
            if known is not None:
                if name in fields:
                    known[1](name)
                elif name in plainly(state, "__dict__") or not _is_of_class(cls, name):
                    known[1]("")
            return plainly(state, name)

        self._patched.add(cls)
        type.__setattr__(cls, "__getattribute__", noting)


def _is_of_class(cls: type, name: str) -> bool:
    """Whether an attribute is the same for all instances: methods and properties read by themselves."""
    return name not in WHOLE and any(name in base.__dict__ for base in cls.__mro__)


WHOLE = frozenset({"__dict__", "__reduce__", "__reduce_ex__", "__getstate__", "__sizeof__"})
"""Attributes of `object` that tell all of an instance."""


@contextmanager
def field_reads() -> Iterator[FieldReads]:
    """FieldNote what is read of states inside of this block."""
    reads = FieldReads()
    try:
        yield reads
    finally:
        reads.restore()


def asks_for_identity(function: Any) -> bool:
    """Return whether a function, or one of its module that it calls, may tell one object from an equal one.

    Cost: a pass over their byte code.

    Examples
    --------
    >>> asks_for_identity(lambda view: view.states["p"] is view.states["q"])
    True
    >>> asks_for_identity(lambda view: view.states["p"].vote is None)
    False
    >>> import operator
    >>> asks_for_identity(lambda view: operator.is_(view.states["p"], view.states["q"]))
    True
    """
    seen: set[Any] = set()
    return any(map(_tells_objects_apart, _codes(function, seen)))


def names_it(function: Any, name: str) -> bool:
    """Return whether a function, or one of its module that it calls, mentions a name: as an attribute or as a text.

    Examples
    --------
    >>> names_it(lambda view: len(view.mail["p"]) < 2, "mail"), names_it(lambda view: view.states, "mail")
    (True, False)
    """
    seen: set[Any] = set()
    return any(name in code.co_names or name in code.co_consts for code in _codes(function, seen))


def _codes(function: Any, seen: set[Any]) -> Iterator[CodeType]:
    """Yield the code of a function and of those that it may call: globals and closures by their names."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in code.co_names:
            yield from _codes(function.__globals__.get(name), seen)
    for cell in function.__closure__ or ():
        yield from _codes(cell.cell_contents, seen)


def _tells_objects_apart(code: CodeType) -> bool:
    before = None
    for step in dis.get_instructions(code):
        constant = before is not None and before.opname == "LOAD_CONST" and before.argval in KINDS
        if step.opname == "IS_OP" and not constant:
            return True
        before = step
    return not IDENTITY.isdisjoint(code.co_names)
