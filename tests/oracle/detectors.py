"""What failure detectors and timers say, for the naive enumerator."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from flpcheck.authoring.events import Suspect, Trust
from oracle.steps import idle, takes

UNLIMITED = -1


class Told:
    """The oracle of a world: a number of answers (timeouts) before it stabilises, then only what is reliable."""

    oracle: Any
    names: tuple[str, ...]
    members: list[Any]
    able: list[int]
    learns: Any
    ask: Any
    steps: Any
    crashed: Any

    def answers(self, now: Any, i: int) -> Iterator[tuple[Hashable, Any, Any]]:
        """Detectors omega and diamond-S: a number of answers about any process, then only reliable ones."""
        kind = {"omega": Trust, "diamond-S": Suspect}.get(self.oracle.kind)
        if kind is None or now.locals[i][0] != "live" or self.learns(i) or not takes(self.members[i].step, kind):
            return
        for named in self.candidates():
            true = not now.reliable or (named == now.reliable) == (kind is Trust)
            early = not now.reliable and self.counts
            if (
                not true
                or (early and now.mistakes >= self.oracle.mistakes)
                or (kind, named) == (Suspect, self.names[i])
            ):
                continue
            told = now._replace(mistakes=now.mistakes + early)
            for number, outcome in self.ask(i, now.locals[i][1], kind(named), None):
                if not idle(now.locals[i][1], outcome):
                    yield (kind.__name__.lower(), self.names[i], named, number), outcome, told

    def candidates(self) -> list[str]:
        """Who may be named: for omega only those who ask."""
        ask = [self.names[i] for i in self.able if takes(self.members[i].step, Trust)]
        return ask if self.oracle.kind == "omega" else [self.names[i] for i in self.able]

    def gone_off(self, now: Any) -> Any:
        """What a timeout makes of the world; None if it comes too early, before the world is stable."""
        if self.oracle.kind != "timers" or now.reliable or not self.counts:
            return now
        return now._replace(mistakes=now.mistakes + 1) if now.mistakes < self.oracle.mistakes else None

    @property
    def counts(self) -> bool:
        """Whether early answers are counted."""
        return bool(self.oracle.mistakes != UNLIMITED)

    def stabilisations(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        """Timers are all reliable at once; a detector relies on one that is alive."""
        if self.oracle.kind and self.oracle.stabilises and not now.reliable:
            for name in ["every timer"] if self.oracle.kind == "timers" else self.candidates():
                if name not in self.crashed(now):
                    yield ("stabilise", name), now._replace(mistakes=0, reliable=name), None

    def somebody_left(self, now: Any, i: int) -> bool:
        """Whether a detector that will rely on some process still can after this crash."""
        left = set(self.candidates()) - self.crashed(now) - {self.names[i]}
        return self.oracle.kind in {"", "timers"} or not self.oracle.stabilises or bool(left)
