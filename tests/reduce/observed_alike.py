"""Random protocols of identical processes whose steps are noted, or whose decisions are names of processes."""

from __future__ import annotations

from typing import Any

from reduce.test_alike import Alike, Local

from flpcheck import At, Observer, Pid, note, protocol, record, replace
from flpcheck.authoring.values import key
from flpcheck.properties.memory import everything_noted


@record
class Said:
    """A note: this process has taken this value."""

    who: Pid
    value: str


def last_two(known: tuple[Pid, ...], about: Said) -> tuple[Pid, ...]:
    return (*known, about.who)[-2:]


def first_of_all(known: Pid | None, about: Said) -> Pid | None:
    return min(known or about.who, about.who)


@protocol
class Observed(Alike):
    """Some steps are noted: who came last, what was said, all notes in order; or what a `crooked` observer keeps."""

    crooked: str = ""

    def way(self, at: At, s: Local, value: str, kind: int) -> tuple[Local, Any]:
        after, sends = super().way(at, s, value, kind)
        if self.pick(0, 1, "note", kind) or after.place != s.place:
            return after, (*((sends,) if sends else ()), note(Said(at.me, after.decision or value)))
        return after, sends

    def observers(self) -> list[Observer[Any, Any]]:
        if self.crooked == "least":
            return [Observer("least", None, first_of_all)]
        if self.crooked == "unsorted":
            return [Observer("all", (), lambda known, about: tuple(sorted({*known, about}, key=key)))]
        kinds: list[Observer[Any, Any]] = [
            Observer("last", (), last_two), Observer("values", frozenset(), lambda known, about: known | {about.value}),
            everything_noted(Said, "all"),
        ]  # fmt: skip
        return kinds[: 1 + self.seed % 3]


@protocol
class Electing(Alike):
    """What is decided is who has spoken."""

    def way(self, at: At, s: Local, value: str, kind: int) -> tuple[Local, Any]:
        after, sends = super().way(at, s, value, kind)
        if after.decision != s.decision:
            chosen = (at.me, at.sender_or_none or at.me, s.last or at.me)[self.pick(0, 2, "elect", kind)]
            after = replace(after, decision=chosen)
        return after, sends
