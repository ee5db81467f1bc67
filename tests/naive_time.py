"""Timers that wait for messages, for the naive enumerator: whose may fire in which configuration.

A timer is longer than any busy period.  So what is remembered is who was armed before the present busy period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Timed:
    """The part of the enumerator that knows time; the rest is in `naive.Messages`."""

    timing: str
    rule: str
    oracle: Any
    names: tuple[str, ...]
    steps: Callable[..., Any]
    after: Callable[..., Any]
    happenings: Callable[..., Any]

    def waits(self, now: Any) -> bool:
        """Whether timers wait for messages in a configuration: not before the world has stabilised."""
        rule = self.rule or ("any-time" if self.timing == "asynchronous" else "after-messages")
        return rule == "after-messages" and not (self.oracle.kind == "timers" and not now.reliable)

    def armed(self, now: Any) -> frozenset[str]:
        return frozenset(
            name for i, name in enumerate(self.names) if any(s[0][0] == "timeout" for s in self.steps(now, i))
        )

    def busy(self, now: Any) -> bool:
        """Whether anybody can start or receive something, and the world is another one afterwards."""
        here = now._replace(due=frozenset(), anew=frozenset())
        for i in range(len(self.names)):
            for label, outcome, box in self.steps(here, i):
                if label[0] != "timeout" and self.after(here, i, outcome, box)._replace(anew=frozenset()) != here:
                    return True
        return False

    def may_fire(self, now: Any) -> frozenset[str]:
        """Who may time out: in silence whoever is armed; else whoever was armed in the silence before."""
        if not self.waits(now):
            return self.armed(now)
        return now.due if self.busy(now) else self.armed(now)

    def timely(self, now: Any, i: int) -> Iterator[Any]:
        """Yield what can happen to a process; its timeout only if it may come."""
        may = not self.waits(now) or self.names[i] in self.may_fire(now)
        yield from (step for step in self.steps(now, i) if may or step[0][0] != "timeout")

    def events(self, now: Any) -> Iterator[Any]:
        """Yield everything that happens, with what is then known of the timers."""
        may = self.may_fire(now)
        for label, target, by in self.happenings(now):
            left = may - target.anew
            if not left or not self.waits(target) or not self.busy(target):
                left = frozenset()
            yield label, target._replace(due=left and left & self.armed(target), anew=frozenset()), by
