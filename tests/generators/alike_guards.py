"""Random general protocols of identical processes: places for each, sets and queues of names, values to exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeAlias

from flpcheck import Action, Event, Interchangeable, Reduction, Renaming, Symmetric, protocol, put, record, replace

NAMES, COLOURS = ("p", "q", "r"), ("red", "blue")
TOP = 2
Steps: TypeAlias = Iterator[tuple[Event, "Table"]]


@record
class Seat:
    """What one process has: a number, and perhaps a colour; and whom it has seen last."""

    turn: int = 0
    colour: str | None = None
    seen: str | None = None


@record
class Table:
    """A place for each process; a set of names and colours; a queue of names whose length varies; one name or none."""

    seats: tuple[Seat, ...]
    bag: frozenset[str] = frozenset()
    queue: tuple[str, ...] = ()
    head: str | None = None


EFFECTS: tuple[Callable[[Table, int, str, Seat, str | None], Table], ...] = (
    lambda c, _, me, __, ___: replace(c, bag=c.bag | {me}),
    lambda c, _, me, __, colour: replace(c, bag=c.bag - {me} if colour is None else c.bag | {colour}),
    lambda c, _, me, __, ___: replace(c, queue=(*c.queue, me)[-2:]),
    lambda c, _, me, __, ___: replace(c, head=me),
    lambda c, *_: replace(c, head=c.queue[0] if c.queue else None, queue=c.queue[1:]),
    lambda c, at, _, seat, __: replace(c, seats=put(c.seats, at, replace(seat, seen=c.head))),
    lambda c, _, me, __, ___: replace(c, seats=tuple(s if s.turn else replace(s, seen=me) for s in c.seats)),
    lambda c, at, _, seat, colour: replace(c, seats=put(c.seats, at, replace(seat, colour=colour))),
)
"""What a rule does: to the table, for the process at a place, with its name, its seat and a colour."""


@protocol
class AlikeGuards:
    """Rules drawn from a seed, the same for all processes; one process or one colour may be `unlike` the others."""

    seed: int = 0
    unlike: str = ""

    def names(self) -> list[str]:
        return list(NAMES)

    def initial(self) -> Iterator[Table]:
        yield Table((Seat(),) * len(NAMES))

    def actions(self) -> list[Action]:
        rules = range(Random(self.seed).randint(2, 4))
        own = [Action(self.rule, at, number) for at in range(len(NAMES)) for number in rules]
        return [*own, Action(self.shuts)]

    def pick(self, most: int, *place: Any) -> int:
        """Return an entry of the table of rules."""
        return Random(f"{self.seed} {place}").randint(0, most)

    def rule(self, c: Table, at: int, number: int) -> Steps:
        me, seat = NAMES[at], c.seats[at]
        if self.unlike == "name" and me == "q" and number == 0:
            return
        if seat.turn < TOP and self.allowed(c, at, self.pick(7, "guard", number)):
            for colour in COLOURS if self.pick(1, "colours", number) else (seat.colour or None,):
                if self.unlike == "value" and colour == "red":
                    continue
                after = replace(c, seats=put(c.seats, at, replace(seat, turn=seat.turn + 1)))
                for which in range(2):
                    after = self.done(after, at, colour, self.pick(8, "effect", number, which))
                yield Event(f"rule {number}", me, message=colour), after

    def allowed(self, c: Table, at: int, kind: int) -> bool:
        me, seat = NAMES[at], c.seats[at]
        others = [s for place, s in enumerate(c.seats) if place != at]
        return bool((
            True, me not in c.bag, seat.colour is None, len(c.queue) < 2, c.head != me,
            all(s.turn <= seat.turn for s in others), not c.queue or c.queue[0] != me,
            any(s.seen != me for s in others),
        )[kind])  # fmt: skip

    def done(self, c: Table, at: int, colour: str | None, kind: int) -> Table:
        me, seat, rest = NAMES[at], c.seats[at], len(EFFECTS) - 1
        return EFFECTS[min(kind, rest)](c, at, me, seat, colour)

    def shuts(self, c: Table) -> Steps:
        """The world empties the set once all have had a turn."""
        if c.bag and all(seat.turn for seat in c.seats):
            yield Event("shuts"), replace(c, bag=frozenset())

    def decisions(self, c: Table) -> dict[str, str | None]:
        return {name: seat.colour if seat.turn == TOP else None for name, seat in zip(NAMES, c.seats, strict=True)}

    def reductions(self) -> list[Reduction]:
        return [Symmetric(NAMES), Interchangeable(COLOURS)]

    def renamed(self, c: Table, to: Renaming) -> Table:
        return replace(
            c, seats=to.row(NAMES, to(c.seats)), bag=to(c.bag), queue=tuple(to(name) for name in c.queue),
            head=to(c.head),
        )  # fmt: skip
