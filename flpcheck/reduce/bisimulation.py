"""Verifying a bisimulation of single processes: pairs of local states, of which one stands for the other in a search.

A pair is right if the same is observed in both, and if whatever happens in the search to the one that stands for the
other has effects on both that others cannot tell apart, and leads to pairs that are right.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from flpcheck.reduce.local_rows import LocalEffect, LocalQuestion, LocalRows
from flpcheck.world.network import Mailbox

PlacePair = tuple[int, int]
"""A place, and the one that stands for it."""
MOST_PAIRS, MOST_PAIRS_EACH = 1_000, 4
"""Maximum number of pairs that are verified, and by how much it grows with each that is given: others may follow from
these without end, where a process that no search reaches would count for ever."""


@dataclass(frozen=True)
class Happened:
    """The events of a search, by place.

    Parameters
    ----------
    questions
        The letters that a process received there, or that were dropped.
    boxes
        The mailboxes from which it may have gathered: without the letters that were dropped, and with them.
    """

    questions: dict[int, dict[LocalQuestion, None]] = field(default_factory=dict)
    boxes: dict[int, dict[tuple[Mailbox, Mailbox], None]] = field(default_factory=dict)


class Bisimulation:
    """Pairs of places, and what has been found out about them.

    Parameters
    ----------
    rows
        What happens in each place.
    standing
        Returns the place that stands for a place.
    observed
        Returns what is observed in a place.
    pairs
        The pairs to verify; those that they lead to are added.

    Attributes
    ----------
    endless
        Whether there are too many pairs to verify.
    """

    def __init__(
        self, rows: LocalRows, standing: Callable[[int], int], observed: Callable[[int], Hashable],
        pairs: Iterable[PlacePair],
    ) -> None:  # fmt: skip
        self.rows, self.standing, self.observed = rows, standing, observed
        self.pairs = dict.fromkeys(pairs)
        self.most, self.endless = MOST_PAIRS + MOST_PAIRS_EACH * len(self.pairs), False
        self._waiting: list[PlacePair] = []
        self._right: set[tuple[PlacePair, object]] = set()

    def is_refuted(self, happened: Happened) -> bool:
        """Return whether some pair is wrong, given what has happened so far.

        Cost: for each pair one look-up for each thing that happened to the place that stands for the other.
        """
        self._waiting = list(self.pairs)
        for pair in self._waiting:  # which grows
            if len(self._waiting) > self.most:
                self.endless = True
            if self.endless or not self._is_right(pair, happened):
                return True
        return False

    def _is_right(self, pair: PlacePair, happened: Happened) -> bool:
        twin, place = pair
        gathered = (self._gather_alike(twin, place, *box) for box in happened.boxes.get(place, ()))
        questions = [*self.rows.always(place), *happened.questions.get(place, ())]
        return all(gathered) and all(self._answer_alike(pair, question) for question in questions)

    def _gather_alike(self, twin: int, place: int, box: Mailbox, whole: Mailbox) -> bool:
        """Return whether both may gather the same from a mailbox, with or without the letters that were dropped."""
        if ((twin, place), (box, whole)) in self._right:
            return True
        groups = self.rows.groups(place, box)
        for mail in dict.fromkeys((box, whole)):
            if self.rows.groups(twin, mail) != groups:
                for one in (twin, place):
                    self.rows.note_groups(one, mail)
                return False
        right = all(self._answer_alike((twin, place), group) for group in groups or ())
        if right:
            self._right.add(((twin, place), (box, whole)))
        return right

    def _answer_alike(self, pair: PlacePair, question: LocalQuestion) -> bool:
        if (pair, question) in self._right:
            return True
        theirs, its = (_by_label(self.rows.row(place, question)) for place in pair)
        right = theirs.keys() == its.keys() and all(self._lead_to_pairs(theirs[label], its[label]) for label in its)
        if right:
            self._right.add((pair, question))
        return right

    def _lead_to_pairs(self, theirs: list[int], its: list[int]) -> bool:
        """Return whether the places after effects of one label are pairs, of which new ones are to be verified."""
        after = list(dict.fromkeys(map(self.standing, its)))
        if len(after) == 1:
            return all(self._pair(twin, after[0]) for twin in theirs)
        return {self.standing(twin) for twin in theirs} == set(after)

    def _pair(self, twin: int, place: int) -> bool:
        """Return whether one place may stand for another, which is then to be verified."""
        if twin == place or (twin, place) in self.pairs:
            return True
        if self.observed(twin) != self.observed(place):
            return False
        self.pairs[twin, place] = None
        self._waiting.append((twin, place))
        return True


def _by_label(row: Iterable[LocalEffect]) -> Mapping[Hashable, list[int]]:
    """Return the places after the effects with each label."""
    found: dict[Hashable, list[int]] = {}
    for effect in row:
        found.setdefault(effect.label, []).append(effect.after)
    return found
