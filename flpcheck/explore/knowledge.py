"""The signatures that liars have been sent, as the states of one field; what they can send in each of these.

The field is like an observer's: a step notes to it what it sends, and what that makes of a state is asked once.  The
meaning is that of `system/laws.py`: a state of the field is that of a world with nothing but what signatures depend on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import looking
from flpcheck.explore import limits
from flpcheck.system.components import Puts
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.oracles import WorldState
from flpcheck.system.signatures import NOTHING, Certified, Signed
from flpcheck.system.speech import members_of

Telling: TypeAlias = tuple[int, Puts] | None
"""The sender with receivers and envelopes; None where a partition heals."""


class Borne(NamedTuple):
    """The signatures and certificates that some messages of liars bear together."""

    signed: Signed
    certified: frozenset[Certified]


UNSIGNED = Borne(NOTHING, frozenset())


def of_signatures(world: WorldState) -> WorldState:
    """Return what signatures depend on in a state of the world."""
    kept = ("faulty", "healed", "signed", "waiting", "made")
    return WorldState(**{name: getattr(world, name) for name in kept})


class Knowledge:
    """The states of the field, and the messages that bear signatures.

    Parameters
    ----------
    system
        A system in which liars sign, and cannot forge.
    """

    def __init__(self, system: MessagePassing) -> None:
        self.laws, self.names = system.laws, system.names
        self.states: list[WorldState] = []
        self._numbers: dict[WorldState, int] = {}
        signatures, crowds = system.laws.signatures, system.speech.crowds
        assert signatures.uses is not None
        self.certified = any(signatures.uses(crowd).certified for crowd in crowds)
        """Whether the signers of statements are stored, to any receiver they are sent."""
        self._suspects = {liar for crowd in crowds for liar in members_of(crowd)}
        self._sayings: dict[Borne, int] = {UNSIGNED: 0}
        self._entered = (0, 0)

    def number(self, world: WorldState) -> int:
        """Return the number of the state of the field in a state of the world."""
        state = of_signatures(world)
        if state not in self._numbers:
            self._numbers[state] = len(self.states)
            self.states.append(state)
        return self._numbers[state]

    def world(self, world: WorldState, number: int) -> WorldState:
        """Return a state of the world with what a state of the field says."""
        state = self.states[number]
        return world._replace(signed=state.signed, waiting=state.waiting, made=state.made)

    def hears(self, puts: Puts) -> bool:
        """Return whether something that is sent may matter for what liars can say."""
        return bool(puts) and (self.certified or any(to in self._suspects for to, _ in puts))

    def after(self, number: int, told: Telling) -> int:
        """Return the state of the field after something was sent, or a partition has healed."""
        state = self.states[number]
        if told is None:
            return self.number(next(after for _, after in self.laws.partition.healings(state)))
        return self.number(self.laws.signed_after(state, *told) if state.faulty else state)

    def saying(self, messages: Iterable[Any]) -> int:
        """Return a number for what some messages of liars bear; 0 for messages without signatures."""
        signatures, said = self.laws.signatures, list(messages)
        signed = NOTHING.union(*map(signatures.of, said))
        borne = Borne(signed, frozenset[Certified]().union(*map(signatures.certified, said)))
        limits.check_limit(len(self._sayings), limits.MOST_SAYINGS, "liars can say {} different signed things")
        return self._sayings.setdefault(borne, len(self._sayings))

    def entered(self, sayable: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the table of what can be said in each state, with what is new; larger if there was no room."""
        states, sayings = len(self.states), len(self._sayings)
        rows, words = sayable.shape
        if states > rows or sayings > 64 * words:
            larger = np.zeros((max(2 * states, rows), max(sayings // 32 + 1, words)), np.uint64)
            larger[:rows, :words] = sayable
            sayable = larger
        old_states, old_sayings = self._entered
        for number in looking(range(states)):
            for borne, saying in list(self._sayings.items())[old_sayings if number < old_states else 0 :]:
                if self._is_sayable(borne, self.states[number]):
                    sayable[number, saying >> 6] |= np.uint64(1 << (saying & 63))
        self._entered = states, sayings
        return sayable

    def _is_sayable(self, borne: Borne, state: WorldState) -> bool:
        liars = [self.names[liar] for liar in members_of(state.faulty)]
        return self.laws.signatures.are_sayable(borne.signed, borne.certified, state.signed, liars)
