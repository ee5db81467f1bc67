"""The naive enumerator for protocols in shared memory: one loop over processes, and its own semantics of the objects.

It asks an author's `starts`, `next` and `then`, and looks at an object's kind, name and initial value only.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import product
from typing import Any

from flpcheck import SharedState
from flpcheck.authoring.events import Event


def performed(kind: str, name: str, value: Any, arguments: tuple[Any, ...], who: int) -> tuple[Any, Any]:
    """Return the value of an object after an operation, and the response."""
    new = arguments[-1] if arguments else None
    items = list(value) if isinstance(value, tuple) else []
    pairs: dict[tuple[str, str], tuple[Any, Any]] = {
        ("Register", "write"): (new, None),
        ("Snapshot", "update"): (tuple(new if place == who else item for place, item in enumerate(items)), None),
        ("TestAndSet", "test_and_set"): (True, value),
        ("TestAndSet", "reset"): (False, None),
        ("Queue", "enqueue"): ((*items, new), None),
        ("Queue", "dequeue"): (tuple(items[1:]), items[0] if items else None),
        ("CompareAndSwap", "compare_and_swap"): (new if arguments[:1] == (value,) else value, value),
        ("Sticky", "jam"): (new, True) if value is None else (value, value == new),
    }
    if kind == "FetchAndAdd":
        return value + new, value
    return (value, value) if name in {"read", "scan"} else pairs[kind, name]


class Memory:
    """A protocol in shared memory; a configuration is (values of the objects with local states, who has crashed)."""

    def __init__(self, protocol: Any, world: Any, inputs: dict[str, Any] | None = None) -> None:
        self.protocol, self.failures, self.fixed = protocol, world.failures, inputs or {}
        self.names = list(protocol.names())
        self.things = {thing.name: (place, type(thing).__name__) for place, thing in enumerate(protocol.objects())}

    def initial(self) -> list[Any]:
        values = tuple(thing.initial for thing in self.protocol.objects())
        starts = [self.starts(i) for i in range(len(self.names))]
        return list(dict.fromkeys((SharedState(values, chosen), frozenset()) for chosen in product(*starts)))

    def starts(self, i: int) -> list[Any]:
        found, wanted = list(self.protocol.starts(i)), self.fixed.get(self.names[i])
        return found if wanted is None else [s for s in found if s.input == wanted]

    def events(self, now: Any) -> Iterator[tuple[Hashable, Any, str | None]]:
        """The operation of each process that has not crashed, then crashes."""
        shared, crashed = now
        for i, name in enumerate(self.names):
            op = None if name in crashed else self.protocol.next(i, shared.locals[i])
            if op is not None:
                place, kind = self.things[op.on]
                value, answer = performed(kind, op.name, shared.values[place], op.arguments, i)
                values, locals_ = list(shared.values), list(shared.locals)
                values[place], locals_[i] = value, self.protocol.then(i, shared.locals[i], answer)
                label = Event(f"{op.on}.{op.name}({', '.join(map(repr, op.arguments))})", name)
                yield (label, 0), (SharedState(tuple(values), tuple(locals_)), crashed), name
        if self.failures.events == "explicit" and len(crashed) < self.failures.crashes:
            for name in self.names:
                if name not in crashed:
                    yield ("crash", name), (shared, crashed | {name}), None

    def outputs(self, now: Any) -> dict[str, frozenset[Any]]:
        held = ((name, getattr(s, "decision", None)) for name, s in zip(self.names, now[0].locals, strict=True))
        return {name: frozenset([decision]) for name, decision in held if decision is not None}

    def crashed(self, now: Any) -> frozenset[str]:
        found: frozenset[str] = now[1]
        return found

    def deciders(self) -> frozenset[str]:
        first = self.initial()[0][0]
        return frozenset(name for name, s in zip(self.names, first.locals, strict=True) if hasattr(s, "decision"))
