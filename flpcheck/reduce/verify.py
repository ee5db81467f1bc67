"""Verifying what a spec declares about itself, row by row on the questions that exploration puts.

A renaming that commutes with every step is a bisimulation, so properties and valence are the same in the quotient.
Steps are local, so it is enough to look at rows: (local state, event) and its answer.  Each row is asked again under
several renamings, those among them that make a ballot, or the distance of two, one of the numbers that stand in the
program.  A number that the program computes is not found that way; a reduction is a claim of the author, and this is a
test of it on everything that was seen.
"""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import PassiveLearner
from flpcheck.authoring.protocol import members
from flpcheck.authoring.reduction import BallotShift, StaleMail
from flpcheck.authoring.renaming import Renaming, words
from flpcheck.authoring.values import Key, key, place_of, shorten, show
from flpcheck.errors import FlpcheckError, ReductionRefused
from flpcheck.failure import raised
from flpcheck.reduce.images import renamed_local
from flpcheck.reduce.literals import literals_in
from flpcheck.reduce.offending import OFF, NewRows, outcomes_text, refusal
from flpcheck.reduce.rename import Map, ballots_in, gaps, renamed
from flpcheck.reduce.stale import StaleTable
from flpcheck.system.asker import Answer, Outcome
from flpcheck.system.components import AnsweredQuestion, Component, Components, Crashed
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope

SURELY, SAMPLE = 1000, 16


