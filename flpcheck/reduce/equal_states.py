"""Equal local states: those of a process that no run tells apart, of which one stands for all.

Two local states are equal if the same is observed in them, and if they answer alike whatever happens to them: with the
same messages and notes, and with next states that are equal.  That is a bisimulation of single processes, and a
congruence: configurations whose local states are equal, process by process, and whose mailboxes are the same are
bisimilar (Graf, Steffen, Lüttgen, "Compositional Minimisation of Finite State Systems Using Interface Specifications",
Formal Aspects of Computing 1996).

Which states are equal is guessed from random runs, and verified on the search: whatever happened to the state that
stands for others is asked of these, too, and of the states that follow from them.  A different answer refutes the
guess, and the search begins again with another one, which takes that answer into account.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from hashlib import sha256
from typing import TypeAlias

from flpcheck.authoring.values import Key, key
from flpcheck.reduce.bisimulation import Bisimulation, Happened, PlacePair
from flpcheck.reduce.coarsest import Blocks, coarsest
from flpcheck.reduce.guards import filled, gathers
from flpcheck.reduce.local_rows import LocalQuestion, LocalRows, Row
from flpcheck.reduce.places import Places
from flpcheck.reduce.random_runs import RandomRuns
from flpcheck.system.components import Component, has_output_register
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope, Mailbox

Observe: TypeAlias = Callable[[Component], Hashable]
"""Returns what is observed of the local state of a component; equal ones have the same decision in any case."""
RowsByPlace: TypeAlias = Mapping[int, Mapping[LocalQuestion, Row]]
Held: TypeAlias = Callable[[int], Iterable[tuple[int, Mailbox]]]
"""Yields the places and the mailboxes of a process in expanded configurations."""
MOST_GUESSES = 24
"""Number of guesses after which no more states are merged."""
QUESTIONS, QUESTIONS_EACH = 2_000, 4
"""Maximum number of questions that a guess puts, and by how much it grows with each question of a random run."""


class EqualStates:
    """Which local states are taken to be equal, and what has been found out about that.

    Parameters
    ----------
    plain
        The plain system.
    places
        The numbers of local states.
    observe
        What is observed of a local state.
    """

    def __init__(self, plain: MessagePassing, places: Places, observe: Observe) -> None:
        self.plain, self.places, self.observe = plain, places, observe
        self.rows = LocalRows(plain, places)
        self.merged: dict[tuple[int, Key], int] = {}
        """The place that stands for each of the others that are equal to it, by process and content."""
        self.guesses = 0
        self._order: dict[int, int] = {}
        self._pairs = self._merged_pairs()

    def adopt(self, known: EqualStates) -> None:
        """Take the same states to be equal where another copy of the same system is explored."""
        self.guesses = known.guesses
        for twin, place in known.pairs():
            first, second = (self.places.number(*known.places.states[one]) for one in (twin, place))
            self.merged[self._name(first)] = second
        self._pairs = self._merged_pairs()

    def pairs(self) -> list[PlacePair]:
        """Return the places that are merged, each with the one that stands for it."""
        return [(self.places.number(owner, None, content), place) for (owner, content), place in self.merged.items()]

    def standing(self, place: int) -> int:
        """Return the place that stands for a place: most often itself."""
        return self.merged.get(self._name(place), place)

    def stands_for(self, twin: int, place: int) -> bool:
        """Return whether a search has shown that a place stands for another one, merged or not."""
        return (twin, place) in self._pairs.pairs

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what is merged."""
        names = sorted(f"{name} {self._name(place)}" for name, place in self.merged.items())
        return sha256("\n".join(names).encode()).hexdigest() if names else ""

    # Guessing.

    def guess(self) -> None:
        """Guess which states are equal, by random runs.

        What the runs alone have asked is less, and a worse guess, but it may merge more than questions cut short.
        """
        runs = RandomRuns(self.plain, self.rows)
        runs.make()
        alone = {place: self._always(place) | self.rows.known.get(place, {}) for place in runs.visited}
        if not self._ask_about(runs.visited, QUESTIONS + QUESTIONS_EACH * runs.asked):
            few, many = (self._number_of_blocks(rows, runs.visited) for rows in (alone, self.rows.known))
            if few < many:
                self.rows.known = alone
        self._group()

    def _number_of_blocks(self, rows: RowsByPlace, places: Iterable[int]) -> int:
        blocks = self._blocks(rows)
        return len({blocks.get(place, ~place) for place in places})

    def _always(self, place: int) -> dict[LocalQuestion, Row]:
        return {question: self.rows.row(place, question) for question in self.rows.always(place)}

    def _blocks(self, rows: RowsByPlace) -> Blocks:
        return coarsest(rows, {place: self._observed(place) for place in rows})

    def _ask_about(self, visited: Iterable[int], most: int) -> bool:
        """Ask what every letter that a process received in some run does in each of its places, and in those to come.

        The places that are left when there were enough questions are merged with none; then return False.
        """
        letters = self._letters_by_owner(visited)
        waiting, asked = list(visited), 0
        known = set(waiting)
        for place in waiting:
            owner, _ = self.places.states[place]
            happening = [*self.rows.always(place), *(letters[owner] if self._receives(place) else ())]
            asked += len(happening)
            if asked > most:
                break
            self.rows.known.setdefault(place, {})
            for question in happening:
                new = [effect.after for effect in self.rows.row(place, question) if effect.after not in known]
                waiting += dict.fromkeys(new)
                known.update(new)
        self._order = {place: number for number, place in enumerate(waiting)}
        return asked <= most

    def _letters_by_owner(self, visited: Iterable[int]) -> list[dict[Envelope, None]]:
        found: list[dict[Envelope, None]] = [{} for _ in self.plain.names]
        for place in visited:
            letters = (question for question in self.rows.known.get(place, {}) if isinstance(question, Envelope))
            found[self.places.states[place][0]].update(dict.fromkeys(letters))
        return found

    def _receives(self, place: int) -> bool:
        owner, local = self.places.states[place]
        return not self.plain.parts.component(owner, local).crashed

    def _group(self) -> None:
        """Take those states to be equal that all known answers allow to be."""
        blocks = self._blocks(self.rows.known)
        members: dict[int, list[int]] = {}
        for place, block in blocks.items():
            members.setdefault(block, []).append(place)
        merged: dict[tuple[int, Key], int] = {}
        for alike in members.values():
            first = min(alike, key=self._rank)
            merged |= {self._name(place): first for place in alike if place != first}
        self.guesses += 1
        self.merged = {} if merged == self.merged or self.guesses > MOST_GUESSES else merged
        self._pairs = self._merged_pairs()

    def _merged_pairs(self) -> Bisimulation:
        return Bisimulation(self.rows, self.standing, self._observed, self.pairs())

    def _rank(self, place: int) -> tuple[int, str]:
        """Return what puts places in an order that does not depend on how the search met them."""
        order = self._order.get(place, len(self._order))
        return order, "" if place in self._order else repr(self.places.keys[place])

    def _name(self, place: int) -> tuple[int, Key]:
        return self.places.states[place][0], self.places.keys[place]

    def _observed(self, place: int) -> Hashable:
        owner, local = self.places.states[place]
        component = self.plain.parts.component(owner, local)
        return owner, component.crashed, has_output_register(local), key(component.decisions), self.observe(component)

    # Verifying.

    def is_refuted(self, held: Held, dropped: Mapping[int, Mapping[Envelope, None]]) -> bool:
        """Return whether a search tells states apart that were taken to be equal; if so, it is guessed again.

        Parameters
        ----------
        held
            The places and mailboxes of a process in the search.
        dropped
            The letters that may have been dropped in each place.
        """
        if not self.merged or not self._pairs.is_refuted(self._happened(held, dropped)):
            return False
        self.guesses = MOST_GUESSES if self._pairs.endless else self.guesses
        self._group()
        return True

    def _happened(self, held: Held, dropped: Mapping[int, Mapping[Envelope, None]]) -> Happened:
        parts, happened = (
            self.plain.parts,
            Happened({place: dict.fromkeys(letters) for place, letters in dropped.items()}),
        )
        for owner in dict.fromkeys(owner for owner, _ in self.merged):
            for place, box in held(owner):
                happened.questions.setdefault(place, {}).update(dict.fromkeys(box))
                if gathers(parts, owner):
                    whole = filled(parts, box, dropped.get(place, ()))
                    happened.boxes.setdefault(place, {})[box, whole] = None
        return happened
