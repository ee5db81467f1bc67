"""Numbers for what Python knows: local states, envelopes, mailboxes, what is sent; and back again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.values import Key, key
from flpcheck.explore import limits
from flpcheck.explore.beside import has_knowledge
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.components import intern_component
from flpcheck.explore.kernel.mailbox import intern_box
from flpcheck.explore.knowledge import Knowledge, Telling
from flpcheck.explore.lawbook import Lawbook
from flpcheck.explore.memory import grown
from flpcheck.explore.ranking import Ranking
from flpcheck.explore.spending import budgets, phases, rules_of, spending, waking
from flpcheck.explore.stored_tables import StoredTables
from flpcheck.explore.table_growth import new_store, new_tables
from flpcheck.explore.timer_field import TimerField
from flpcheck.explore.voices import LiarVoice
from flpcheck.system.asker import Outcome
from flpcheck.system.beside_lies import taken_alone
from flpcheck.system.components import Byzantine, Component, Crashed, Puts
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.observers import ObserverState
from flpcheck.system.oracles import WorldState
from flpcheck.system.signatures import NOTHING
from flpcheck.world.network import Envelope, Mailbox


class SymbolTable(StoredTables):
    """The numbers of one system, and the tables that the kernel reads.

    Parameters
    ----------
    system
        The system explored.
    """

    def __init__(self, system: MessagePassing) -> None:
        super().__init__()
        self.system = system
        self.parts = system.parts
        self.seats = self.parts.seats
        self.watch = system.watch
        self.locals: list[Any] = []
        self.envelopes: list[Envelope] = []
        self.notes: list[Any] = []
        self.tellings: list[Telling] = []
        self._told_ids: dict[Telling, int] = {}
        self.watched: list[list[ObserverState]] = [[] for _ in self.watch.observers]
        self._local_keys: list[Key] = []
        self._local_ids: dict[tuple[int, Key], int] = {}
        self._envelope_ids: dict[Envelope, int] = {}
        self._letter_ids: dict[int, int] = {}
        self._note_ids: dict[Key, int] = {}
        self._watched_ids: dict[ObserverState, int] = {}
        self._sends: dict[tuple[int, ...], tuple[int, int]] = {}
        self._components: dict[tuple[int, int], Component] = {}
        self._ranking = Ranking()
        self._distinctions: dict[tuple[str, Fraction | None, bool, bool], int] = {}
        self.quiet: set[int] = set()
        """The marks of outcomes of which others can tell nothing: they send nothing, and no other state follows."""
        self.gatherers = [seat.index for seat in self.seats if getattr(seat.member, "gather", None) is not None]
        self.letters = system.dead_letters
        self.merged = {} if self.letters is None else self.letters.merged
        self._enter_world(system)

    def _enter_world(self, system: MessagePassing) -> None:
        """Give numbers to the states of the world, and make the tables that say what can happen in each."""
        self.voices = self._heard()
        self.inside = bool(system.world.failures.crashes and system.world.failures.inside_steps)
        self.laws = Lawbook(system.laws, [voice.crowds for voice in self.voices] if self.inside else ())
        self.knowledge = Knowledge(system) if has_knowledge(system) else None
        self.knowledge_field = len(self.seats) + 1 + len(self.watched)
        self.timers = TimerField(system.laws.clock, len(self.seats)) if system.laws.clock.active else None
        drops, knows = self.letters is not None, self.knowledge_field * self._knows
        self.store = new_store(rules_of(system.world, len(self.seats), self.laws, knows, self._timers(), drops=drops))
        self.store.letters[:] = self.laws.letters()
        self.store.patience[:] = system.laws.clock.patience.ranks
        self.store = self.store._replace(turns=np.zeros((len(self.laws.turns), 2), np.int64))
        twins = sum(1 << index for index in self.parts.cast.twins)
        self.budgets = self.laws.states(budgets(system.world, system.suspects, twins))
        self.budget_numbers = {budget: number for number, budget in enumerate(self.budgets)}
        heard = len(self.watched) + self._knows
        self.waking = waking(len(self.seats), heard, self.gatherers, lawful=self.laws.active)
        acts = self._enter_lies() if system.world.failures.byzantine else self._enter_suspects(twins)
        self.tables = new_tables(
            len(self.seats),
            phases(self.store.rules, acts),
            spending(system.world, self.budgets, acts),
            self.laws.table(self.budgets),
        )
        if self.knowledge is not None and system.world.network.heals:
            self.store.turns[-1] = self._append_sends((self._told(None),)), 1

    def _timers(self) -> tuple[int, int]:
        """Return the field of what is known of timers, after those of observers, and the bits of an age."""
        return (0, 0) if self.timers is None else (self.knowledge_field + self._knows, self.timers.age_bits)

    @property
    def _knows(self) -> bool:
        return self.knowledge is not None

    def numbers_of_world(self, world: WorldState) -> tuple[int, list[int]]:
        """Return the number of a state of the world, and those in the fields after those of observers."""
        plain = world._replace(signed=NOTHING, waiting=NOTHING, made=NOTHING, due=0, ages=())
        beside = [part.number(world) for part in (self.knowledge, self.timers) if part is not None]
        return self.budget_numbers[plain], beside

    def world(self, number: int, beside: Sequence[int]) -> WorldState:
        """Return a state of the world by its number, and by what stands in the fields after those of observers."""
        world, parts = self.budgets[number], [part for part in (self.knowledge, self.timers) if part is not None]
        for part, held in zip(parts, beside, strict=True):
            world = part.world(world, held)
        return world

    def _heard(self) -> list[LiarVoice]:
        """Return who can say what to whom; apart for each choice of liars where groups have lies of several."""
        voices = self.system.speech.voices.items()
        found = [LiarVoice(liar, voice, crowds) for (liar, voice), crowds in voices]
        if not self.gatherers:
            return found
        return [one._replace(crowds={crowd}) for one in found for crowd in sorted(one.crowds)]

    def _enter_suspects(self, twins: int) -> list[set[int]]:
        """Enter who may omit messages, or runs twice; return for each where it does: masks of all that misbehave."""
        suspects = [*self.system.suspects, k.TWINS] if twins else self.system.suspects
        self.store = self.store._replace(suspects=np.array(suspects, np.int64))
        masks = {budget.faulty for budget in self.budgets}
        return [{mask for mask in masks if suspect == k.TWINS or mask >> suspect & 1} for suspect in suspects]

    def _enter_lies(self) -> list[set[int]]:
        """Enter what liars can say to whom; return for each way to lie where it is one: masks of all who lie there."""
        lies, first = list[tuple[int, int, int]](), [0]
        for voice in self.voices:
            for receiver, letters in voice.heard:
                alone = letters if self.seats[receiver].asker is None else taken_alone(self.seats[receiver], letters)
                lies += [(receiver, self.envelope(one), self.terms_of_lies(receiver, [one])) for one in alone]
            first.append(len(lies))
        self.store = self.store._replace(
            suspects=np.array([voice.liar for voice in self.voices], np.int64),
            lies=np.array(lies, k.LIES),
            lies_first=np.array(first, np.int64),
        )
        self.rank()
        return [voice.crowds for voice in self.voices]

    def terms_of_lies(self, receiver: int, lies: Sequence[Envelope]) -> int:
        """Return the terms on which a process takes some lies together: their letters' law, and what they bear."""
        said = 0 if self.knowledge is None else self.knowledge.saying(one.letter.message for one in lies)
        return self.law_of_letters(receiver, lies) | said << k.LAW_BITS

    def law_of_letters(self, receiver: int, letters: Iterable[Envelope]) -> int:
        """Return the law of letters that a process takes together."""
        return max((int(self.store.letters[one.sender, receiver]) for one in letters), default=0)

    def local(self, owner: int, state: Any, identity: Key | None = None) -> int:
        """Return the number of a local state of a process, whose identity may be known already."""
        name = (owner, identity or key(state))
        found = self._local_ids.get(name)
        if found is None and name in self.merged:
            assert self.letters is not None
            found = self._local_ids[name] = self.local(*self.letters.places.states[self.merged[name]])
        if found is None:
            limits.check_limit(len(self.locals) + 1, limits.MOST_STATES, "there are {} local states")
            found = self._local_ids[name] = len(self.locals)
            self.locals.append(state)
            self._local_keys.append(name[1])
            self._enter_local(found, owner, state)
        return found

    def _enter_local(self, number: int, owner: int, state: Any) -> None:
        if number >= len(self.store.locals_):
            self.store = self.store._replace(locals_=grown(self.store.locals_, number))
        crashed, liar, seat = isinstance(state, Crashed), isinstance(state, Byzantine), self.seats[owner]
        status = k.CRASHED * crashed + k.LIAR * liar + k.SILENT * (seat.asker is None)
        twin = k.TWIN * (owner in self.parts.cast.twins)
        self.store.locals_[number] = (owner, status | twin, -1, -(not status), -(not status))
        if self.store.rules.crashes and owner in self.system.crashable and not crashed and not liar:
            corpse = self.local(owner, self.system.crashes.remains(owner, state))
            self.store.locals_["corpse"][number] = corpse
        elif getattr(state, "stable", None) is not None and crashed:
            self.store.locals_[number] = (owner, status, number, -1, -1)

    def envelope(self, envelope: Envelope) -> int:
        """Return the number of an envelope."""
        found = self._envelope_ids.get(envelope)
        if found is None:
            limits.check_limit(len(self.envelopes) + 1, limits.MOST_MESSAGES, "there are {} messages")
            found = self._envelope_ids[envelope] = len(self.envelopes)
            self.envelopes.append(envelope)
            self._letter_ids[id(envelope.letter)] = found
        return found

    def mark_of(self, kind: str, outcome: Outcome, *, quiet: bool) -> int:
        """Return a number for all else that tells an outcome from others."""
        distinction = kind, outcome.chance, outcome.restarts, quiet
        mark = self._distinctions.setdefault(distinction, len(self._distinctions))
        if quiet and not outcome.restarts:
            self.quiet.add(mark)
        return mark

    def rank(self) -> None:
        """Bring the canonical order of envelopes up to date."""
        first, count = len(self._ranking), len(self.envelopes)
        if first == count:
            return
        if count > len(self.store.envelopes):
            self.store = self.store._replace(envelopes=grown(self.store.envelopes, count))
        self._ranking.enter(self.envelopes, self.store.envelopes["rank"])
        self.store.envelopes["sender"][first:count] = [envelope.sender for envelope in self.envelopes[first:]]

    def state_of_observer(self, index: int, state: ObserverState) -> int:
        """Return the number of an observer's state."""
        found = self._watched_ids.get(state)
        if found is None:
            found = self._watched_ids[state] = len(self.watched[index])
            self.watched[index].append(state)
        return found

    def known_state_of_observer(self, state: ObserverState) -> int | None:
        """Return the number of an observer's state if it has one."""
        return self._watched_ids.get(state)

    def note(self, about: Any) -> int:
        """Return the number of a note."""
        name = key(about)
        found = self._note_ids.get(name)
        if found is None:
            found = self._note_ids[name] = len(self.notes)
            self.notes.append(about)
        return found

    def component(self, component: Component) -> int:
        """Return the number of a component within its process."""
        runs = [self.envelope(envelope) << k.COUNT_BITS | 1 for envelope in component.mailbox]
        if self.store.rules.kind != k.FIFO:
            distinct = dict.fromkeys(component.mailbox)
            copies = Counter(component.mailbox)
            limits.check_limit(
                max(copies.values(), default=0), limits.MOST_COPIES, "a mailbox holds {} copies of a message"
            )
            runs = sorted(self.envelope(e) << k.COUNT_BITS | copies[e] for e in distinct)
        self.rank()
        found = self.interned(self.local(component.owner, component.local), runs)
        return int(self.store.components["number"][found])

    def interned(self, local: int, runs: Sequence[int] | NDArray[np.int64]) -> int:
        """Return the component, numbered among those of all processes, with a local state and the runs of a mailbox."""
        while True:
            self.grow(len(runs))
            self.store.scratch[: len(runs)] = runs
            found = int(intern_component(self.store, local, intern_box(self.store, len(runs))))
            if found >= 0:
                return found
            self.answer()

    def answer(self) -> None:
        """Have Python answer the questions that were noted down."""
        raise NotImplementedError

    def decoded(self, owner: int, number: int) -> Component:
        """Return the component of a process that has a number."""
        found = self._components.get((owner, number))
        if found is None:
            local, box, *_ = self.store.components[self.store.index[owner, number]].tolist()
            found = self.parts.component(owner, self.locals[local], self.mailbox(box), self._local_keys[local])
            self._components[owner, number] = found
        return found

    def mailbox(self, box: int) -> Mailbox:
        """Return a mailbox in canonical order."""
        first, last = self.store.boxes[box : box + 2].tolist()
        runs = self.store.runs[first:last].tolist()
        if self.store.rules.kind != k.FIFO:
            runs.sort(key=lambda run: self.envelopes[run >> k.COUNT_BITS].key)
        return tuple(self.envelopes[run >> k.COUNT_BITS] for run in runs for _ in range(run & k.COUNT_MASK))

    def locals_of(self, owner: int) -> list[int]:
        """Return the local state of each component of a process."""
        components = self.store.index[owner, : int(self.store.counts[owner])]
        found: list[int] = self.store.components["local"][components].tolist()
        return found

    def numbers_of(self, states: Iterable[tuple[int, Key]]) -> dict[int, NDArray[np.int64]]:
        """Return the components that have some local states, by process."""
        found: dict[int, list[int]] = {}
        for name in states:
            if name in self._local_ids:
                found.setdefault(name[0], []).append(self._local_ids[name])
        return {owner: np.flatnonzero(np.isin(self.locals_of(owner), locals_)) for owner, locals_ in found.items()}

    def _sends_of(self, owner: int, sends: Sequence[tuple[Any, Any]], notes: Sequence[Any]) -> tuple[int, int]:
        says = sends or notes or self.knowledge is not None
        packed = self._packed(owner, sends, notes) if says else ()
        if packed not in self._sends:
            limits.check_limit(len(packed), limits.MOST_SENDS, self._sending(owner))
            self._sends[packed] = (self._append_sends(packed), len(packed))
        return self._sends[packed]

    def _packed(self, owner: int, sends: Sequence[tuple[Any, Any]], notes: Sequence[Any]) -> tuple[int, ...]:
        """Return what a step sends and notes as the hot loop has it."""
        packed = tuple(self._channel(to, self.envelope(letter)) for to, letter in self.parts.puts(owner, sends))
        fields = range(len(self.seats) + 1, len(self.seats) + 1 + len(self.watched))
        packed += tuple(self._channel(field, self.note(about)) for about in notes for field in fields)
        return packed + self._sends_to_liars(owner, sends)

    def _sends_to_liars(self, owner: int, sends: Sequence[tuple[Any, Any]]) -> tuple[int, ...]:
        """Return what the field of liars' knowledge is sent by a step."""
        puts = () if self.knowledge is None else self.parts.puts(owner, sends)
        if self.knowledge is None or not self.knowledge.hears(puts):
            return ()
        told = self._told((owner, puts))
        if self.inside and owner in self.system.crashable:
            self._enter_tellings(self.store.channels[told & 0xFFFFFFFF], owner, puts)
        return (told,)

    def _enter_tellings(self, number: int, owner: int, puts: Puts) -> None:
        """Enter what liars learn if a step is cut short, for every choice of its messages."""
        known, knowledge = self.store.telling_first, self.knowledge
        assert knowledge is not None
        if number >= len(known):
            self.store = self.store._replace(telling_first=grown(known, number))
            self.store.telling_first[len(known) :] = -1
        limits.check_limit(len(puts), limits.MOST_CHOICES, "a step that may be cut short sends {} messages")
        if self.store.telling_first[number] < 0:
            chosen = [tuple(p for n, p in enumerate(puts) if mask >> n & 1) for mask in range(1 << len(puts))]
            rows = [self._told((owner, some)) if knowledge.hears(some) else 0 for some in chosen]
            self.store.telling_first[number] = self._append(k.Size.TELLING, rows)[0]

    def _told(self, told: Telling) -> int:
        """Return the send that tells the field of liars' knowledge what happens."""
        number = self._told_ids.setdefault(told, len(self.tellings))
        self.tellings += [told] if number == len(self.tellings) else []
        return self._channel(self.knowledge_field, number)

    def _sending(self, owner: int) -> str:
        return f"a step of {self.seats[owner].name} sends {{}} messages and notes"
