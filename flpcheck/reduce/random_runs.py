"""Random runs of a protocol, by which it is guessed which local states are equal: they put the questions that occur.

They are cheap, for a run goes on in one configuration, and deep, where a breadth-first search comes last.  Nothing is
concluded from them, so the world is left out: no process crashes, nothing is lost, and detectors may say anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeAlias

from flpcheck.reduce.local_rows import FAILED, SILENT, LocalEffect, LocalQuestion, LocalRows
from flpcheck.system.components import Byzantine, Component, Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope, Mailbox

LONGEST = 400
"""Maximum number of steps of a run."""
QUIET = 40
"""Number of runs in a row that put no new question after which there are no more."""
STEPS = 12_000
"""Maximum number of steps of all runs."""
LocalMove: TypeAlias = tuple[LocalQuestion, LocalEffect]


class RandomRuns:
    """Runs from initial configurations, the same ones every time.

    Parameters
    ----------
    plain
        The plain system.
    rows
        Where the questions are put.
    """

    def __init__(self, plain: MessagePassing, rows: LocalRows) -> None:
        self.plain, self.parts, self.rows = plain, plain.parts, rows
        self.asked = 0
        """Number of different questions that were put."""
        self.visited: dict[int, None] = {}
        """The places in which processes were, in order."""
        self._possible: dict[tuple[int, Mailbox], list[LocalMove]] = {}
        self._chance = Random(0)

    def make(self) -> None:
        """Make runs until they put no more new questions."""
        starts = [item.configuration.components for item in self.plain.initial()]
        steps = quiet = 0
        while quiet < QUIET and steps < STEPS:
            before = self.asked
            steps += 1 + self._run(self._chance.choice(starts))
            quiet = quiet + 1 if self.asked == before else 0

    def _run(self, start: Sequence[Component]) -> int:
        """Make one run, and return how many steps it has."""
        places = [self.rows.places.number(one.owner, one.local) for one in start]
        boxes = [one.mailbox for one in start]
        for step in range(LONGEST):
            possible = [self._moves(*one) for one in zip(places, boxes, strict=True)]
            number = int(self._chance.random() * sum(map(len, possible)))
            owner = 0
            while owner < len(possible) and number >= len(possible[owner]):
                number -= len(possible[owner])
                owner += 1
            if owner == len(possible):
                return step
            self._happens(owner, possible[owner][number], places, boxes)
        return LONGEST

    def _happens(self, owner: int, move: LocalMove, places: list[int], boxes: list[Mailbox]) -> None:
        question, effect = move
        places[owner], boxes[owner] = effect.after, self._left(boxes[owner], question)
        for to, envelope in effect.label[0]:
            if self._steps(places[to]):
                boxes[to] = self.parts.mailing.put(boxes[to], envelope)

    def _left(self, box: Mailbox, question: LocalQuestion) -> Mailbox:
        """Return what is left in a mailbox."""
        if isinstance(question, Envelope):
            return self.parts.mailing.taken(box, question)
        if isinstance(question, tuple):
            return self.parts.without(box, tuple(envelope.letter for envelope in question)) or ()
        return box

    def _steps(self, place: int) -> bool:
        """Return whether a process takes steps: one that has not crashed, and is no passive learner."""
        owner, local = self.rows.places.states[place]
        return self.parts.seats[owner].asker is not None and not isinstance(local, Crashed | Byzantine)

    def _moves(self, place: int, box: Mailbox) -> list[LocalMove]:
        """Return what can happen to a process, but for what changes nothing."""
        found = self._possible.get((place, box))
        if found is None:
            found, idle = [], LocalEffect(SILENT, place)
            self._possible[place, box] = found
            for question in self._questions(place, box) if self._steps(place) else ():
                found += [(question, effect) for effect in self._ask(place, question) if effect != idle]
        return found

    def _questions(self, place: int, box: Mailbox) -> list[LocalQuestion]:
        self.visited[place] = None
        found: list[LocalQuestion] = [one for one in self.rows.always(place) if isinstance(one, int)]
        return [*found, *self.parts.mailing.receivable(box), *(self.rows.groups(place, box) or ())]

    def _ask(self, place: int, question: LocalQuestion) -> list[LocalEffect]:
        rows = self.rows.known.setdefault(place, {})
        self.asked += question not in rows
        return [effect for effect in self.rows.row(place, question) if effect.label != (FAILED,)]
