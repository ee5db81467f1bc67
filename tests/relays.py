"""Three processes of which one has a value, and each passes it on once: on which links do all decide?"""

from __future__ import annotations

from typing import Any

from flpcheck import At, Process, Start, Step, protocol, record, replace, to_others


@record
class Value:
    pass


@record
class Relay:
    input: int | None = None
    decision: int | None = None


@protocol
class Relays:
    """A process that has the value decides and sends it to the others, once."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.step, start=Relay(1 if name == "a" else None)) for name in ("a", "b", "c")]

    def step(self, at: At, s: Relay, event: Start | Value) -> Step[Relay, Value]:
        has_it = s.input is not None if isinstance(event, Start) else True
        if has_it and s.decision is None:
            return replace(s, decision=1), to_others(Value())
        return s, ()