class Verifier:
    """Recomputes every new row of a system's table under the declared renamings.

    Parameters
    ----------
    system
        The plain system that is explored; the verifier asks a copy of its own.
    shift, mail
        The declarations.
    """

    def __init__(self, system: MessagePassing, shift: BallotShift | None, mail: StaleMail | None) -> None:
        self.parts = system.parts
        self.shift = shift
        self.copy = Components(members(system.protocol), system.world)
        self.literals = literals_in(system.protocol)
        self.table: StaleTable | None = None
        self._questions = 0
        if mail is not None:
            self.table = StaleTable(self.parts, self.copy, self._ask, mail, self.fixed_from, self._renamings)
            self.table.delays_timers = system.laws.clock.active
        self._new = NewRows(self.parts)
        self._exchanges: tuple[Renaming, ...] = ()
        self._components: set[Component] = set()
        self._currents: dict[tuple[int, Key], int | None] = {}
        if shift is not None and system.observers:
            why = "the states of observers are not renamed"
            raise ReductionRefused("a ballot shift cannot be combined with an observer", why=why, next_step=OFF)

    def exchange(self, names: tuple[Renaming, ...]) -> None:
        """Verify from now on that what is outdated does not depend on names: not under any of some renamings."""
        self._exchanges = names
        self._currents.clear()
        if self.table is not None:
            self.table.exchange(names)

    def current(self, owner: int, local: Any) -> int | None:
        """Return the current ballot that the spec declares for a local state."""
        name = (owner, key(local))
        if name not in self._currents:
            self._currents[name] = self._current(local)
            self._check_exchanged(local, self._currents[name])
        return self._currents[name]

    def _current(self, local: Any) -> int | None:
        assert self.shift is not None
        if isinstance(local, Crashed) or local is None:
            return None
        try:
            return self.shift.current(local)
        except Exception as error:
            what, place = "the current ballot of a state cannot be determined", place_of(self.shift.current)
            raise raised(ReductionRefused, what, error, f"state {show(local)}", place=place) from error

    def _check_exchanged(self, local: Any, current: int | None) -> None:
        assert self.shift is not None
        for to in self._exchanges:
            if (other := self._current(renamed_local(local, to))) != current:
                raise ReductionRefused(
                    "a declared reduction is wrong: the current ballot of a state depends on names",
                    place=place_of(self.shift.current),
                    why=f"{current} in {shorten(show(local), 300)}, but {other} {words(to)}",
                    next_step=OFF,
                )

    def stale(self, owner: int, receiver: Any, sender: Any, envelope: Envelope) -> bool:
        """Return whether a message may be dropped; what is declared stale is verified at once."""
        return self.table is not None and self.table.stale(owner, receiver, sender, envelope)

    def look(self, configuration: MessagePassingConfiguration) -> None:
        """Verify the rows that were added to the table since the last look, and what is stale here.

        Raises
        ------
        ReductionRefused
            With the row that contradicts the declaration.
        """
        rows = self.check_rows()
        for component in configuration.components if self.shift is not None else ():
            self.check_mailbox(component)
        if self.table is not None:
            self.table.look(configuration, rows)

    def check_rows(self) -> list[AnsweredQuestion]:
        """Verify the rows that were added to the table since the last call, and return them."""
        rows = self._new()
        for row in rows if self.shift is not None else ():
            self._check(row)
        return rows

    def looks(self, owner: int) -> bool:
        """Return whether a process looks at its whole mailbox."""
        member = self.copy.seats[owner].member
        return isinstance(member, PassiveLearner) or getattr(member, "gather", None) is not None

    def _check(self, row: AnsweredQuestion) -> None:
        current = self._current(row.local)
        for outcome in row.answer.outcomes:
            self._check_current(row, current, outcome)
        for what, ballots in self._renamings(ballots_in(row.local) | ballots_in(row.event), current):
            self._compare(row, what, ballots)

    def _renamings(self, ballots: frozenset[int], current: int | None) -> list[tuple[str, Map]]:
        """Return the renamings that must change nothing; none without a shift, or while a process has not started."""
        if self.shift is None or (current is not None and current < 0):
            return []
        return list(gaps(ballots, self.shift.period, current, self.literals))

    def fixed_from(self, *locals_: Any) -> int | None:
        """Return the lowest current ballot of some local states; None without one, or without a shift."""
        if self.shift is None:
            return None
        found = [self._current(local) for local in locals_]
        return min((current for current in found if current is not None), default=None)

    def _check_current(self, row: AnsweredQuestion, before: int | None, outcome: Outcome) -> None:
        after = self._current(outcome.state)
        if before is None and after is not None:
            self._refuse(row, "a process without a current ballot acquires one", f"afterwards: {show(outcome.state)}")
        if before is not None and before >= 0 and after is not None and after < before:
            self._refuse(row, f"the current ballot falls from {before} to {after}", f"to {show(outcome.state)}")

    def _compare(self, row: AnsweredQuestion, what: str, ballots: Map) -> None:
        local, event = renamed(row.local, ballots), renamed(row.event, ballots)
        expected = {_identity(_image(outcome, ballots)) for outcome in row.answer.outcomes}
        try:
            answer = self._ask(row.owner, local, event, row.sender)
        except FlpcheckError as error:
            self._refuse(row, "a step fails when ballots are renumbered", f"{what}: {error.what}")
        if {_identity(outcome) for outcome in answer.outcomes} == expected:
            return
        images = tuple(_image(outcome, ballots) for outcome in row.answer.outcomes)
        found = f"{what}: from {show(local)} and {show(event)}"
        shown = found, f"expected {outcomes_text(images)}", f"found    {outcomes_text(answer.outcomes)}"
        self._refuse(row, "a step gives a different result when ballots are renumbered", *shown)

    def _ask(self, owner: int, local: Any, event: Any, sender: Pid | None) -> Answer:
        """Return what the copy does; the first `SURELY` questions are put twice, of the later ones one in `SAMPLE`."""
        asker = self.copy.seats[owner].asker
        assert asker is not None
        self._questions += 1
        twice = self._questions <= SURELY or self._questions % SAMPLE == 0
        return asker.ask(local, event, sender, thorough=twice, traced=False)

    def check_mailbox(self, component: Component) -> None:
        """Verify that a guard or a passive learner treats a mailbox like its image."""
        seat = self.copy.seats[component.owner]
        if component in self._components or component.crashed or not self.looks(component.owner):
            return
        self._components.add(component)
        mail = tuple(envelope.letter for envelope in component.mailbox)
        current = self._current(component.local)
        seen = ballots_in(component.local).union(*map(ballots_in, mail))
        for what, ballots in self._renamings(seen, current):
            image = tuple(renamed(letter, ballots) for letter in mail)
            if isinstance(seat.member, PassiveLearner):
                same = seat.member.learn(image) == seat.member.learn(mail)
            else:
                assert seat.asker is not None
                here = {key(renamed(group, ballots)) for group in _groups(seat.asker.groups(component.local, mail))}
                there = seat.asker.groups(renamed(component.local, ballots), image)
                same = here == {key(group) for group in _groups(there)}
            if not same:
                why = f"{what}, its result differs for the mailbox {shorten(show(mail), 300)}"
                place = place_of(getattr(seat.member, "gather", None) or getattr(seat.member, "learn", None))
                raise ReductionRefused(
                    f"{seat.name} gives a different result when ballots are renumbered",
                    place=place,
                    why=why,
                    next_step=OFF,
                )

    def _refuse(self, row: AnsweredQuestion, what: str, *details: str) -> None:
        raise refusal(self.parts, row, what, *details)


def _image(outcome: Outcome, ballots: Map) -> Outcome:
    sends = tuple((to, renamed(message, ballots)) for to, message in outcome.sends)
    notes = tuple(renamed(about, ballots) for about in outcome.notes)
    return outcome._replace(state=renamed(outcome.state, ballots), sends=sends, notes=notes)


def _identity(outcome: Outcome) -> Key:
    sends = tuple((to, key(message)) for to, message in outcome.sends)
    return (key(outcome.state), sends, key(outcome.notes), outcome.chance, outcome.restarts)


def _groups(groups: Any) -> list[Any]:
    """Return groups of letters, each in canonical order."""
    return [tuple(sorted(group, key=key)) for group in groups]
