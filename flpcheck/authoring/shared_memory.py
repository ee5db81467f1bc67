"""Protocols in shared memory: each process applies operations to shared objects, and keeps local state in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any, Generic, TypeVar

from flpcheck.authoring.actions import Action
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.objects import Object, Op
from flpcheck.authoring.protocol import MOST_PROCESSES, several
from flpcheck.authoring.values import place_of, put, record, shorten, show
from flpcheck.errors import BadAnswer, BadProtocol, nearest

L = TypeVar("L")


@record
class SharedState(Generic[L]):
    """A configuration of a protocol in shared memory; crashes are kept beside it.

    Parameters
    ----------
    values
        The value of each object, in the order of `objects()`.
    locals
        The local state of each process.
    """

    values: tuple[Any, ...]
    locals: tuple[L, ...]


class SharedMemory(Generic[L]):
    """The base class of protocols in shared memory: a general protocol whose transitions are single operations.

    One event is one operation: process i, in local state s, applies `next(i, s)` to an object and goes on in the local
    state `then(i, s, answer)`.  Processes step in any order.  The field `input` of a local state is the process's
    input, and the field `decision`, unless it is None, its decision.

    Parameters
    ----------
    n
        The number of processes p0, p1, ...; a protocol that defines `names` needs none.

    Examples
    --------
    >>> from flpcheck import CompareAndSwap, asynchronous, protocol, replace, system_of
    >>> @record
    ... class Local:
    ...     input: int
    ...     decision: int | None = None
    >>> @protocol
    ... class Swap(SharedMemory[Local]):
    ...     n: int = 2
    ...     first = CompareAndSwap("first", None)
    ...     def objects(self): return [self.first]
    ...     def starts(self, i): return [Local(0), Local(1)]
    ...     def next(self, i, s): return self.first.compare_and_swap(None, s.input) if s.decision is None else None
    ...     def then(self, i, s, before): return replace(s, decision=s.input if before is None else before)
    >>> here = list(Swap().initial())[1]
    >>> [f"{event}: {after.values}" for event, after in Swap().successors(here)]
    ['p0 first.compare_and_swap(None, 0): (0,)', 'p1 first.compare_and_swap(None, 1): (1,)']
    """

    n: int

    def objects(self) -> Sequence[Object[Any]]:
        """Return the shared objects, in the order in which they are shown."""
        raise _missing(self, "objects(self) -> list[Object[Any]]")

    def starts(self, i: int) -> Sequence[L]:  # noqa: ARG002
        """Return the local states in which process i may start: one for each possible input."""
        raise _missing(self, "starts(self, i) -> list[Local]")

    def next(self, i: int, s: L) -> Op | None:  # noqa: ARG002
        """Return the operation that process i applies next in local state s; None if it has halted."""
        raise _missing(self, "next(self, i, s) -> Op | None")

    def then(self, i: int, s: L, answer: Any) -> L:  # noqa: ARG002
        """Return the local state of process i after the response to `next(i, s)`."""
        raise _missing(self, "then(self, i, s, answer) -> Local")

    def names(self) -> list[Pid]:
        """Return the names of the processes."""
        n = getattr(self, "n", None)
        if type(n) is not int or not 1 <= n <= MOST_PROCESSES:
            what = f"{type(self).__name__} has {'no number of processes n' if n is None else f'n={n!r}'}"
            advice = f"write `n: int = 2`, from 1 to {MOST_PROCESSES}, or define names(self)"
            raise BadProtocol(what, place=place_of(type(self)), next_step=advice)
        return [f"p{i}" for i in range(n)]

    def initial(self) -> Iterator[SharedState[L]]:
        """Yield an initial configuration for every choice of local states, the last process's changing fastest."""
        values = tuple(thing.initial for thing in self.object_list)
        starts = [_starts(self, i) for i in range(len(self.process_names))]
        yield from (SharedState(values, chosen) for chosen in product(*starts))

    def inputs(self, c: SharedState[L]) -> dict[Pid, Any]:
        """Return the inputs of the processes that have one."""
        return {name: value for name, value in self._fields(c, "input").items() if value is not None}

    def decisions(self, c: SharedState[L]) -> dict[Pid, Any]:
        """Return the decisions, None if not made yet, of the processes that decide."""
        return self._fields(c, "decision")

    def actions(self) -> list[Action]:
        """Return the transitions: the next operation of each process."""
        return [Action(self.apply_next, i) for i in range(len(self.process_names))]

    def apply_next(self, c: SharedState[L], i: int) -> Iterator[tuple[Event, SharedState[L]]]:
        """Yield the next operation of process i and the configuration afterwards; nothing if it has halted."""
        s = c.locals[i]
        op = self.next(i, s)
        if op is None:
            return
        place = self.place_on(i, s, op)
        found = self.object_list[place].apply(c.values[place], op, i)
        if not (isinstance(found, tuple) and len(found) == 2):
            raise _not_applied(self.object_list[place], op, found)
        value, answer = found
        after = self.then(i, s, answer)
        if after is None or isinstance(after, Op):
            raise self._bad(self.then, i, s, f"then() returned {shorten(told(after))}, which is not a local state")
        yield Event(str(op), self.process_names[i]), SharedState(put(c.values, place, value), put(c.locals, i, after))

    @cached_property
    def process_names(self) -> tuple[Pid, ...]:
        """The names of the processes, asked once."""
        return several(self, "names", "return a list of names")

    @cached_property
    def object_list(self) -> tuple[Object[Any], ...]:
        """The shared objects, checked to have different names.

        Raises
        ------
        BadProtocol
            If `objects()` returns anything else, or two objects, or an object and a process, have one name.
        """
        advice = 'return a list of objects, such as [Register("r0", None), TestAndSet("bit")]'
        found = several(self, "objects", advice)
        place = place_of(type(self).objects)
        for thing in found:
            if not isinstance(thing, Object):
                what = f"objects() returned {shorten(repr(thing))} among others, which is not an Object"
                raise BadProtocol(what, place=place, next_step=advice)
        taken = [*self.process_names, *(thing.name for thing in found)]
        twice = sorted({str(name) for name in taken if taken.count(name) > 1 or not isinstance(name, str) or not name})
        if twice:
            what = f"two objects, or an object and a process, are named {twice[0]!r}"
            why = "traces and pictures show objects and processes by their names"
            raise BadProtocol(what, place=place, why=why, next_step="give each object its own name, a non-empty text")
        return found

    def place_on(self, i: int, s: L, op: Op) -> int:
        """Return the position of the object that process i applies an operation to.

        Raises
        ------
        BadAnswer
            If it is no operation, or there is no such object, or the object has no such operation.
        """
        if not isinstance(op, Op):
            raise self._bad(self.next, i, s, f"next() returned {shorten(told(op))}, which is not an operation")
        if op.on not in self._places:
            known = nearest(op.on, self._places)
            raise self._bad(self.next, i, s, f"next() returned {op}, and there is no object {op.on!r}", known)
        place, operations = self._places[op.on]
        if op.name not in operations:
            what = f"next() returned {op}, and a {type(self.object_list[place]).__name__} has no operation {op.name!r}"
            raise self._bad(self.next, i, s, what, nearest(op.name, operations))
        return place

    @cached_property
    def _places(self) -> dict[str, tuple[int, tuple[str, ...]]]:
        """The position and the operations of each object by its name."""
        return {thing.name: (place, thing.operations()) for place, thing in enumerate(self.object_list)}

    def _bad(self, method: Any, i: int, s: L, what: str, known: str = "") -> BadAnswer:
        why = f"{known + ' ' if known else ''}{self.process_names[i]} is in local state {shorten(show(s), 300)}"
        advice = {
            "next": "return an operation of an object in objects(), such as self.bit.test_and_set(), or None to halt",
            "then": "return the local state after the answer, such as replace(s, decision=answer)",
        }[method.__name__]
        return BadAnswer(what, place=place_of(method.__func__), why=why, next_step=advice)

    def _fields(self, c: SharedState[L], field: str) -> dict[Pid, Any]:
        names = self.process_names
        return {name: getattr(s, field) for name, s in zip(names, c.locals, strict=True) if hasattr(s, field)}


def _starts(model: SharedMemory[Any], i: int) -> tuple[Any, ...]:
    """Return the local states in which a process may start."""
    found = several(model, "starts", "return a list of local states, one for each input", i)
    if not found:
        what = f"starts({i}) returned no local state"
        raise BadProtocol(what, place=place_of(type(model).starts), next_step="return at least one local state")
    return found


def _missing(model: SharedMemory[Any], signature: str) -> BadProtocol:
    what = f"{type(model).__name__} does not define {signature.partition('(')[0]}"
    return BadProtocol(what, place=place_of(type(model)), next_step=f"define {signature}")


def _not_applied(thing: Object[Any], op: Op, found: object) -> BadAnswer:
    what = f"apply() of {type(thing).__name__} returned {shorten(told(found))} for {op}"
    return BadAnswer(what, place=place_of(type(thing).apply), next_step="return (value afterwards, response)")


def told(thing: object) -> str:
    """Return the text of anything that an author's function returned."""
    return "None (a function without a return returns None)" if thing is None else show(thing)
