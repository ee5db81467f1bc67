"""Every standard property is one row: what must be known to judge it, what shows that it fails, and what to say then.

What shows that it fails is a question to a `Piece`: some configurations of a search that is running, or all of a graph.
So both are judged by the same rows, and a new property is a `Property` in `authoring/property.py` and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from flpcheck.analyse.answers import PredicateAnswers
from flpcheck.analyse.asking import AskedPredicate
from flpcheck.analyse.case import Case, who_decided
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.integrity import judge_integrity
from flpcheck.analyse.judge_termination import judge_termination
from flpcheck.analyse.orbits import under_all_names
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.silence import depends_on_crashes, silent_budget
from flpcheck.analyse.state_reads import PredicateReads
from flpcheck.analyse.validity import (
    Allowed,
    Inputs,
    correct_proposed,
    inconsistent,
    invalid,
    some_input,
    unanimity,
    unanimous_but_other,
    wrong_component,
    wrong_values,
)
from flpcheck.authoring.property import (
    HOLDS,
    INCOMPLETE,
    STANDARD,
    VIOLATED,
    Property,
    agreement,
    any_input_validity,
    correct_unanimity,
    deadlock_freedom,
    integrity,
    interactive_consistency,
    lowered,
    non_triviality,
    termination,
    uniform_agreement,
    validity,
)
from flpcheck.authoring.refinement import REFINES
from flpcheck.authoring.temporal import TEMPORAL
from flpcheck.authoring.values import key
from flpcheck.budget import kept
from flpcheck.explore.columned import Alike, Columned
from flpcheck.explore.graph import Bools, Masks, Reached
from flpcheck.explore.watching import Piece
from flpcheck.system import Initial, System
from flpcheck.world import World

STUCK = "no event is possible, and some live process has not decided"


class Needs(Enum):
    """The data that a property needs; where that is the graph, why a search without it cannot judge the property."""

    STATE = "it depends on one configuration"
    INITIAL = "it depends on one configuration, and on the inputs of its run"
    EDGES = "it compares the configurations before and after a transition"
    GRAPH = "it depends on what can still happen"


@dataclass(frozen=True)
class Given:
    """Further facts about the configurations that a detector examines.

    Parameters
    ----------
    system
        The system explored.
    deciding
        The registers that have a decision, as bits.
    inputs
        The inputs with which their runs began.
    """

    system: System
    deciding: int = 0
    inputs: Inputs = field(default_factory=dict)


Detect: TypeAlias = Callable[[Piece, Given], Bools]
Because: TypeAlias = Callable[[Reached, Schedule, Inputs], str]


@dataclass(frozen=True)
class JudgingRule:
    """The rule by which a standard property is judged.

    Parameters
    ----------
    needs
        What the rule needs.
    detect, because
        In which configurations it fails, and what to say of the schedule to one of them; of a `STATE` or `INITIAL` row.
    judge
        Judges a graph; of an `EDGES` or `GRAPH` row.
    allowed
        The values that may be decided, for a property about these alone.
    """

    needs: Needs
    detect: Detect = lambda piece, _: np.zeros(len(piece.configurations), np.bool_)
    because: Because = lambda *_: ""
    judge: Callable[[Case], Finding] | None = None
    allowed: Allowed | None = None

    def group_of(self, item: Initial) -> Any:
        """Return what is the same for initial configurations that need no telling apart; None if nothing can fail."""
        if self.needs is not Needs.INITIAL:
            return None
        if self.allowed is None:
            return tuple((pid, key(value)) for pid, value in item.inputs.items())
        may = self.allowed(item.inputs)
        return None if may is None else frozenset(may)


def _deciding_only(allowed: Allowed) -> JudgingRule:
    """Return the row of a property that says which values may be decided."""

    def detect(piece: Piece, given: Given) -> Bools:
        held = piece.marks().values  # first, for it makes values known
        found: Bools = held & np.uint64(wrong_values(given.system, allowed, given.inputs)) != 0
        return found

    def because(found: Reached, schedule: Schedule, inputs: Inputs) -> str:
        return invalid(found, schedule, wrong_values(found.system, allowed, inputs))

    return JudgingRule(Needs.INITIAL, detect, because, allowed=allowed)


def _several(masks: Masks) -> Bools:
    """bool[n]: more than one bit is set."""
    found: Bools = masks & (masks - np.uint64(1)) != 0
    return found


def _dead_ends(piece: Piece, given: Given) -> Bools:
    """bool[n]: nothing more can happen but steps of the silent, and some other process that should decide has not."""
    among = np.ones(len(piece.configurations), np.bool_)
    if given.deciding:
        marks, must = piece.marks(), np.uint64(given.deciding & ~given.system.abstaining & ~piece.silent)
        among = must & ~marks.crashed & ~marks.decided != 0
    return piece.ended(among)


def _judge_non_triviality(case: Case) -> Finding:
    reachable = 0
    for root in case.graph.roots:
        reachable |= under_all_names(case.graph.system, int(case.valence.low[root]))
    names = [case.value_name(bit) for bit, _ in case.valence.ordered() if reachable >> bit & 1]
    if len(names) > 1:
        return Finding(non_triviality, HOLDS, f"{' and '.join(names)} can be decided")
    if not case.graph.complete:
        return Finding(non_triviality, INCOMPLETE, "only one value was decided before the search was cut")
    return Finding(
        non_triviality, VIOLATED, f"only {names[0]} can ever be decided" if names else "no value is ever decided"
    )


ROWS: Mapping[Property, JudgingRule] = {
    agreement: JudgingRule(
        Needs.STATE,
        lambda piece, _: _several(piece.marks().live_values),
        lambda found, schedule, _: who_decided(found.system, schedule, agreement),
    ),
    uniform_agreement: JudgingRule(
        Needs.STATE,
        lambda piece, _: _several(piece.marks().values),
        lambda found, schedule, _: who_decided(found.system, schedule, uniform_agreement),
    ),
    validity: _deciding_only(unanimity),
    any_input_validity: _deciding_only(some_input),
    correct_unanimity: JudgingRule(
        Needs.INITIAL,
        lambda piece, given: unanimous_but_other(given.system, piece.marks(), given.inputs),
        lambda found, schedule, _: correct_proposed(found, schedule),
    ),
    interactive_consistency: JudgingRule(
        Needs.INITIAL,
        lambda piece, given: wrong_component(given.system, piece.marks(), given.inputs),
        lambda found, schedule, _: inconsistent(found, schedule),
    ),
    integrity: JudgingRule(Needs.EDGES, judge=judge_integrity),
    non_triviality: JudgingRule(Needs.GRAPH, judge=_judge_non_triviality),
    termination: JudgingRule(Needs.GRAPH, judge=judge_termination),
    deadlock_freedom: JudgingRule(Needs.STATE, _dead_ends, lambda *_: STUCK),
}
assert set(ROWS) == set(STANDARD)


NEEDS = {"step": Needs.EDGES, REFINES: Needs.EDGES, TEMPORAL: Needs.GRAPH}
"""Needs of properties of an author, by kind; those of other kinds are about single configurations."""


def why_not(claim: Property, world: World) -> str:
    """Return why a property cannot be judged in a world without transitions; empty if it can."""
    if claim == deadlock_freedom and silent_budget(world):
        return "it depends on which processes may be silent, because crashes are elided"
    needs = ROWS[claim].needs if claim in ROWS else NEEDS.get(claim.kind, Needs.STATE)
    return needs.value if needs in {Needs.EDGES, Needs.GRAPH} else ""


class PredicateDetector:
    """A detector: the configurations in which an author's predicate answers as it should or should not.

    Parameters
    ----------
    system
        The system explored.
    claim
        An invariant, which should not answer False anywhere, or a `sometimes` property, which should answer True.
    """

    def __init__(self, system: System, claim: Property) -> None:
        self.system, self.predicate = system, AskedPredicate(claim)
        self.wanted = claim.kind == "sometimes"
        self.met: list[int] = []
        self.hidden = False
        self._reads = PredicateReads(system, claim)
        self._answers = PredicateAnswers(system, claim.predicate)

    def __call__(self, piece: Piece) -> Bools:
        """bool[n]: where it does; where a bound ends the asking, as far as it was met by then, if at all."""
        self.met = []
        found: Bools = np.zeros(len(piece.configurations), np.bool_)
        with kept(lambda: self.met):
            found = self.everywhere(piece.configurations, piece.first)
        found[np.array(self.met, np.int64) - piece.first] = True
        return found

    def everywhere(self, columns: Any, first: int = 0) -> Bools:
        """bool[n]: the same of all configurations; where a bound ends the asking, that ends it."""
        if isinstance(columns, Columned):
            numbered = lambda view, number: self.ask(view, number + first)  # noqa: E731
            found: Bools = self._answers.of(columns, numbered) == self.wanted
            return found
        if isinstance(columns, Alike):
            numbers, like = columns.alike(self.predicate.claim)
            shown = (self.ask(self.system.view(columns[number]), number + first) for number in numbers.tolist())
            told: Bools = np.fromiter(shown, np.bool_, len(numbers))[like] == self.wanted
            return told
        views = map(self.system.view, columns)
        return np.array([self.ask(view, number) is self.wanted for number, view in enumerate(views, first)], np.bool_)

    def holds_in(self, view: Any, number: int) -> bool:
        """Return the result of the predicate for a view of a configuration."""
        return self._reads.during(view, lambda noting: self.predicate.holds_in(noting, number))

    def ask(self, view: Any, number: int) -> bool:
        """Return the result of the predicate for a configuration, and note the configuration if it is a violation."""
        answer = self.holds_in(view, number)
        self.met.extend([number] if answer is self.wanted else [])
        return answer

    def look_for_hidden(self, columns: Any) -> None:
        """Note whether the predicate does so where processes have silently crashed, which no configuration shows."""
        self.hidden = self.hidden or depends_on_crashes(
            self.system, columns, self.predicate, self._reads, wanted=self.wanted
        )


Detector: TypeAlias = Callable[[Piece], Bools]


def detector(claim: Property, given: Given) -> Detector:
    """Return what finds the configurations that show a violation of a property, or a witness."""
    if claim not in ROWS:
        return PredicateDetector(given.system, claim)
    detect = ROWS[claim].detect
    return lambda piece: detect(piece, given)


def broken(claim: Property) -> str:
    """Return what to say of a configuration that breaks an invariant."""
    return f"violated here: {lowered(claim.statement)}"
