"""Interning: local states, messages and answers as numbers, and the questions that only Python can answer.

The kernel does everything that follows from the answers: mailboxes, components and rows are its own.  Python is asked
once per (process, local state, event), once per component for the guards of `Gather`, and once per (observer state,
note); a level's questions come together, before the level is expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event, Gather, Letter
from flpcheck.authoring.process import Mail
from flpcheck.authoring.values import key
from flpcheck.budget import looking
from flpcheck.errors import SpecError
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.components import add_observed, enter_answers, enter_mixtures, note_question
from flpcheck.explore.kernel.rows import collect_misses, fill_rows
from flpcheck.explore.kernel.timers import make_ready
from flpcheck.explore.lawbook import FREE
from flpcheck.explore.learners import Learners
from flpcheck.explore.symbol_table import SymbolTable
from flpcheck.explore.table_growth import with_doubled_rows
from flpcheck.explore.voices import Failing, crowds_with
from flpcheck.system.asker import Answer
from flpcheck.system.components import Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope

LETTER, EARLY = -1, -2
"""Stand instead of a field where a question about a letter is recorded, or the number of components asked about by
then."""
THOROUGH = 1000
SAMPLE = 16
"""The first `THOROUGH` questions to a process are all put thoroughly; of the later ones, one in `SAMPLE` is."""


class Interner(SymbolTable):
    """The numbers of one system, and the questions that only its protocol can answer.

    Parameters
    ----------
    system
        The system explored.
    """

    def __init__(self, system: MessagePassing) -> None:
        super().__init__(system)
        self._groups: dict[tuple[int, tuple[int, ...]], tuple[int, int, int, int]] = {}
        self._groups_heard: dict[tuple[int, tuple[int, ...], tuple[Envelope, ...]], tuple[int, ...]] = {}
        self.learners = Learners(self)
        self.failures: list[Failing] = []
        self._failed: list[tuple[int, int]] = []
        self._places: list[int] = []
        self.ready = 0
        self._waiting: list[tuple[int, ...]] | None = None
        """Outcomes that are entered together, once a batch of questions has been answered."""
        self._everything = np.arange(0)
        self._gathers = np.isin(np.arange(len(self.seats)), self.gatherers)
        self._questions = 0
        self.questions: list[tuple[int, int, int]] = []
        self._mixtures: list[tuple[int, int, list[tuple[int, int, int, bool, int, int]]]] = []

    def prepare(self) -> bool:
        """Ask Python everything that the components found so far need, and make their rows; return whether any is new.

        Components for which Python failed to answer are put down in `failures`.  Where the error shows depends on which
        configuration is expanded first, so the expanding code raises it.
        """
        first, wanted = self.ready, self.wanted()
        if first == len(wanted):
            return False
        self._ask_all(wanted)
        self.failures += self.learners.told(wanted[first:])
        self._gather(wanted)
        self._enter_mixtures()
        self.rank()
        while self.ready < len(wanted):
            self.grow()
            before, self.ready = self.ready, int(fill_rows(self.store, self.tables, wanted, self.ready))
            if self.store.sizes[k.Size.MISSES]:
                self.answer()
            elif self.ready == before:
                self.tables = with_doubled_rows(self.tables)
        if self.timers is not None:
            failed = [int(self.store.index[one.owner, one.number]) for one in self.failures if one.crowds is None]
            make_ready(self.store, self.tables, wanted, first, np.array(failed, np.int64))
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

    def wanted(self) -> NDArray[np.int64]:
        """Return the components that may have to be expanded, in the order in which they get rows."""
        last = int(self.store.sizes[k.Size.COMPONENTS])
        if last > len(self._everything):
            self._everything = np.arange(2 * last)
        return self._everything[:last]

    def held(self, owner: int) -> NDArray[np.bool_]:
        """bool[n]: whether some configuration may hold each component of a process."""
        return np.ones(int(self.store.counts[owner]), np.bool_)

    def _ask_all(self, wanted: NDArray[np.int64]) -> None:
        first = self.ready
        self.grow()
        while first < len(wanted):
            first = int(collect_misses(self.store, wanted, first))
            self.answer()
        for local, envelope in self._failed:
            self._fail(local, envelope, wanted)

    def asked_while_expanding(self) -> bool:
        """Have Python answer questions about letters on their way; return whether there were any.

        They are recorded: a checkpoint puts them again before it meets the components that they lead to.
        """
        misses = self.store.misses[: int(self.store.sizes[k.Size.MISSES])]
        self.questions += [(LETTER, local, envelope) for local, envelope, *_ in misses.tolist()]
        self.answer()
        return len(misses) > 0

    def ask_again(self, field: int, one: int, other: int) -> None:
        """Put a recorded question: about a letter in a local state, or about an observer's state and a note."""
        if field != LETTER:
            self.ask_observer(field, one, other)
            return
        self.grow()
        self.questions.append((field, one, other))
        note_question(self.store, one, other)
        self.answer()

    def answer(self) -> None:
        """Have Python answer the questions that were noted down, and make room for those that follow."""
        if self.store.sizes[k.Size.MISSES]:
            self._answer_misses(self._answered)
        self.grow()

    def _answer_misses(self, answered: Callable[[int, int], tuple[int, int]]) -> None:
        """Put the questions that the kernel has noted down, and enter where the outcomes stand."""
        misses = self.store.misses[: int(self.store.sizes[k.Size.MISSES])]
        self._waiting = []
        rows = [(*asked, *answered(*asked)) for asked in looking(misses[["local", "envelope"]].tolist(), every=8)]
        waiting, self._waiting = self._waiting, None
        self._append(k.Size.OUTCOMES, waiting)
        misses[:] = [(*row, self._drops(*row)) for row in rows]
        enter_answers(self.store)

    def _answered(self, local: int, envelope: int) -> tuple[int, int]:
        """Put a question, and return where the outcomes stand; none do if Python fails to answer."""
        try:
            return self._answer(local, envelope)
        except SpecError:
            self._failed.append((local, envelope))
            return 0, 0

    def _drops(self, local: int, envelope: int, first: int, last: int) -> bool:
        """Return whether a letter is dropped in a local state, given where its outcomes stand."""
        if self.letters is None or envelope == k.OWN:
            return False
        idle = first < last and all(mark in self.quiet for mark in self.store.outcomes["mark"][first:last].tolist())
        return self.letters.drops(self.places()[local], self.envelopes[envelope], lambda *_: idle)

    def places(self) -> list[int]:
        """Return the numbers that local states have where it is judged which letters are dead."""
        assert self.letters is not None
        for number in range(len(self._places), len(self.locals)):
            owner = int(self.store.locals_["owner"][number])
            self._places.append(self.letters.places.number(owner, self.locals[number], self._local_keys[number]))
        return self._places

    def begin_again(self) -> None:
        """Forget all components, but no answer; which letters are dead is judged again."""
        sizes = self.store.sizes
        sizes[[k.Size.COMPONENTS, k.Size.ADDS, k.Size.MOVES, k.Size.MISSES]] = 0
        for array in (self.store.component_slots, self.store.counts, self.store.degrees, self.tables.adds):
            array[:] = 0
        self.store = self.store._replace(components=np.zeros(len(self.store.components), k.COMPONENTS))
        self.ready, self.learners = 0, Learners(self)
        for known in (self.failures, self._components, self.questions):
            known.clear()
        answers = self.store.answers
        for slot in np.flatnonzero(answers["question"]).tolist():
            question, first, last, _ = answers[slot].tolist()
            local, envelope = (question - 1) >> 32, ((question - 1) & 0xFFFFFFFF) - 1
            if envelope < k.MIXTURES:
                answers["dead"][slot] = self._drops(local, envelope, first, last)

    def _fail(self, local: int, envelope: int, wanted: NDArray[np.int64]) -> None:
        """Put down the components that need an answer which Python failed to give."""
        owner = int(self.store.locals_["owner"][local])
        crowds = frozenset(crowds_with(self.store, self.voices, owner, envelope))
        for component in wanted[self.ready :]:
            its_local, box, number, *_ = self.store.components[component].tolist()
            if its_local != local:
                continue
            if envelope == k.OWN or self.envelopes[envelope] in self.mailbox(box):
                self.failures.append(Failing(owner, number))
            elif crowds:
                self.failures.append(Failing(owner, number, crowds))

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

    def _asked(self, owner: int, local: int, event: Any) -> Answer:
        """Put a question about an event that no letter stands for."""
        name = (owner, self._local_keys[local], (None, key(event)))
        return self.parts.answered(name, self.locals[local], event, None, thorough=self._is_thorough(owner))

    def _is_thorough(self, owner: int) -> bool:
        """Whether to ask twice; a step that is no function of its arguments shows among the first questions already."""
        asker = self.seats[owner].asker
        assert asker is not None
        self._questions += 1
        return asker.calls < THOROUGH or self._questions % SAMPLE == 0

    def _own(self, owner: int, state: Any) -> tuple[int, int]:
        if isinstance(state, Crashed):
            return self._restart(owner, state)
        local, ranges = self.local(owner, state), []
        for happening, event in self.parts.own_events(self.seats[owner]):
            answer = self._asked(owner, local, event)
            terms = self.laws.terms(happening)
            ranges.append(self._outcomes(owner, local, partial(replace, happening), answer, terms, happening.kind))
        return (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)

    def _restart(self, owner: int, down: Crashed) -> tuple[int, int]:
        event, local = partial(Event, "recover", self.seats[owner].name, world=True), self.local(owner, down.stable)
        answer = self.system.crashes.restart(owner, down.stable)
        for outcome, name in zip(answer.outcomes, answer.names, strict=True):
            self._tear(owner, self.local(owner, down), local, self.local(owner, outcome.state, name))
        return self._outcomes(owner, local, event, answer)

    def _outcomes(
        self, owner: int, local: int, event: Callable[[], Event], answer: Answer, terms: int = FREE, kind: str = ""
    ) -> tuple[int, int]:
        """Enter the outcomes of an answer on some terms, and return where they stand.

        A process's own events stand together, so their outcomes are told apart by the kind of the event.
        """
        rows, timed = [], self.laws.clock.active
        for outcome, name in zip(answer.outcomes, answer.names, strict=True):
            after = self.local(owner, outcome.state, name)
            sends = self._sends_of(owner, outcome.sends, outcome.notes)
            silent, restarts = not outcome.sends and not outcome.notes, timed and outcome.restarts
            idle = silent and after == local and (not self.merged or name == self._local_keys[local])
            mark = self.mark_of(kind, outcome, quiet=silent and after == local)
            rows.append((after, *sends, idle, terms + k.RESTARTS * restarts, mark))
            self.parts.judge(owner, event, self.locals[local], outcome.state)
            self._tear(owner, local, local, after)
        if self._waiting is None:
            return self._append(k.Size.OUTCOMES, rows)
        first = int(self.store.sizes[k.Size.OUTCOMES]) + len(self._waiting)
        self._waiting += rows
        return first, first + len(rows)

    def _tear(self, owner: int, now: int, local: int, after: int) -> None:
        """Find out what torn writes leave of a step from one local state to another, by a process in state `now`."""
        if self.store.rules.interrupts == k.TORN and owner in self.system.crashable:
            torn = self.system.crashes.torn(owner, self.locals[local], self.locals[after])
            self._mixtures += [(now, after, [(self.local(owner, left), 0, 0, False, FREE, 0) for _, left in torn])]

    def _enter_mixtures(self) -> None:
        """Enter what torn writes leave, once the outcomes of a process's own events stand one after the other."""
        for local, after, rows in self._mixtures:
            self.grow()
            if rows:
                enter_mixtures(self.store, local, after, *self._append(k.Size.OUTCOMES, rows))
        self._mixtures.clear()

    def _gather(self, wanted: NDArray[np.int64]) -> None:
        """Ask the guards of `Gather` which groups the new components have."""
        for component in looking(self._gathering(wanted).tolist(), every=8):
            self._ask_guard(component)

    def _gathering(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the new components whose processes gather."""
        new = wanted[self.ready :] if self.gatherers else wanted[:0]
        locals_ = self.store.locals_[self.store.components["local"][new]]
        gathering: NDArray[np.int64] = new[self._gathers[locals_["owner"]] & (locals_["status"] & ~k.TWIN == 0)]
        return gathering

    def _ask_guard(self, component: int) -> None:
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
        self._enter_groups(component, [self._group(owner, local, group) for group in groups])

    def _enter_groups(self, component: int, rows: Sequence[tuple[int, int, int, int]]) -> None:
        found = self._append(k.Size.GROUPS, rows)
        self.store.components[["groups_first", "groups_last"]][component] = found

    def _groups_with_lies(self, component: int, owner: int, number: int) -> None:
        """Ask which groups a component may gather from its mailbox and from lies, for each choice of liars."""
        heard = list[tuple[int, ...]]()
        for crowd in self.system.speech.crowds:
            if crowd >> owner & 1:
                continue
            voices = {voice.liar: place for place, voice in enumerate(self.voices) if crowd in voice.crowds}
            try:
                found = [*self.system.faults.groups_with_lies(self.decoded(owner, number), crowd)]
                local = int(self.store.components["local"][component])
                heard += [(voices[liar], *self._heard_group(owner, local, group, crowd)) for liar, group, _ in found]
            except SpecError:
                self.failures.append(Failing(owner, number, frozenset({crowd})))
        self.store.components[["heard_first", "heard_last"]][component] = self._append(k.Size.HEARD, heard)

    def _heard_group(self, owner: int, local: int, group: Mail[Any], crowd: int) -> tuple[int, ...]:
        """Return what happens when a group is gathered: its mail is consumed, and what liars send is always there."""
        envelopes = [self.parts.envelope(self.parts.index[letter.sender], letter.message) for letter in group]
        lies = [envelope for envelope in envelopes if crowd >> envelope.sender & 1]
        takes = [self.envelope(envelope) for envelope in envelopes if not crowd >> envelope.sender & 1]
        name = (local, tuple(takes), tuple(lies))
        if name not in self._groups_heard:
            answer = self._asked(owner, local, Gather(group))
            event = partial(Event, "gather", self.seats[owner].name, message=group)
            terms = self.law_of_letters(owner, envelopes) | self.terms_of_lies(owner, lies)
            outcomes = self._outcomes(owner, local, event, answer)
            self._groups_heard[name] = (*self._append(k.Size.TAKES, takes), *outcomes, terms)
        return self._groups_heard[name]

    def _group(self, owner: int, local: int, group: tuple[Any, ...]) -> tuple[int, int, int, int]:
        takes = [self._taken(letter) for letter in group]
        name = (local, tuple(takes))
        if name not in self._groups:
            answer = self._asked(owner, local, Gather(group))
            event = partial(Event, "gather", self.seats[owner].name, message=group)
            self._groups[name] = (*self._append(k.Size.TAKES, takes), *self._outcomes(owner, local, event, answer))
        return self._groups[name]

    def _taken(self, letter: Letter[Any]) -> int:
        """Return the number of the envelope of a letter, which most often is the very one."""
        found = self._letter_ids.get(id(letter))
        if found is None:
            return self.envelope(self.parts.envelope(self.parts.index[letter.sender], letter.message))
        return found

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
