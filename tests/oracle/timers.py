"""Timers that wait for messages, for the naive enumerator: whose may fire in which configuration.

A timer is longer than any busy period.  So what is remembered is who was armed before the present busy period.  Where
some timers are longer than others (by more than two busy periods), it is also remembered who was armed in which period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Order(NamedTuple):
    """Who was armed when."""

    groups: tuple[frozenset[str], ...] = ()  # of each busy period those still armed, the oldest first
    going_on: bool = False  # whether the last group is of the present busy period
    before: frozenset[str] = frozenset()  # armed before the world stabilised, in an order that is not known

    def with_(self, gone: frozenset[str], new: frozenset[str], *, begins: bool, ends: bool) -> Order:
        """The order after an event that disarms some and arms some, a busy period beginning or ending with it."""
        groups, going_on = list(self.groups), self.going_on and not begins
        groups = [group - gone for group in groups]
        if going_on:
            groups[-1] |= new
        elif new:
            groups.append(new)
            going_on = True
        going_on = going_on and bool(groups[-1]) and not ends
        return Order(tuple(group for group in groups if group), going_on, self.before - gone)

    def precedes(self, one: str, other: str) -> bool:
        """Whether one was armed in the same busy period as another, or earlier."""
        if other in self.before:
            return False
        place = {name: number for number, group in enumerate(self.groups) for name in group}
        return one in self.before or place[one] <= place[other]


class Timed:
    """The part of the enumerator that knows time; the rest is in `naive.Messages`."""

    timing: str
    rule: str
    oracle: Any
    names: tuple[str, ...]
    members: list[Any]
    steps: Callable[..., Any]
    after: Callable[..., Any]
    happenings: Callable[..., Any]

    def waits(self, now: Any) -> bool:
        """Whether timers wait for messages in a configuration: not before the world has stabilised."""
        rule = self.rule or ("any-time" if self.timing == "asynchronous" else "after-messages")
        return rule == "after-messages" and not (self.oracle.kind == "timers" and not now.reliable)

    def patience(self) -> dict[str, int]:
        """How patient each process is; nothing if all are alike."""
        found = {member.name: getattr(member, "patience", 0) for member in self.members}
        return found if len(set(found.values())) > 1 else {}

    def armed_first(self, now: Any) -> Any:
        """The initial configuration, in which all are armed at the same time."""
        if not self.patience() or not self.waits(now):
            return now
        new = self.armed(now)
        return now._replace(order=Order().with_(frozenset(), new, begins=True, ends=not self.busy(now)))

    def armed(self, now: Any) -> frozenset[str]:
        return frozenset(
            name for i, name in enumerate(self.names) if any(s[0][0] == "timeout" for s in self.steps(now, i))
        )

    def busy(self, now: Any) -> bool:
        """Whether any process can start or receive something, and the world is another one afterwards."""
        here = now._replace(due=frozenset(), anew=frozenset())
        for i in range(len(self.names)):
            for label, outcome, box in self.steps(here, i):
                if label[0] != "timeout" and self.after(here, i, outcome, box)._replace(anew=frozenset()) != here:
                    return True
        return False

    def may_fire(self, now: Any) -> frozenset[str]:
        """Who may time out: in silence all that are armed; else those that were armed in the silence before."""
        if self.waits(now) and self.busy(now):
            due: frozenset[str] = now.due
            return due
        armed = self.armed(now)
        if now.order is None or not self.waits(now):
            return armed
        less = [(p, q) for p in armed for q in armed if self.patience()[p] < self.patience()[q]]
        return armed - {q for p, q in less if now.order.precedes(p, q)}

    def timely(self, now: Any, i: int) -> Iterator[Any]:
        """Yield what can happen to a process; its timeout only if it may come."""
        may = not self.waits(now) or self.names[i] in self.may_fire(now)
        yield from (step for step in self.steps(now, i) if may or step[0][0] != "timeout")

    def events(self, now: Any) -> Iterator[Any]:
        """Yield everything that happens, with what is then known of the timers."""
        may = self.may_fire(now)
        for label, target, by in self.happenings(now):
            left, order = may - target.anew, None
            if not left or not self.waits(target) or not self.busy(target):
                left = frozenset()
            if self.patience() and self.waits(target):
                order = self.ordered(now, target)
            yield label, target._replace(due=left and left & self.armed(target), anew=frozenset(), order=order), by

    def ordered(self, now: Any, target: Any) -> Order:
        """Who was armed when, after an event."""
        armed = self.armed(target)
        if not self.waits(now):
            return Order((), going_on=False, before=armed)
        kept = (self.armed(now) & armed) - target.anew
        everybody = frozenset(self.names)
        quiet = not self.busy(now), not self.busy(target)
        order: Order = now.order.with_(everybody - kept, armed - kept, begins=quiet[0], ends=quiet[1])
        return order
