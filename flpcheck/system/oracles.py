"""Answers that the oracle of a world may give, and when; on top of the reference semantics.

The state of an oracle is part of the world's state: how many answers came before it stabilised, whom it has made
reliable since, whom it has ever suspected.  Everything else is read from the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flpcheck.authoring.events import Event, Pid, Suspect, Timeout, Trust
from flpcheck.errors import BadWorld
from flpcheck.system.components import Component, Components
from flpcheck.system.signatures import NOTHING, Signed
from flpcheck.world import EVENTUAL, TIMERS, UNLIMITED, World

NOBODY = -1
ANSWERS = {"suspect", "trust"}


class WorldState(NamedTuple):
    """The world's own state.

    Parameters
    ----------
    lost, duplicated
        Number of messages that the network has lost and duplicated so far.
    recovered
        Number of recoveries so far.
    faulty
        Bit p: process p misbehaves from the start (Byzantine, or omitting messages).
    mistakes
        How many answers the oracle has given before it stabilised; 0 again afterwards, when it no longer matters.
    reliable
        Once it has stabilised: the process that is trusted, or that no process suspects (any number if there is no such
        role); `NOBODY` before.
    suspected
        For S: a bit for each process that some process has suspected.
    healed
        Whether a partition that heals has done so.
    signed
        The signatures that Byzantine processes have been sent, where they must not forge any; those that no message
        bears which they can say are left out.
    waiting
        Those that a partition holds up until it has healed.
    made
        Who has signed the statements of certificates, in any message sent so far, as far as liars do not know it.
    due
        Bit p: process p's timer was armed before the present busy period, so it may fire in it; 0 where all is quiet,
        and where timers do not wait for messages.
    ages
        Where timers have different patience: for each process in which busy period its timer was armed, by rank
        (`system/patience.py`); empty elsewhere.
    levels
        Where timers are longer than k delays: within how many each letter arrives (`system/delays.py`).
    """

    lost: int = 0
    duplicated: int = 0
    recovered: int = 0
    faulty: int = 0
    mistakes: int = 0
    reliable: int = NOBODY
    suspected: int = 0
    healed: bool = False
    signed: Signed = NOTHING
    waiting: Signed = NOTHING
    made: Signed = NOTHING
    due: int = 0
    ages: tuple[int, ...] = ()
    levels: tuple[tuple[tuple[int, ...], ...], ...] = ()


class Oracles:
    """The oracle of a world.

    Parameters
    ----------
    world
        The world.
    parts
        The components of the processes; they learn here whom a detector may name.

    Raises
    ------
    BadWorld
        If there is an oracle and no step asks for its answers.
    """

    def __init__(self, world: World, parts: Components) -> None:
        self.oracle = world.oracle
        self.parts = parts
        self.kind = world.oracle.kind
        self.answer = {"": None, TIMERS: Timeout, "omega": Trust}.get(self.kind, Suspect)
        asking = [seat.index for seat in parts.seats if seat.asker and self.answer and seat.asker.takes(self.answer)]
        if self.answer is not None:
            self._check(asking)
        able = [seat.index for seat in parts.seats if seat.crashable]
        self.candidates = tuple(i for i in able if self.answer is not Trust or i in asking)
        if self.answer in {Suspect, Trust}:
            parts.told[self.answer] = tuple(parts.names[index] for index in self.candidates)

    def _check(self, asking: list[int]) -> None:
        assert self.answer is not None
        if not asking:
            others = [kind.__name__ for kind in (Suspect, Trust) if kind is not self.answer]
            asked = {kind.__name__ for seat in self.parts.seats if seat.asker for kind in seat.asker.rulebook.kinds}
            instead = [name for name in others if name in asked]
            why = f"its outputs are events of class {self.answer.__name__}, but no step takes them"
            advice = f"; the steps take {instead[0]}, the output of another detector" if instead else ""
            where = next((seat.asker.rulebook.place for seat in self.parts.seats if seat.asker), None)
            hint = (
                f"add {self.answer.__name__} to the annotation of the event and a case for it, or remove the detector"
            )
            raise BadWorld(f"no step function uses {self.oracle}", place=where, why=why + advice, next_step=hint)

    def after(self, world: WorldState, event: Event, components: tuple[Component, ...]) -> WorldState | None:
        """Return the world's state after a process event; None if the oracle does not let it happen."""
        if event.kind == "timeout" and self.kind == TIMERS and world.reliable == NOBODY:
            return self.early(world)
        if event.kind not in ANSWERS:
            return world
        named = self.parts.index[str(event.message)]
        if self.kind in EVENTUAL and world.reliable == NOBODY:
            return self.early(world)
        if self.kind == "S":
            return self._spoil(world, named, components)
        return world if self._is_accurate(world, named, components) else None

    def _is_accurate(self, world: WorldState, named: int, components: tuple[Component, ...]) -> bool:
        if self.kind == "omega":
            return named == world.reliable
        return named != world.reliable if self.kind == "diamond-S" else components[named].crashed

    def early(self, world: WorldState) -> WorldState | None:
        """Return the world's state after an answer before it has stabilised; None if there were too many."""
        if self.oracle.mistakes == UNLIMITED:
            return world
        return world._replace(mistakes=world.mistakes + 1) if world.mistakes < self.oracle.mistakes else None

    def _spoil(self, world: WorldState, named: int, components: tuple[Component, ...]) -> WorldState | None:
        """S: some process is suspected, as long as some correct process never is."""
        suspected = world.suspected | 1 << named
        return world._replace(suspected=suspected) if self._trusty(world, suspected, components) else None

    def _trusty(self, world: WorldState, bad: int, components: tuple[Component, ...]) -> list[int]:
        """Return who may be relied on: the correct ones that are not among these."""
        return [i for i in self.candidates if not (bad | world.faulty) >> i & 1 and not components[i].crashed]

    @property
    def leads(self) -> bool:
        """Whether it makes the others rely on some process for ever."""
        return self.kind in {"S", "diamond-S", "omega"} and self.oracle.stabilises

    def may_crash(self, world: WorldState, index: int, components: tuple[Component, ...]) -> bool:
        """Return whether a process may crash: one on whom the others rely for ever may not."""
        if not self.leads:
            return True
        if world.reliable != NOBODY:
            return index != world.reliable
        return bool(self._trusty(world, world.suspected | 1 << index, components))

    def stabilisations(
        self, world: WorldState, components: tuple[Component, ...]
    ) -> Iterator[tuple[Event, WorldState]]:
        """Yield how the oracle may become reliable here: one way for each process that can be relied on."""
        if not self.oracle.turns_reliable or world.reliable != NOBODY:
            return
        stable = world._replace(mistakes=0, reliable=0)
        if not self.leads:
            what = "every timer" if self.kind == TIMERS else "every suspicion"
            yield Event("stabilise", message=what, world=True), stable
            return
        for index in self._trusty(world, 0, components):
            name: Pid = self.parts.names[index]
            yield Event("stabilise", message=name, world=True), stable._replace(reliable=index)

    def describe(self, world: WorldState) -> dict[str, str]:
        """Return the state of the oracle as text; nothing for one that has none."""
        if not self.oracle.reliable or self.kind == "P":
            return {}
        if self.kind == "S":
            return {"suspected": " ".join(n for i, n in enumerate(self.parts.names) if world.suspected >> i & 1)}
        if world.reliable == NOBODY:
            counted = {} if self.oracle.mistakes == UNLIMITED else {"answers before": str(world.mistakes)}
            return {"stable": "no"} | counted
        named = self.parts.names[world.reliable] if self.kind in {"omega", "diamond-S"} else ""
        return {"stable": "yes", "reliable": named}

    def admissible(self, world: WorldState) -> bool:
        """Return whether a run may stay here for ever: an oracle that will stabilise does."""
        return not self.oracle.turns_reliable or world.reliable != NOBODY

    def owed(self, event: Event, components: tuple[Component, ...]) -> bool:
        """Return whether fairness promises an event.

        Of suspicions only those of the crashed are promised (strong completeness), and of a detector that never
        becomes reliable no answer is.
        """
        if event.kind not in ANSWERS:
            return True
        if not self.oracle.stabilises:
            return False
        return event.kind == "trust" or components[self.parts.index[str(event.message)]].crashed
