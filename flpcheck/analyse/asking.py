"""Asking an author's predicate so that one that is not a function of its arguments shows.

Questions are put twice, the second time with every set and mapping in the opposite order: the first thousand, then a
sample.  When everything has been judged, a sample of all questions is put again, the last one first.  So chance,
clocks, memory of earlier calls and the order of sets are found, and no verdict rests on them.
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from flpcheck.authoring.property import Property, View
from flpcheck.authoring.values import backwards, shorten, show
from flpcheck.budget import look
from flpcheck.errors import BadProperty, SpecError
from flpcheck.failure import raised

SAMPLE = 256
"""Maximum number of questions put again at the end."""
SURELY, ONE_IN = 1_000, 16
"""Number of first questions that are all put twice at once; of the later ones, one in ONE_IN is."""
FEWEST = 64
"""Minimum number of calls at the end: where there are fewer questions, each is put several times."""


class PredicateCall(NamedTuple):
    """One call of a predicate, with its answer.

    Parameters
    ----------
    seen
        A view, or the two ends of a step.
    number
        The id of the configuration; None for a step.
    answer
        The result of the predicate.
    """

    seen: tuple[Any, ...]
    number: int | None
    answer: Any

    @property
    def where(self) -> str:
        """The place of the call, in words."""
        if self.number is not None:
            return f"in configuration {self.number}"
        return " to ".join(shorten(show(one)) for one in self.seen)


class AskedPredicate:
    """The predicate of a property, with a sample of its calls.

    Parameters
    ----------
    claim
        The property.
    """

    def __init__(self, claim: Property) -> None:
        self.claim = claim
        self.asked = 0
        self._sample: list[PredicateCall] = []
        self._luck = Random(0)

    def holds_in(self, view: Any, number: int) -> bool:
        """Return what the predicate says about a configuration.

        Raises
        ------
        BadProperty
            If it raises an exception, returns no bool, or answers the same question differently.
        """
        answer: bool = self._ask((view,), number)
        return answer

    def allows(self, before: Any, after: Any) -> bool:
        """Return what the predicate says about a step; errors as for `holds_in`."""
        answer: bool = self._ask((before, after), None)
        return answer

    def confirm(self) -> None:
        """Put a sample of all questions again, the last one first.

        Raises
        ------
        BadProperty
            If an answer has changed.  Cost: at most `SAMPLE` questions, or `FEWEST` calls.
        """
        times = -(-FEWEST // max(len(self._sample), 1))
        for question in (*reversed(self._sample),) * times:
            if (found := self._answer(question.seen, question)) != question.answer:
                raise self._changed(question, "the first time", found, "at the end")

    def _ask(self, seen: tuple[Any, ...], number: int | None) -> Any:
        look()
        question = PredicateCall(seen, number, answer=None)
        answer = self._answer(seen, question)
        question = question._replace(answer=answer)
        twice = self.asked < SURELY or self.asked % ONE_IN == 0
        if twice and (again := self._answer(tuple(map(_turned, seen)), question)) != answer:
            raise self._changed(question, "first", again, "with its sets and mappings in reverse order")
        self._keep(question)
        return answer

    def _keep(self, question: PredicateCall) -> None:
        """Keep each question with the same probability, so that the sample is from the whole search."""
        self.asked += 1
        if len(self._sample) < SAMPLE:
            self._sample.append(question)
        elif (place := int(self._luck.random() * self.asked)) < SAMPLE:
            self._sample[place] = question

    def _answer(self, seen: tuple[Any, ...], question: PredicateCall) -> Any:
        try:
            return self._call(*seen)
        except SpecError:
            raise
        except Exception as error:
            what = f"property {self.claim.name} raised an exception"
            advice = "a property is evaluated in every reachable configuration, including those with crashed processes"
            place = self.claim.place
            raise raised(BadProperty, what, error, question.where, place=place, next_step=advice) from error

    def _call(self, *seen: Any) -> Any:
        """Call the author's function."""
        return self.claim(*seen)

    def _shown(self, answer: Any) -> str:
        """Return an answer as text."""
        return str(answer)

    def _changed(self, question: PredicateCall, first: str, other: Any, again: str) -> BadProperty:
        return BadProperty(
            f"property {self.claim.name} is nondeterministic: two calls with equal arguments gave different results",
            place=self.claim.place,
            why=f"{question.where}: {self._shown(question.answer)} {first}, {self._shown(other)} {again}",
            next_step="depend on the arguments only: no randomness, no clock, no state kept between calls; sort sets "
            "and mappings before their order matters",
        )


def _turned(seen: Any) -> Any:
    return seen.backwards() if isinstance(seen, View) else backwards(seen)
