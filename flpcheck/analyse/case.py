"""A graph with the analyses that several judges share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.finding import Finding
from flpcheck.analyse.schedule import Schedule, shortest
from flpcheck.analyse.termination import Termination
from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Property,
    Verdict,
    agreement,
    any_input_validity,
    correct_unanimity,
    integrity,
    interactive_consistency,
    uniform_agreement,
    validity,
)
from flpcheck.authoring.refinement import REFINES
from flpcheck.authoring.values import Key, key, show
from flpcheck.budget import OutOfBudget
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.system import System


class Case:
    """A graph with the analyses that several judges share, each made when it is first needed."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph = graph
        self.termination = Termination(graph)

    @cached_property
    def valence(self) -> Valence:
        """The values that can still be decided, for each configuration."""
        return Valence.of(self.graph)

    @cached_property
    def silent(self) -> SilentValence:
        """The values that can still be decided if some processes never step again."""
        return SilentValence.of(self.graph)

    def safe(self, claim: Property, because: str = "") -> Finding:
        """Return the verdict where nothing bad was found."""
        return unseen(claim, because, complete=self.graph.complete, confined=self.graph.confined)

    def value_name(self, bit: int) -> str:
        """Return a decision value as text."""
        return show(self.valence.values[bit])


SAFE = frozenset({
    agreement, uniform_agreement, validity, any_input_validity, correct_unanimity, interactive_consistency, integrity,
})  # fmt: skip
"""The standard properties of which all is known within a constraint: nothing that happens outside counts."""


def unseen(claim: Property, because: str = "", *, complete: bool, confined: bool) -> Finding:
    """Return the verdict where nothing bad, or nothing that is wished for, was found: certain in a complete search.

    Within a constraint it is certain for what depends on configurations that were found, or on steps between them.
    """
    wanted = claim.kind == "sometimes"
    if confined and (claim in SAFE or claim.kind in {"invariant", "step", REFINES}):
        return Finding(claim, HOLDS, f"{because}, within the constraint" if because else "within the constraint")
    if not complete:
        what = "not reached" if wanted else "no violation found"
        return Finding(claim, INCOMPLETE, f"{what} before the search was cut")
    return (
        Finding(claim, VIOLATED, "no reachable configuration satisfies it")
        if wanted
        else Finding(claim, HOLDS, because)
    )


def seen(
    found: Reached,
    claim: Property,
    numbers: NDArray[np.int64],
    because: Callable[[Schedule], str],
    roots: Sequence[int] | None = None,
) -> Finding:
    """Return the verdict that some configurations show, with the shortest schedule to one of them.

    Parameters
    ----------
    found, claim
        The configurations reached, and the property.
    numbers
        Ids of configurations that are witnesses of a `sometimes` property, or violations of another one.
    because
        Returns what to say of a schedule that shows a violation.
    roots
        Initial configurations in which the schedule may begin; any if None.
    """
    wanted = claim.kind == "sometimes"
    verdict = HOLDS if wanted else VIOLATED

    def make() -> Finding:
        schedule = shortest(found, numbers, roots)
        assert schedule is not None
        return Finding(claim, verdict, f"reached: {claim.statement}" if wanted else because(schedule), schedule)

    return shown(claim, verdict, int(numbers[0]), make)


def shown(claim: Property, verdict: Verdict, number: int | None, make: Callable[[], Finding]) -> Finding:
    """Return a verdict that a configuration shows, with a schedule to it if the limits of the run allow."""
    try:
        return make()
    except OutOfBudget as spent:
        where = "" if number is None else f" in configuration {number}"
        return Finding(claim, verdict, f"found{where}; {spent.what}, so no schedule is shown")


def who_decided(system: System, schedule: Schedule, claim: Property) -> str:
    """Return who has decided what at the end of a schedule; for agreement the correct processes only."""
    last = schedule.configurations[-1]
    faulty = system.marks(last).crashed if claim is agreement else 0
    deciders: dict[Key, list[Pid]] = {}
    texts: dict[Key, str] = {}
    for pid, values in system.outputs(last).items():
        if not faulty >> system.registers.index(pid) & 1:
            deciders.setdefault(key(values), []).append(pid)
            texts[key(values)] = " and ".join(map(show, values))
    parts = [f"{', '.join(who)} decide{'s' * (len(who) == 1)} {texts[value]}" for value, who in deciders.items()]
    return f"{' while '.join(parts)}{'' if claim is agreement else ', crashed processes included'}"


def listing(names: tuple[str, ...]) -> str:
    """Return names in a row."""
    return " and ".join(names)
