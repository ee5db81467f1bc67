"""Evaluating an author's predicate on millions of configurations: once for each combination of what it reads.

Which parts of its view a predicate looks at is recorded; configurations that agree in these parts get the same answer.
If one of them makes it look further, there are more parts, and it is asked again.  So the answers are those of asking
everywhere.  What is known stays known as a search brings further configurations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.field_reads import FieldReads, asks_for_identity, field_reads
from flpcheck.analyse.views import ViewPart, look_in, noted
from flpcheck.budget import look, looking
from flpcheck.explore.columned import Columned, Ints
from flpcheck.system import System
from flpcheck.system.interface import WORLD

Ask = Callable[[Any, int], int]
"""Puts the question in one configuration: `ask(view, number)`; the answer is a bool, or a number from 0 on."""
LARGEST = 2**62
MOST = 2**24
"""Maximum number of combinations, met or not, whose answers stand in an array: 16 MiB."""
AT_ONCE = 2**18
"""Number of configurations that are answered at once."""
SAMPLE = 64
"""Number of answers that are compared with what a plain view gets."""
UNKNOWN = -1


class PartKinds:
    """Kinds of one part of the view: what a predicate that reads it can distinguish, numbered.

    Parameters
    ----------
    part
        The part.
    """

    def __init__(self, part: ViewPart) -> None:
        self.part = part
        self._known: dict[Any, int] = {}
        self._kinds = np.full(0, UNKNOWN, np.int64)

    def __len__(self) -> int:
        return max(len(self._known), 1)

    def of(self, columns: Columned, numbers: NDArray[Any]) -> Ints:
        """int64[n]: the kind of each of some numbers in the column of the part."""
        found: Ints
        if self.part.owner == WORLD:  # other configurations may number its states in another way
            found = self.learn(columns)[numbers]
            return found
        last = int(numbers.max()) + 1 if len(numbers) else 0
        if last > len(self._kinds):
            self._kinds = np.append(self._kinds, np.full(last, UNKNOWN, np.int64))
        found = self._kinds[numbers]
        if (found == UNKNOWN).any():
            found = self.learn(columns)[numbers]
            self._kinds[numbers] = found
        return found

    def learn(self, columns: Columned) -> Ints:
        """int64[m]: the kind of every number that a configuration found so far may have in the column of the part."""
        part = self.part
        members, which = columns.members(part.owner, observer=part.field == "observers", mail=part.field == "mail")
        kinds = [self._known.setdefault(look_in(part, member), len(self._known)) for member in looking(members)]
        found: Ints = np.array(kinds, np.int64)[which]
        return found


class PredicateAnswers:
    """Answers of a predicate, kept while a search goes on.

    Parameters
    ----------
    system
        What is explored.
    predicate
        The author's function, if it is to be noted which fields of states it reads.
    numbers
        Whether the answers are numbers.
    """

    def __init__(
        self, system: System, predicate: Callable[..., Any] | None = None, *, numbers: bool = False
    ) -> None:  # fmt: skip
        self._system = system
        self._answer, self._kept = (np.int64, np.int32) if numbers else (np.bool_, np.int8)
        self._observers = tuple(observer.name for observer in system.observers)
        self._by_field = predicate is not None and not asks_for_identity(predicate)
        self._look_at([])

    @property
    def parts(self) -> tuple[ViewPart, ...]:
        """The parts of the view that the predicate has been found to look at."""
        return tuple(kinds.part for kinds in self._parts)

    def _look_at(self, parts: Sequence[ViewPart]) -> None:
        """Begin with a combination of parts of which nothing is known."""
        self._parts = [PartKinds(part) for part in parts]
        self._known: dict[tuple[int, ...], int] = {}
        self._sizes: tuple[int, ...] = ()
        self._table: NDArray[Any] = np.full(1, UNKNOWN, self._kept)

    def of(self, columns: Columned, ask: Ask) -> NDArray[Any]:
        """bool[n], or int64[n] of numbers: what the predicate answers in some configurations.

        Cost: a look-up for each part that it reads, and one question per combination that was not met before.
        """
        if self._by_field:
            with field_reads() as reads:
                found = self._everywhere(columns, ask, reads)
            if self._is_confirmed(columns, ask, found):
                return found
            self._by_field = False
            self._look_at([])
        return self._everywhere(columns, ask, None)

    def _is_confirmed(self, columns: Columned, ask: Ask, found: NDArray[Any]) -> bool:
        """Return whether a sample of the answers is what a plain view gets."""
        numbers = np.unique(np.linspace(0, len(columns) - 1, min(len(columns), SAMPLE)).astype(np.int64)).tolist()
        return all(ask(self._system.view(columns[number]), number) == found[number] for number in numbers)

    def _everywhere(self, columns: Columned, ask: Ask, reads: FieldReads | None) -> NDArray[Any]:
        found: NDArray[Any] = np.zeros(len(columns), self._answer)
        for first in range(0, len(columns), AT_ONCE):
            some = np.arange(first, min(first + AT_ONCE, len(columns)))
            answers = None
            while answers is None:
                look()
                answers = self._answers(columns.part(some), lambda view, place: ask(view, first + place), reads)  # noqa: B023
            found[some] = answers
        return found

    def _answers(self, columns: Columned, ask: Ask, reads: FieldReads | None) -> NDArray[Any] | None:
        """Return the answers in some configurations; None if the predicate looks further than was known."""
        kinds = list(self._kinds(columns))
        code, table = self._coded(kinds, len(columns))
        unknown = np.arange(len(columns)) if table is None else np.flatnonzero(table[code] == UNKNOWN)
        _, first, group = np.unique(code[unknown], return_index=True, return_inverse=True)
        asked: NDArray[Any] = np.zeros(len(first), self._answer)
        for place, number in enumerate(unknown[first].tolist()):
            combination = tuple(int(kind[number]) for kind in kinds)
            if combination not in self._known and not self._asked(columns, number, combination, ask, reads):
                return None
            asked[place] = self._known[combination]
        if table is None:
            return asked[group]
        table[code[unknown[first]]] = asked
        return table[code].astype(self._answer)

    def _kinds(self, columns: Columned) -> Iterator[Ints]:
        """Yield int64[n] for each part that is looked at: its kind in each configuration."""
        numbers: dict[tuple[int, bool], NDArray[np.uint64]] = {}
        for kinds in self._parts:
            which = kinds.part.owner, kinds.part.field == "observers"
            if which not in numbers:
                numbers[which] = columns.column(which[0], observer=which[1])
            yield kinds.of(columns, numbers[which])

    def _coded(self, kinds: Sequence[Ints], count: int) -> tuple[Ints, NDArray[Any] | None]:
        """Return a number for each combination, and what is known by number; None if there are too many."""
        code, size, exact = np.zeros(count, np.int64), 1, True
        for which, known in zip(kinds, self._parts, strict=True):
            if size * len(known) > LARGEST:
                code = np.unique(code, return_inverse=True)[1].astype(np.int64)
                size, exact = int(code.max()) + 1, False
            code = code * len(known) + which
            size *= len(known)
        return code, self._answers_by_code() if exact and size <= MOST else None

    def _answers_by_code(self) -> NDArray[Any]:
        """Return what is known of each combination, by its number, which is another one if a part has more kinds."""
        sizes = tuple(map(len, self._parts))
        if sizes != self._sizes:
            self._sizes, self._table = sizes, np.full(int(np.prod(sizes)), UNKNOWN, self._kept)
            code = np.zeros(len(self._known), np.int64)
            for place, size in enumerate(sizes):
                code = code * size + np.array([combination[place] for combination in self._known], np.int64)
            self._table[code] = list(self._known.values())
        return self._table

    def _asked(
        self, columns: Columned, number: int, combination: tuple[int, ...], ask: Ask, reads: FieldReads | None
    ) -> bool:
        """Put the question in one configuration; return whether it looked at nothing but what is known."""
        known = [kinds.part for kinds in self._parts]
        seen = dict.fromkeys(known)
        view = noted(self._system.view(columns[number]), self._system.names, self._observers, seen, reads)
        answer = ask(view, number)
        if reads is not None:
            reads.forget()
        if len(seen) > len(known):
            self._look_at(list(seen))
            return False
        self._known[combination] = answer
        return True
