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

from flpcheck.authoring.events import Event, Gather
from flpcheck.authoring.values import Key, key
from flpcheck.errors import SpecError
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.components import add_observed, enter_answers, intern_component
from flpcheck.explore.kernel.mailbox import intern_box
from flpcheck.explore.kernel.rows import collect_misses, fill_rows
from flpcheck.explore.memory import grown
from flpcheck.explore.room import new_store, new_tables, relieved, resplit, roomier
from flpcheck.explore.spending import budgets, phases, rules_of, spending, waking
from flpcheck.system.asker import Answer
from flpcheck.system.components import Byzantine, Component, Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.observers import Watched
from flpcheck.world.network import Envelope, Mailbox

CHANNELS = 8
"""So many channels of one field have numbers in a row."""
THOROUGH = 1000
SAMPLE = 16
"""So many questions to a process are put thoroughly; of the later ones, one in so many."""


class Interner:
    """The numbers of one system, and the tables that the kernel reads.

    Parameters
    ----------
    system
        What is explored.
    """

    def __init__(self, system: MessagePassing) -> None:
        self.system = system
        self.parts = system.parts
        self.seats = self.parts.seats
        self.watch = system.watch
        self.locals: list[Any] = []
        self.envelopes: list[Envelope] = []
        self.notes: list[Any] = []
        self.watched: list[list[Watched]] = [[] for _ in self.watch.observers]
        self._local_keys: list[Key] = []
        self._local_ids: dict[tuple[int, Key], int] = {}
        self._envelope_ids: dict[Envelope, int] = {}
        self._note_ids: dict[Key, int] = {}
        self._watched_ids: dict[Watched, int] = {}
        self._sends: dict[tuple[int, ...], tuple[int, int]] = {}
        self._components: dict[tuple[int, int], Component] = {}
        self._channels: dict[tuple[int, int], int] = {}
        self._free_channels: dict[int, int] = {}
        self._last_channel = 0
        self._groups: dict[tuple[int, tuple[int, ...]], tuple[int, int, int, int]] = {}
        self.failures: list[tuple[int, int]] = []
        self.ready = 0
        self._learnt = 0
        self._questions = 0
        self.questions: list[tuple[int, int, int]] = []
        self.wrong: set[tuple[int, int]] = set()
        self._ranked = 0
        self.gatherers = [seat.index for seat in self.seats if getattr(seat.member, "gather", None) is not None]
        self.store_rules = rules_of(system.world, len(self.seats))
        self.store = new_store(len(self.seats), self.store_rules)
        self.budgets = budgets(system.world, system.suspects)
        self.budget_numbers = {budget: number for number, budget in enumerate(self.budgets)}
        self.waking = waking(len(self.seats), len(self.watched), self.gatherers)
        self._enter_lies()
        self.tables = new_tables(
            len(self.seats),
            phases(self.store_rules, system.suspects),
            spending(system.world, self.budgets, system.suspects),
        )

    def _enter_lies(self) -> None:
        """Enter who may misbehave, and what liars may say to whom."""
        said = self.system.faults.alphabet
        suspects, lies, first = self.system.suspects, list[tuple[int, int]](), [0]
        for suspect in suspects:
            for receiver in range(len(self.seats)):
                lies += [(receiver, self.envelope(envelope)) for envelope in said.get((suspect, receiver), ())]
            first.append(len(lies))
        self.store = self.store._replace(
            suspects=np.array(suspects, np.int64),
            lies=np.array(lies, np.int64).reshape(-1, 2),
            lies_first=np.array(first, np.int64),
        )
        self._rank()

    # Numbers for what Python knows.

    def local(self, owner: int, state: Any, identity: Key | None = None) -> int:
        """Return the number of a local state of a process, whose identity may be known already."""
        name = (owner, identity or key(state))
        found = self._local_ids.get(name)
        if found is None:
            found = self._local_ids[name] = len(self.locals)
            self.locals.append(state)
            self._local_keys.append(name[1])
            self._enter_local(found, owner, state)
        return found

    def _enter_local(self, number: int, owner: int, state: Any) -> None:
        if number >= len(self.store.locals_):
            self.store = self.store._replace(locals_=grown(self.store.locals_, number))
        crashed, liar, seat = isinstance(state, Crashed), isinstance(state, Byzantine), self.seats[owner]
        flags = k.CRASHED * crashed + k.LIAR * liar + k.SILENT * (seat.asker is None)
        self.store.locals_[number] = (owner, flags, -1, -(not flags), -(not flags))
        if self.store_rules[k.CRASHES] and owner in self.system.crashable and not crashed and not liar:
            corpse = self.local(owner, self.parts.remains(owner, state))
            self.store.locals_[number, k.CORPSE] = corpse
        elif getattr(state, "stable", None) is not None and crashed:
            back = self.local(owner, state.stable)
            self.store.locals_[number, k.CORPSE] = back

    def envelope(self, envelope: Envelope) -> int:
        """Return the number of an envelope."""
        found = self._envelope_ids.get(envelope)
        if found is None:
            found = self._envelope_ids[envelope] = len(self.envelopes)
            self.envelopes.append(envelope)
        return found

    def _rank(self) -> None:
        """Bring the canonical order of envelopes up to date; new ones never change the order of old ones."""
        count = len(self.envelopes)
        if count == self._ranked:
            return
        if count > len(self.store.envelopes):
            self.store = self.store._replace(envelopes=grown(self.store.envelopes, count))
        order = sorted(range(count), key=lambda number: self.envelopes[number].key)
        self.store.envelopes[order, k.RANK] = np.arange(count)
        self.store.envelopes[:count, k.SENDER] = [envelope.sender for envelope in self.envelopes]
        self._ranked = count

    def state_of_observer(self, index: int, state: Watched) -> int:
        """Return the number of an observer's state."""
        found = self._watched_ids.get(state)
        if found is None:
            found = self._watched_ids[state] = len(self.watched[index])
            self.watched[index].append(state)
        return found

    def _note(self, about: Any) -> int:
        name = key(about)
        found = self._note_ids.get(name)
        if found is None:
            found = self._note_ids[name] = len(self.notes)
            self.notes.append(about)
        return found

    def component(self, component: Component) -> int:
        """Return the number of a component within its process."""
        runs = [self.envelope(envelope) << k.COUNT_BITS | 1 for envelope in component.mailbox]
        if self.store_rules[k.KIND] != k.FIFO:
            distinct = dict.fromkeys(component.mailbox)
            runs = sorted(self.envelope(e) << k.COUNT_BITS | component.mailbox.count(e) for e in distinct)
        self._rank()
        local = self.local(component.owner, component.local)
        while True:
            self.relieve()
            self.store.scratch[: len(runs)] = runs
            found = int(intern_component(self.store, local, intern_box(self.store, len(runs))))
            if found >= 0:
                return int(self.store.components[found, k.NUMBER])

    # Components for what the kernel knows.

    def decoded(self, owner: int, number: int) -> Component:
        """Return the component of a process that has a number."""
        found = self._components.get((owner, number))
        if found is None:
            local, box = self.store.components[self.store.index[owner, number], : k.BOX + 1].tolist()
            found = self.parts.component(owner, self.locals[local], self.mailbox(box))
            self._components[owner, number] = found
        return found

    def mailbox(self, box: int) -> Mailbox:
        """Return a mailbox in canonical order."""
        first, last = self.store.boxes[box : box + 2].tolist()
        runs = self.store.runs[first:last].tolist()
        if self.store_rules[k.KIND] != k.FIFO:
            runs.sort(key=lambda run: self.envelopes[run >> k.COUNT_BITS].key)
        return tuple(self.envelopes[run >> k.COUNT_BITS] for run in runs for _ in range(run & k.COUNT_MASK))

    def locals_of(self, owner: int) -> list[int]:
        """Return the local state of each component of a process."""
        components = self.store.index[owner, : int(self.store.counts[owner])]
        found: list[int] = self.store.components[components, k.LOCAL].tolist()
        return found

    # Questions and rows.

    def prepare(self) -> None:
        """Ask Python everything that the components found so far need, and make their rows.

        Components for which Python failed to answer are put down in `failures`: (process, number) pairs.  Where the
        error shows depends on which configuration is expanded first, so whoever expands raises it.
        """
        last = int(self.store.sizes[k.COMPONENTS])
        if self.ready == last:
            return
        self._ask_all(last)
        self._gather(last)
        self._rank()
        while self.ready < last:
            self.relieve()
            before, self.ready = self.ready, int(fill_rows(self.store, self.tables, self.ready, last))
            if self.ready == before:
                self.tables = roomier(self.tables)

    def _ask_all(self, last: int) -> None:
        first = self.ready
        while first < last:
            self.relieve()
            first = int(collect_misses(self.store, first))
            for miss in range(int(self.store.sizes[k.MISSES])):
                local, envelope = self.store.misses[miss, :2].tolist()
                try:
                    self._answer(miss, local, envelope)
                except SpecError:
                    self.store.misses[miss, 2:] = 0
                    self._fail(local, envelope, last)
            enter_answers(self.store)

    def _fail(self, local: int, envelope: int, last: int) -> None:
        """Put down the components that need an answer which Python failed to give."""
        owner = int(self.store.locals_[local, k.OWNER])
        told = self.store.lies[self.store.lies[:, 0] == owner, 1]
        if envelope < 0:
            self.store.locals_[local, k.OWN_FIRST :] = 0
        for component in range(self.ready, last):
            its_local, box, number = self.store.components[component, : k.NUMBER + 1].tolist()
            if its_local == local and (
                envelope < 0 or envelope in told or self.envelopes[envelope] in self.mailbox(box)
            ):
                self.failures.append((owner, number))

    def mislearnt(self) -> list[tuple[int, int]]:
        """Return the components, new since the last call, on which a passive learner fails: (process, number)."""
        found = []
        last = int(self.store.sizes[k.COMPONENTS])
        passive = [seat.index for seat in self.seats if seat.asker is None]
        for component in range(self._learnt, last) if passive else ():
            local, _, number = self.store.components[component, : k.NUMBER + 1].tolist()
            owner = int(self.store.locals_[local, k.OWNER])
            if owner in passive:
                try:
                    self.decoded(owner, number)
                except SpecError:
                    found.append((owner, number))
        self.wrong.update(found)
        self._learnt = last
        return found

    def _answer(self, miss: int, local: int, envelope: int) -> None:
        owner, state = int(self.store.locals_[local, k.OWNER]), self.locals[local]
        if envelope < 0:
            self.store.locals_[local, k.OWN_FIRST :] = self._own(owner, state)
            return
        letter = self.envelopes[envelope].letter
        name = (owner, self._local_keys[local], (letter.sender, self.envelopes[envelope].key[1]))
        thorough = self._is_thorough(owner)
        answer = self.parts.answered(name, state, letter.message, letter.sender, thorough=thorough)
        event = partial(Event, "deliver", self.seats[owner].name, letter.sender, letter.message)
        self.store.misses[miss, 2:] = self._outcomes(owner, local, event, answer)

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
        local, ranges = self.local(owner, state), []
        for happening, event in self.parts.own_events(self.seats[owner]):
            answer = self.parts.answer(owner, state, event)
            ranges.append(self._outcomes(owner, local, partial(replace, happening), answer))
        return (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)

    def _outcomes(self, owner: int, local: int, event: Callable[[], Event], answer: Answer) -> tuple[int, int]:
        """Enter the outcomes of an answer, and return where they stand."""
        rows = []
        for outcome, name in zip(answer.outcomes, answer.names, strict=True):
            after = self.local(owner, outcome.state, name)
            sends = self._sends_of(owner, outcome.sends, outcome.notes)
            rows.append((after, *sends, not outcome.sends and not outcome.notes and after == local))
            self.parts.judge(owner, event, self.locals[local], outcome.state)
        first = int(self.store.sizes[k.OUTCOMES])
        if first + len(rows) > len(self.store.outcomes):
            self.store = self.store._replace(outcomes=grown(self.store.outcomes, first + len(rows)))
        if rows:
            self.store.outcomes[first : first + len(rows)] = rows
        self.store.sizes[k.OUTCOMES] = first + len(rows)
        return first, first + len(rows)

    def _sends_of(self, owner: int, sends: Sequence[tuple[Any, Any]], notes: Sequence[Any]) -> tuple[int, int]:
        index = self.parts.index
        packed = tuple(
            self._channel(index[to], self.envelope(self.parts.envelope(owner, message)))
            for to, message in sends
            if self.parts.network.connects(self.seats[owner].name, to)
        )
        fields = range(len(self.seats) + 1, len(self.seats) + 1 + len(self.watched))
        packed += tuple(self._channel(field, self._note(about)) for about in notes for field in fields)
        if packed not in self._sends:
            self._sends[packed] = (self._append_sends(packed), len(packed))
        return self._sends[packed]

    def _channel(self, field: int, message: int) -> int:
        """Return a send as the hot loop has it: the field and the number of the channel."""
        name = (field, message)
        if name not in self._channels:
            number = self._channels[name] = self._next_channel(field)
            if number >= len(self.store.channels):
                self.store = self.store._replace(channels=grown(self.store.channels, number))
            self.store.channels[number] = message
        return field << 32 | self._channels[name]

    def _next_channel(self, field: int) -> int:
        """Return a number that no channel has: those of a field are neighbours, eight at a time, and none is 0."""
        number = self._free_channels.get(field, 0)
        if number % CHANNELS == 0:
            self._last_channel += CHANNELS
            number = self._last_channel
        self._free_channels[field] = number + 1
        return number

    def _append_sends(self, packed: tuple[int, ...]) -> int:
        first = int(self.store.sizes[k.SENDS])
        if first + len(packed) > len(self.tables.sends):
            self.tables = self.tables._replace(sends=grown(self.tables.sends, first + len(packed)))
        self.tables.sends[first : first + len(packed)] = packed
        self.store.sizes[k.SENDS] = first + len(packed)
        return first

    def _gather(self, last: int) -> None:
        """Ask the guards of `Gather` which groups the new components have."""
        if not self.gatherers:
            return
        rows = self.store.components[self.ready : last]
        locals_ = self.store.locals_[rows[:, k.LOCAL]]
        wanted = np.isin(locals_[:, k.OWNER], self.gatherers) & (locals_[:, k.FLAGS] == 0)
        for component in (np.flatnonzero(wanted) + self.ready).tolist():
            try:
                self._groups_of(component)
            except SpecError:
                owner = int(self.store.locals_[self.store.components[component, k.LOCAL], k.OWNER])
                self.failures.append((owner, int(self.store.components[component, k.NUMBER])))

    def _groups_of(self, component: int) -> None:
        local, box = self.store.components[component, : k.BOX + 1].tolist()
        owner = int(self.store.locals_[local, k.OWNER])
        groups = self.parts.groups(owner, self.locals[local], self.mailbox(box))
        found = [self._group(owner, local, group) for group in groups]
        first = int(self.store.sizes[k.GROUPS])
        if first + len(found) > len(self.store.groups):
            self.store = self.store._replace(groups=grown(self.store.groups, first + len(found)))
        if found:
            self.store.groups[first : first + len(found)] = found
        self.store.sizes[k.GROUPS] = first + len(found)
        self.store.components[component, k.GROUPS_FIRST :] = (first, first + len(found))

    def _group(self, owner: int, local: int, group: tuple[Any, ...]) -> tuple[int, int, int, int]:
        envelopes = [self.parts.envelope(self.parts.index[letter.sender], letter.message) for letter in group]
        takes = [self.envelope(envelope) for envelope in envelopes]
        name = (local, tuple(takes))
        if name not in self._groups:
            first = int(self.store.sizes[k.TAKES])
            if first + len(takes) > len(self.store.takes):
                self.store = self.store._replace(takes=grown(self.store.takes, first + len(takes)))
            self.store.takes[first : first + len(takes)] = takes
            self.store.sizes[k.TAKES] = first + len(takes)
            answer = self.parts.answer(owner, self.locals[local], Gather(group))
            event = partial(Event, "gather", self.seats[owner].name, message=group)
            self._groups[name] = (first, first + len(takes), *self._outcomes(owner, local, event, answer))
        return self._groups[name]

    def ask_observer(self, field: int, state: int, note: int) -> None:
        """Ask what an observer does when it is told something."""
        self.questions.append((field, state, note))
        index = field - len(self.seats) - 1
        after = self.watch.after(self.watched[index][state], self.notes[note])
        number = self.state_of_observer(index, after)
        self.relieve()
        add_observed(self.store, self.tables.adds, state, self._channels[field, note], number)

    # Room.

    def relieve(self) -> None:
        """Give every array that is more than half full twice the room."""
        if (self._last_channel + CHANNELS) >> int(self.store.rules[k.CHANNEL_BITS]):
            self.tables = resplit(self.store, self.tables)
        self.store, self.tables = relieved(self.store, self.tables)
