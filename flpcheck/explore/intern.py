"""Interning: local states, messages and answers as numbers, and the questions that only Python can answer.

The kernel does everything that follows from the answers: mailboxes, components and rows are its own.  Python is asked
once per (process, local state, event), once per component for the guards of `Gather`, and once per (observer state,
note); a level's questions come together, before the level is expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from flpcheck.authoring.events import Event, Gather
from flpcheck.authoring.process import Mail
from flpcheck.budget import looking
from flpcheck.errors import SpecError
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.components import add_observed, enter_answers, enter_mixtures
from flpcheck.explore.kernel.rows import collect_misses, fill_rows
from flpcheck.explore.kernel.timers import make_ready
from flpcheck.explore.lawbook import FREE
from flpcheck.explore.symbol_table import SymbolTable
from flpcheck.explore.table_growth import with_doubled_rows
from flpcheck.system.asker import Answer
from flpcheck.system.components import Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope

EARLY = -1
"""The field of a question that is none to an observer: what components do was asked when there were so many."""
THOROUGH = 1000
SAMPLE = 16
"""Number of first questions to a process that are all put thoroughly (`THOROUGH`); of the later ones, one in `SAMPLE`
is."""


class Failing(NamedTuple):
    """A component about which Python failed to answer.

    Parameters
    ----------
    owner, number
        The component.
    crowds
        The choices of liars in which that was to be asked, as masks; None if it is to be asked in any world.
    """

    owner: int
    number: int
    crowds: frozenset[int] | None = None


class Interner(SymbolTable):
    """The numbers of one system, and the questions that only its protocol can answer.

    Parameters
    ----------
    system
        The system explored.
    """

    def __init__(self, system: MessagePassing) -> None:
        super().__init__(system)
        self._groups: dict[tuple[int, tuple[int, ...], tuple[Envelope, ...]], tuple[int, ...]] = {}
        self.failures: list[Failing] = []
        self.ready = 0
        self._learnt = 0
        self._questions = 0
        self.questions: list[tuple[int, int, int]] = []
        self._mixtures: list[tuple[int, int, list[tuple[int, int, int, bool, int]]]] = []
        self.wrong: set[tuple[int, int]] = set()

    def prepare(self) -> bool:
        """Ask Python everything that the components found so far need, and make their rows; return whether any is new.

        Components for which Python failed to answer are put down in `failures`.  Where the error shows depends on which
        configuration is expanded first, so the expanding code raises it.
        """
        first, last = self.ready, int(self.store.sizes[k.Size.COMPONENTS])
        if first == last:
            return False
        self._ask_all(last)
        self._gather(last)
        self._enter_mixtures()
        self._rank()
        while self.ready < last:
            self.grow()
            before, self.ready = self.ready, int(fill_rows(self.store, self.tables, self.ready, last))
            if self.ready == before:
                self.tables = with_doubled_rows(self.tables)
        failed = [int(self.store.index[one.owner, one.number]) for one in self.failures if one.crowds is None]
        make_ready(self.store, self.tables, first, last, np.array(failed, np.int64))
        self.enter_sayable()
        return True

    def enter_sayable(self) -> None:
        """Enter what liars can say in what they have come to know, and of what has come up."""
        if self.knowledge is not None:
            self.tables = self.tables._replace(sayable=self.knowledge.entered(self.tables.sayable))

    def prepare_early(self) -> bool:
        """Do the same in the middle of a level, where that is noted down: numbers depend on it."""
        self.questions.append((EARLY, int(self.store.sizes[k.Size.COMPONENTS]), 0))
        return self.prepare()

    def _ask_all(self, last: int) -> None:
        first = self.ready
        while first < last:
            self.grow()
            first = int(collect_misses(self.store, first))
            misses = self.store.misses[: int(self.store.sizes[k.Size.MISSES])]
            for place, (local, envelope, *_) in enumerate(looking(misses.tolist(), every=8)):
                misses[place] = local, envelope, *self._answered(local, envelope, last)
            enter_answers(self.store)

    def _answered(self, local: int, envelope: int, last: int) -> tuple[int, int]:
        """Put a question, and return where the outcomes stand; none do if Python fails to answer."""
        try:
            return self._answer(local, envelope)
        except SpecError:
            self._fail(local, envelope, last)
            return 0, 0

    def _fail(self, local: int, envelope: int, last: int) -> None:
        """Put down the components that need an answer which Python failed to give."""
        owner = int(self.store.locals_["owner"][local])
        crowds = frozenset(self._crowds_with(owner, envelope))
        for component in range(self.ready, last):
            its_local, box, number, *_ = self.store.components[component].tolist()
            if its_local != local:
                continue
            if envelope == k.OWN or self.envelopes[envelope] in self.mailbox(box):
                self.failures.append(Failing(owner, number))
            elif crowds:
                self.failures.append(Failing(owner, number, crowds))

    def _crowds_with(self, owner: int, envelope: int) -> Iterator[int]:
        """Yield the choices of liars who can say something to a process."""
        first, lies = self.store.lies_first, self.store.lies
        for place, voice in enumerate(self.voices):
            told = lies[first[place] : first[place + 1]]
            if ((told["receiver"] == owner) & (told["envelope"] == envelope)).any():
                yield from voice.crowds

    def mislearnt(self) -> list[Failing]:
        """Return the components, new since the last call, on which a passive learner fails."""
        found = []
        last = int(self.store.sizes[k.Size.COMPONENTS])
        passive = [seat.index for seat in self.seats if seat.asker is None]
        for component in range(self._learnt, last) if passive else ():
            local, _, number, *_ = self.store.components[component].tolist()
            owner = int(self.store.locals_["owner"][local])
            if owner in passive:
                try:
                    self.decoded(owner, number)
                except SpecError:
                    found.append(Failing(owner, number))
        self.wrong.update((one.owner, one.number) for one in found)
        self._learnt = last
        return found

    def _answer(self, local: int, envelope: int) -> tuple[int, int]:
        owner, state = int(self.store.locals_["owner"][local]), self.locals[local]
        if envelope == k.OWN:
            return self._own(owner, state)
        letter = self.envelopes[envelope].letter
        name = (owner, self._local_keys[local], (letter.sender, self.envelopes[envelope].key[1]))
        thorough = self._is_thorough(owner)
        answer = self.parts.answered(name, state, letter.message, letter.sender, thorough=thorough)
        event = partial(Event, "deliver", self.seats[owner].name, letter.sender, letter.message)
        return self._outcomes(owner, local, event, answer)

    def _is_thorough(self, owner: int) -> bool:
        """Whether to ask twice: at first, and then now and then.

        A step that is not a function of its arguments shows among the first questions already.
        """
        asker = self.seats[owner].asker
        assert asker is not None
        self._questions += 1
        return asker.calls < THOROUGH or self._questions % SAMPLE == 0

    def _own(self, owner: int, state: Any) -> tuple[int, int]:
        asker = self.seats[owner].asker
        assert asker is not None
        if isinstance(state, Crashed):
            return self._restart(owner, state)
        local, ranges = self.local(owner, state), []
        for happening, event in self.parts.own_events(self.seats[owner]):
            answer = self.parts.answer(owner, state, event)
            terms = self.laws.terms(happening)
            ranges.append(self._outcomes(owner, local, partial(replace, happening), answer, terms))
        return (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)

    def _restart(self, owner: int, down: Crashed) -> tuple[int, int]:
        event, local = partial(Event, "recover", self.seats[owner].name, world=True), self.local(owner, down.stable)
        answer = self.system.crashes.restart(owner, down.stable)
        for outcome, name in zip(answer.outcomes, answer.names, strict=True):
            self._tear(owner, self.local(owner, down), local, self.local(owner, outcome.state, name))
        return self._outcomes(owner, local, event, answer)

    def _outcomes(
        self, owner: int, local: int, event: Callable[[], Event], answer: Answer, terms: int = FREE
    ) -> tuple[int, int]:
        """Enter the outcomes of an answer on some terms, and return where they stand."""
        rows, timed = [], self.laws.clock.active
        for outcome, name in zip(answer.outcomes, answer.names, strict=True):
            after = self.local(owner, outcome.state, name)
            sends = self._sends_of(owner, outcome.sends, outcome.notes)
            idle, restarts = not outcome.sends and not outcome.notes and after == local, timed and outcome.restarts
            rows.append((after, *sends, idle, terms + k.RESTARTS * restarts))
            self.parts.judge(owner, event, self.locals[local], outcome.state)
            self._tear(owner, local, local, after)
        return self._append(k.Size.OUTCOMES, rows)

    def _tear(self, owner: int, now: int, local: int, after: int) -> None:
        """Find out what torn writes leave of a step from one local state to another, by a process in state `now`."""
        if self.store.rules.interrupts == k.TORN and owner in self.system.crashable:
            torn = self.system.crashes.torn(owner, self.locals[local], self.locals[after])
            self._mixtures += [(now, after, [(self.local(owner, left), 0, 0, False, FREE) for _, left in torn])]

    def _enter_mixtures(self) -> None:
        """Enter what torn writes leave, once the outcomes of a process's own events stand one after the other."""
        for local, after, rows in self._mixtures:
            self.grow()
            if rows:
                enter_mixtures(self.store, local, after, *self._append(k.Size.OUTCOMES, rows))
        self._mixtures.clear()

    def _gather(self, last: int) -> None:
        """Ask the guards of `Gather` which groups the new components have."""
        if not self.gatherers:
            return
        locals_ = self.store.locals_[self.store.components["local"][self.ready : last]]
        gathers = np.zeros(len(self.seats), np.bool_)
        gathers[self.gatherers] = True
        wanted = gathers[locals_["owner"]] & (locals_["status"] == 0)
        for component in looking((np.flatnonzero(wanted) + self.ready).tolist(), every=8):
            local, _, number, *_ = self.store.components[component].tolist()
            owner = int(self.store.locals_["owner"][local])
            try:
                self._groups_of(component)
            except SpecError:
                self.failures.append(Failing(owner, number))
            else:
                self._groups_with_lies(component, owner, number)

    def _groups_of(self, component: int) -> None:
        local, box, *_ = self.store.components[component].tolist()
        owner = int(self.store.locals_["owner"][local])
        groups = self.parts.groups(owner, self.locals[local], self.mailbox(box))
        found = self._append(k.Size.GROUPS, [self._group(owner, local, group) for group in groups])
        self.store.components[["groups_first", "groups_last"]][component] = found

    def _groups_with_lies(self, component: int, owner: int, number: int) -> None:
        """Ask which groups a component may gather from its mailbox and from lies, for each choice of liars."""
        whole, local = self.decoded(owner, number), int(self.store.components["local"][component])
        heard = list[tuple[int, int]]()
        for crowd in self.system.speech.crowds:
            if crowd >> owner & 1:
                continue
            voices = {voice.liar: place for place, voice in enumerate(self.voices) if crowd in voice.crowds}
            try:
                found = [*self.system.faults.groups_with_lies(whole, crowd)]
                groups = [self._group(owner, local, group, crowd) for _, group, _ in found]
            except SpecError:
                self.failures.append(Failing(owner, number, frozenset({crowd})))
                continue
            first, _ = self._append(k.Size.GROUPS, groups)
            heard += [(voices[liar], first + place) for place, (liar, *_) in enumerate(found)]
        self.store.components[["heard_first", "heard_last"]][component] = self._append(k.Size.HEARD, heard)

    def _group(self, owner: int, local: int, group: Mail[Any], crowd: int = 0) -> tuple[int, ...]:
        """Return what happens when a group is gathered: its mail is consumed, and what liars send is always there."""
        envelopes = [self.parts.envelope(self.parts.index[letter.sender], letter.message) for letter in group]
        lies = [envelope for envelope in envelopes if crowd >> envelope.sender & 1]
        takes = [self.envelope(envelope) for envelope in envelopes if not crowd >> envelope.sender & 1]
        name = (local, tuple(takes), tuple(lies))
        if name not in self._groups:
            answer = self.parts.answer(owner, self.locals[local], Gather(group))
            event = partial(Event, "gather", self.seats[owner].name, message=group)
            terms = self._law_of(owner, [one.sender for one in envelopes]) | self._terms_of_lies(owner, lies)
            outcomes = self._outcomes(owner, local, event, answer)
            self._groups[name] = (*self._append(k.Size.TAKES, takes), *outcomes, terms)
        return self._groups[name]

    def ask_observer(self, field: int, state: int, note: int) -> None:
        """Ask what an observer does with a note."""
        self.questions.append((field, state, note))
        if self.knowledge is not None and field == self.knowledge_field:
            number = self.knowledge.after(state, self.tellings[note])
            self.enter_sayable()
        else:
            index = field - len(self.seats) - 1
            after = self.watch.after(self.watched[index][state], self.notes[note])
            number = self.state_of_observer(index, after)
        self.grow()
        add_observed(self.store, self.tables.adds, state, self._channels[field, note], number)
