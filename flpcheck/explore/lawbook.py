"""The laws of a world as tables: which events it lets happen in each of its states, and what these make of it.

A failure detector may give an answer, a process on whom others rely may crash, and a letter may cross a partition, only
in some states of the world and with some processes crashed.  Events that no process takes, after which the world has
stabilised or a partition has healed, are *turns*: moves with a law that change no component.  `system/oracles.py` and
`system/partition.py` have the meaning; here it is written down for every state, so that one look-up tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event
from flpcheck.explore.kernel import arrays as k
from flpcheck.system.laws import Laws
from flpcheck.system.oracles import ANSWERS, NOBODY, WorldState
from flpcheck.world.oracle import EVENTUAL, TIMERS

MOST_LAWS = 2**20
"""Maximum number of laws times states of the world: 32 MiB of tables."""
FREE = 0
"""The law of what the world always lets happen."""


class Law(NamedTuple):
    """Whether the world lets an event happen in one of its states.

    Parameters
    ----------
    after
        The state of the world afterwards; None if the event cannot happen.
    needed, forbidden
        Processes of which all, or none, have crashed, as bits.
    covered
        Processes of which some has not crashed, as bits; 0 if that does not matter.
    """

    after: WorldState | None
    needed: int = 0
    forbidden: int = 0
    covered: int = 0

    def then(self, other: Callable[[WorldState], Law]) -> Law:
        """Return the law of an event that is also one under another law, read in the state afterwards.

        Of two sets of which some process has not crashed one contains the other: the smaller one counts.
        """
        if self.after is None:
            return self
        later = other(self.after)
        covered = self.covered & later.covered if self.covered and later.covered else self.covered | later.covered
        return Law(later.after, self.needed | later.needed, self.forbidden | later.forbidden, covered)

    def row(self, place: int, numbers: dict[WorldState, int]) -> tuple[int, int, int, int]:
        """Return the law as the kernel has it, in the state of the world with a number."""
        change = int(k.FORBIDDEN) if self.after is None else place ^ numbers[self.after]
        return self.needed, self.forbidden, self.covered, change


class Lawbook:
    """The laws of a system, numbered.

    Law `FREE` always lets an event happen, law 1 + p an answer about process p (law 1 any timeout where an oracle says
    when timers are reliable), the last of these first ones a letter
    across a partition.  As many come for a crash of each process in turn: between two steps, or in the middle of one
    that has a law itself.  Then come the turns, and one that holds while timers wait for messages; at last, voice by
    voice and process by process, the laws of a crash in the middle of a step that a lie causes.

    Parameters
    ----------
    laws
        The laws as the reference semantics has them.
    voices
        For each voice whose lies a crash may interrupt: the choices of liars that have it, as masks.
    """

    def __init__(self, laws: Laws, voices: Sequence[Collection[int]] = ()) -> None:
        self.oracles, self.partition, self.network = laws.oracles, laws.partition, laws.partition.network
        self.names, self.index, self.clock = laws.parts.names, laws.parts.index, laws.clock
        self.voices = voices
        self.active = self.oracles.oracle.reliable or self.network.heals or self.clock.active or bool(voices)
        """Whether the world hinders anything at all."""
        self.crossing = 1 + len(self.names)
        self.base = self.crossing + 1 if self.active else 0
        """The number of laws of steps: the law of a crash of process p is `base * (p + 1)` and that of its step."""
        self.first_turn = self.base * (len(self.names) + 1)
        self.turns = [self._stabilising(index) for index in self._leaders()] if self.active else []
        self.turns += [self._healing] if self.network.heals else []
        self.waiting = self.first_turn + len(self.turns)
        self.lied = self.waiting + self.clock.active
        self.count = self.lied + self.base * len(self.names) * len(voices)

    def size(self, begun: int) -> int:
        """Return how many entries the table has at most, if the world has some states without what its laws change."""
        oracle, able = self.oracles.oracle, len(self.oracles.candidates)
        states = 1 << able if oracle.kind == "S" else max(oracle.mistakes, 0) + 1 + len(self.turns)
        return begun * (states << self.network.heals) * self.count if self.active else 0

    def terms(self, event: Event) -> int:
        """Return the terms of one of a process's own events: its law, and whether a timer that waits fires by it."""
        if self.active and event.kind in ANSWERS:
            return 1 + self.index[str(event.message)]
        if not self.active or event.kind != "timeout":
            return FREE
        return (self.oracles.kind == TIMERS) + k.FIRES * self.clock.active

    def letters(self) -> NDArray[np.int64]:
        """int64[processes, processes]: the law of a letter from one process to another."""
        found = np.zeros((len(self.names), len(self.names)), np.int64)
        if self.network.heals:
            for sender, source in enumerate(self.names):
                found[sender] = [self.crossing * self.network.crosses(source, name) for name in self.names]
        return found

    def states(self, begun: Sequence[WorldState]) -> list[WorldState]:
        """Return the states of the world that follow from some, themselves included, whatever happens."""
        found = dict.fromkeys(begun)
        waiting = list(found)
        while self.active and waiting:
            world = waiting.pop()
            laws = [self._answer(world, index) for index in range(len(self.names))]
            for law in (*laws, *(turn(world) for turn in self.turns)):
                if law.after is not None and law.after not in found:
                    found[law.after] = None
                    waiting.append(law.after)
        return list(found)

    def table(self, worlds: Sequence[WorldState]) -> NDArray[np.uint64]:
        """uint64[laws, states of the world, 4]: what each `Law` says in each state."""
        numbers = {world: number for number, world in enumerate(worlds)}
        rows = [[law.row(place, numbers) for law in self.of(world)] for place, world in enumerate(worlds)]
        by_world = np.array(rows, np.uint64).reshape(len(worlds), -1, 4)
        return np.ascontiguousarray(by_world.transpose(1, 0, 2)) if self.active else np.zeros((0, 0, 4), np.uint64)

    def of(self, world: WorldState) -> Iterator[Law]:
        """Yield all laws in a state of the world, in the order of their numbers; none where nothing is hindered."""
        if not self.active:
            return
        processes = range(len(self.names))
        steps = [Law(world), *(self._answer(world, index) for index in processes), self._letter(world)]
        yield from steps
        for index in processes:
            yield from self._interrupted(steps, index)
        yield from (turn(world) for turn in self.turns)
        if self.clock.active:
            yield Law(world if self.clock.runs(world) else None)
        for crowds in self.voices:
            said = steps if world.faulty in crowds else [Law(None)] * len(steps)
            for index in processes:
                yield from self._interrupted(said, index)

    def _interrupted(self, steps: Sequence[Law], index: int) -> Iterator[Law]:
        """Yield the laws by which a process crashes in the middle of steps that have laws themselves."""
        return (step.then(partial(self._crash, index=index)) for step in steps)

    def _answer(self, world: WorldState, named: int) -> Law:
        """Return the law by which the detector suspects a process, or trusts it, or a timer fires."""
        kind = self.oracles.kind
        if not self.oracles.oracle.reliable:
            return Law(world)
        if kind in EVENTUAL and world.reliable == NOBODY:
            return Law(self.oracles.early(world))
        if kind == TIMERS:
            return Law(world)
        if kind == "S":
            left = self._left(world, world.suspected | 1 << named)
            return Law(world._replace(suspected=world.suspected | 1 << named) if left else None, covered=left)
        if kind in {"omega", "diamond-S"}:
            return Law(world if (named == world.reliable) == (kind == "omega") else None)
        return Law(world, needed=1 << named)

    def _crash(self, world: WorldState, index: int) -> Law:
        """Return the law by which a process crashes: not the last one that others may rely on for ever."""
        if not self.oracles.leads:
            return Law(world)
        if world.reliable != NOBODY:
            return Law(None if index == world.reliable else world)
        left = self._left(world, world.suspected | 1 << index)
        return Law(world if left else None, covered=left)

    def _left(self, world: WorldState, bad: int) -> int:
        """Return who may be relied on, unless they have crashed, as bits."""
        return sum(1 << index for index in self.oracles.candidates) & ~(bad | world.faulty)

    def _letter(self, world: WorldState) -> Law:
        return Law(None if self.partition.stands(world) else world)

    def _leaders(self) -> Sequence[int]:
        """Return the processes of which one becomes reliable as the world stabilises; any number if that needs none."""
        if not self.oracles.oracle.turns_reliable:
            return ()
        return self.oracles.candidates if self.oracles.leads else (0,)

    def _stabilising(self, index: int) -> Callable[[WorldState], Law]:
        leads = self.oracles.leads

        def turn(world: WorldState) -> Law:
            if world.reliable != NOBODY or (leads and world.faulty >> index & 1):
                return Law(None)
            return Law(world._replace(mistakes=0, reliable=index), forbidden=1 << index if leads else 0)

        return turn

    def _healing(self, world: WorldState) -> Law:
        return Law(next((after for _, after in self.partition.healings(world)), None))
