"""A process that runs twice, by plain enumeration: two copies of its code, each with any start, under one name.

What is sent to it goes to both, each copy in its own time; what a twin sends to itself goes to itself alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from flpcheck.authoring.step import At
from oracle.enumeration import Messages, TooLarge
from oracle.mail import freeze, receivable, thaw, without
from oracle.steps import put_at


class Twinned(NamedTuple):
    """A configuration: local states and mailboxes of all, twins one after the other."""

    locals: tuple[Any, ...]
    mail: tuple[Any, ...]
    lost: int = 0


class Twins:
    """An event-driven protocol in a world without crashes, in which some processes run twice.

    Parameters
    ----------
    protocol, world
        The protocol and its world, whose Byzantine processes do not matter.
    twins
        Names of the processes that run twice.
    """

    def __init__(self, protocol: Any, world: Any, twins: tuple[str, ...]) -> None:
        self.plain = Messages(protocol, world)
        names = self.plain.names
        self.rows = [i for i, name in enumerate(names) for _ in range(1 + (name in twins))]
        self.twins = {row for row, i in enumerate(self.rows) if names[i] in twins}

    def initial(self) -> list[Twinned]:
        empty = freeze(self.plain.kind, [])
        found = []
        for states in product(*(self.plain.starts(self.plain.members[i]) for i in self.rows)):
            now = Twinned(states, (empty,) * len(states))
            for row, i in enumerate(self.rows):
                member = self.plain.members[i]
                now = self.posted(now, row, self.plain.effects(member.sent, At(member.name, None, self.plain.names))[0])
            found.append(now)
        return list(dict.fromkeys(found))

    def posted(self, now: Twinned, row: int, sends: Any) -> Twinned:
        names, sender = self.plain.names, self.plain.names[self.rows[row]]
        for to, message in sends:
            if self.plain.apart(sender, to):
                continue
            heard = [other for other, i in enumerate(self.rows) if names[i] == to]
            for other in [row] if row in heard else heard:
                box = freeze(self.plain.kind, [*thaw(self.plain.kind, now.mail[other]), (sender, message)])
                now = now._replace(mail=put_at(now.mail, other, box))
        return now

    def events(self, now: Twinned) -> Iterator[Twinned]:
        for row, i in enumerate(self.rows):
            state, box = now.locals[row], now.mail[row]
            steps = [*self.plain.own_steps(i, state, box), *self.plain.deliveries(i, state, box)]
            for _, outcome, rest in [*steps, *self.plain.gatherings(i, state, box)]:
                after = now._replace(locals=put_at(now.locals, row, outcome.state), mail=put_at(now.mail, row, rest))
                yield self.posted(after, row, outcome.sends)
            if self.plain.network.loss < 0 or now.lost < self.plain.network.loss:
                for letter in receivable(self.plain.kind, box):
                    fewer = put_at(now.mail, row, without(self.plain.kind, box, letter))
                    yield now._replace(mail=fewer, lost=now.lost + (self.plain.network.loss > 0))

    def reach(self, limit: int) -> tuple[set[Twinned], int]:
        """Return the configurations, and the number of transitions between different ones that are different."""
        found, waiting, edges = set(self.initial()), self.initial(), 0
        while waiting:
            now = waiting.pop()
            for after in self.events(now):
                edges += after != now
                if after not in found:
                    found.add(after)
                    waiting.append(after)
                    if len(found) > limit:
                        raise TooLarge
        return found, edges

    def correct(self, now: Twinned) -> tuple[Any, ...]:
        """What the correct processes make of it: their local states."""
        return tuple(state for row, state in enumerate(now.locals) if row not in self.twins)
