"""Crashes, in the middle of a step too, and what comes back after them, for the naive enumerator.

A step writes its stable fields and then sends.  A crash in its middle leaves, by the world's crash points:

- `cut` (no process comes back) and `send-first`: what was stored before, and any messages of the step;
- `write-first`: what the step stores, its notes, and any messages; or nothing happened yet;
- `torn`: that, or not all of the fields that it changes, without notes (they go with the whole write) and messages;
  `torn:a,b` writes a before b.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, get_type_hints

from flpcheck.authoring.events import Recovered
from flpcheck.authoring.stable import Stable
from oracle.mail import freeze
from oracle.steps import corpse, names_event, put_at, subsets

UNLIMITED = -1


class Crashes:
    """The part of the enumerator that knows crashes; the rest is in `naive.Messages`."""

    members: list[Any]
    names: tuple[str, ...]
    failures: Any
    kind: str
    crashable: list[int]
    ask: Callable[..., Any]
    after: Callable[..., Any]
    possible: Callable[..., Any]
    heard_lies: Callable[..., Any]
    connected: Callable[..., bool]
    somebody_left: Callable[..., bool]

    def points(self) -> str:
        """What may be left of a step; `mid_broadcast` is an older word for it."""
        if self.failures.mid_broadcast and self.failures.crash_points == "between":
            return "write-first" if self.failures.recoveries else "cut"
        return str(self.failures.crash_points)

    def crashes(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        """At most f crashes; the dead from the start count among them, unless the world names them."""
        named = self.failures.initially_dead
        happened = len([held for held in now.locals if held[0] == "crashed"])
        happened -= len(named) if isinstance(named, tuple) else 0
        if self.failures.events == "elided" or happened >= self.failures.crashes:
            return
        for i, name in enumerate(self.names):
            if i not in self.crashable or now.locals[i][0] != "live":
                continue
            if name == now.reliable or not self.somebody_left(now, i):
                continue
            state = now.locals[i][1]
            yield ("crash", name), self.dead(now, i, state), None
            steps = [(outcome, box, told) for _, outcome, box, told in self.possible(now, i)]
            for outcome, box, told in [*steps, *self.heard_lies(now, i)]:
                for left in self.interrupted(told, i, state, outcome, box):
                    yield ("crash", name), left, None

    def dead(self, now: Any, i: int, state: Any, stored: Any = None) -> Any:
        """The configuration in which a process has crashed with this state, or with these stored fields."""
        kept = self.stable(i, state) if stored is None else stored
        shown = corpse(("live", state if stored is None else stored))
        gone = put_at(now.locals, i, (*shown[:3], kept))
        return now._replace(locals=gone, mail=put_at(now.mail, i, freeze(self.kind, [])))

    def interrupted(self, now: Any, i: int, state: Any, outcome: Any, box: Any) -> Iterator[Any]:
        """What a crash in the middle of one step may leave, apart from nothing at all."""
        points, what = self.points(), self.points().partition(":")[0]
        if points == "between":
            return
        through = [(to, message) for to, message in outcome.sends if self.connected(self.names[i], to)]
        first = outcome if what in {"write-first", "torn"} else outcome._replace(state=state, notes=())
        for chosen in subsets(through):
            if not chosen and what not in {"write-first", "torn"}:
                continue  # then it is a crash before the step, which spends nothing
            yield self.dead(self.after(now, i, first._replace(sends=chosen), box), i, first.state)
        for mixed in self.torn(i, state, outcome.state):
            yield self.dead(now, i, state, mixed)

    def torn(self, i: int, state: Any, later: Any) -> Iterator[Any]:
        """What torn writes leave in stable storage of a step from one state to another, apart from all of it."""
        what, _, order = self.points().partition(":")
        if what != "torn":
            return
        old, new = vars(self.stable(i, state)), vars(self.stable(i, later))
        changed = [name for name in old if old[name] != new[name]]
        before = [name for name in order.split(",") if name in changed]
        for written in list(subsets(changed))[:-1]:
            if [name for name in before if name in written] == before[: len(set(before) & set(written))]:
                mixed = {name: new[name] if name in written else old[name] for name in old}
                yield type(state)(**mixed)

    def stable(self, i: int, state: Any) -> Any:
        """Return what a process would come back with: new, but for the stable fields and the registers."""
        if not self.failures.recoveries:
            return None
        fields = set(vars(state)) & {"input", "decision"}
        if self.members[i].stable is not None:
            fields |= set(self.members[i].stable)
        else:
            hints = get_type_hints(type(state), include_extras=True)
            mark = Stable[int].__metadata__  # type: ignore[attr-defined]
            fields |= {name for name, hint in hints.items() if getattr(hint, "__metadata__", None) == mark}
        return type(state)(**{name: value for name, value in vars(state).items() if name in fields})

    def recoveries(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        """The crashed come back, those that were dead from the start excepted; the mailbox is empty.

        Who asks for `Recovered` takes a step with it, and may crash again in its middle.
        """
        limit = self.failures.recoveries
        if limit != UNLIMITED and now.recovered >= limit:
            return
        spent = now._replace(recovered=now.recovered + (limit != UNLIMITED))
        for i, name in enumerate(self.names):
            if now.locals[i][0] != "crashed" or now.locals[i][3] is None:
                continue
            back, empty = now.locals[i][3], freeze(self.kind, [])
            if not names_event(self.members[i].step, Recovered):
                yield ("recover", name, 0), spent._replace(locals=put_at(now.locals, i, ("live", back))), None
                continue
            for number, outcome in self.ask(i, back, Recovered(), None):
                yield ("recover", name, number), self.after(spent, i, outcome, empty), None
                for left in self.interrupted(spent, i, back, outcome, empty):
                    if left._replace(anew=spent.anew) != spent:  # spending the recovery alone is no transition
                        yield ("crash", name), left, None
