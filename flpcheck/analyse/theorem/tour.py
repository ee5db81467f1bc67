"""The theorem on one protocol, from the lemmas to the verdict: everything that `flpcheck flp` shows.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.lemmas import Commutation, commutation
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import Schedule, joined, shortest
from flpcheck.analyse.sweep import UNREACHED, distances
from flpcheck.analyse.theorem.adversary import Play, play
from flpcheck.analyse.theorem.blocking import BlockingCertificate, certificate, certificate_at
from flpcheck.analyse.theorem.constants import Holdback, holdbacks
from flpcheck.analyse.theorem.critical import Criticals, criticals
from flpcheck.analyse.theorem.gadgets import Gadget, Gadgets
from flpcheck.analyse.theorem.lemma2 import Beginning, beginning
from flpcheck.analyse.theorem.lemma3 import Preservation, preservation
from flpcheck.analyse.theorem.livelock import Cycle, Livelock, cycles, livelock, of_endless
from flpcheck.analyse.verdict import FlpVerdict, undecided_component
from flpcheck.budget import stage
from flpcheck.errors import BadRequest, InternalError, NoDecider
from flpcheck.explore.graph import StateGraph

if TYPE_CHECKING:
    from flpcheck.analyse import Analysis

EVERYWHERE = 4_000
"""Maximum number of configurations for checking Lemma 1 in all of them."""
SAMPLE = 2_000
"""Number of configurations, evenly spread, in which it is checked in larger graphs."""


@dataclass(frozen=True, eq=False)
class TheoremResult:
    """Result of applying the FLP theorem to a protocol.

    Parameters
    ----------
    case
        The graph with the analyses that are shared.
    verdict
        On which horn it ends.
    lemma1, lemma2, lemma3
        The lemmas, checked on the protocol.
    gadgets
        The critical configurations, forks, hooks and corners.
    gadget
        The one that explains most.
    criticals
        The critical configurations of a protocol in shared memory; None for any other.
    blocking
        The certificate of blocking.
    within
        The model constants that hold some process back where it blocks.
    lasso
        A fair run in which no process ever decides although some process still could.
    cycles
        All fair cycles in which no process has decided.
    disagreement
        A shortest schedule to two decisions.
    adversary
        The proof's adversary at work, from the first bivalent initial configuration.
    ending
        The processes that it silences when no detour is left, and the configuration.
    """

    case: Case
    verdict: FlpVerdict
    lemma1: Commutation
    lemma2: Beginning
    lemma3: Preservation
    gadgets: Gadgets
    gadget: Gadget | None
    criticals: Criticals | None
    blocking: BlockingCertificate | None
    within: tuple[Holdback, ...]
    lasso: Livelock | None
    cycles: tuple[Cycle, ...]
    disagreement: Schedule | None
    adversary: Play | None
    ending: BlockingCertificate | None

    @property
    def graph(self) -> StateGraph:
        """The graph."""
        return self.case.graph

    @property
    def why_lemma3_fails(self) -> str:
        """Which hypothesis of the theorem the protocol violates, where Lemma 3 fails; empty where it does not."""
        if not self.lemma3.failures:
            return ""
        if self.case.valence.disagreeing.any():
            return "the lemma assumes partial correctness, and the protocol disagrees"
        if self.lemma1.failures:
            return "the lemma rests on Lemma 1, and steps of different processes do not commute"
        number = self.lemma3.failing[0, 0]
        nearest = nearest_silence(self.case, int(number))
        if nearest is not None:
            pid = self.graph.system.names[nearest[0]]
            after = f" {nearest[1]} event{'s' if nearest[1] > 1 else ''} later" if nearest[1] else ""
            return f"the lemma assumes that one fault is tolerated, and{after} no process can decide without {pid}"
        if self.case.valence.none.any():
            return "the lemma assumes that some process always decides, and from some configurations none can"
        return "the search was cut before it reached the reason"


def tour(case: Case, verdict: FlpVerdict) -> TheoremResult:
    """Return what the theorem says about a protocol.

    Parameters
    ----------
    case
        The graph with its valence.
    verdict
        From `flp_verdict`.

    Raises
    ------
    InternalError
        If something contradicts the theorem.  Then the fault is in flpcheck.

    Examples
    --------
    >>> from flpcheck import asynchronous, load, system_of
    >>> from flpcheck.analyse.verdict import flp_verdict
    >>> from flpcheck.explore import explore
    >>> case = Case(explore(system_of(load("sequencer").protocol(), asynchronous(crashes=1))))
    >>> found = tour(case, flp_verdict(case))
    >>> found.blocking.because
    'after 1 event and with sequencer crashed no process can ever decide'
    """
    graph, valence = case.graph, case.valence
    lemma1 = commutation(graph, len(graph) if len(graph) <= EVERYWHERE else SAMPLE)
    lemma2 = beginning(valence, case.silent)
    lemma3 = verdict.lemma3 or preservation(valence)
    gadgets = Gadgets.of(valence, lemma3.labels)
    adversary = _adversary(case, lemma2, lemma3)
    blocking = certificate(case.silent)
    found = TheoremResult(
        case=case,
        verdict=verdict,
        lemma1=lemma1,
        lemma2=lemma2,
        lemma3=lemma3,
        gadgets=gadgets,
        gadget=gadgets.first(),
        criticals=criticals(case),
        blocking=blocking,
        within=holdbacks(graph, blocking.schedule, blocking.silent) if blocking is not None else (),
        lasso=_lasso(case),
        cycles=cycles(case),
        disagreement=shortest(graph, np.flatnonzero(valence.disagreeing)),
        adversary=adversary,
        ending=_ending(case, adversary),
    )
    _demand_what_is_proved(found)
    return found


def _lasso(case: Case) -> Livelock | None:
    """Return a cycle in which something happens if there is one, else a place where all may rest for ever."""
    component = undecided_component(case)
    found = None if component is None else livelock(case, component)
    if (found is None or not found.turn) and case.termination.endless is not None:
        return of_endless(case.graph, case.termination.endless)
    return found


def _adversary(case: Case, lemma2: Beginning, lemma3: Preservation) -> Play | None:
    """Return the adversary's play; None if no initial configuration is bivalent, values disagree, or no process steps.

    In a general protocol all that happens in bivalent configurations may be the world's doing.
    """
    no_steps = not len(lemma3.labels.events)
    if not lemma2.bivalent or no_steps or case.valence.disagreeing.any():
        return None
    return play(case.valence, lemma3.labels, case.graph.roots[lemma2.bivalent[0]])


def _ending(case: Case, adversary: Play | None) -> BlockingCertificate | None:
    """Return the nearest place after the stages from which, with some processes silenced, none can decide."""
    if adversary is None or adversary.stuck is None:
        return None
    graph, silent = case.graph, case.silent
    numbers = list(adversary.schedule.numbers)
    away = distances(graph, [numbers[-1]])
    best: tuple[int, int, tuple[int, ...], int] | None = None
    for silence in silent.allowed_silences:
        where = np.flatnonzero(silent.blocks_with(silence) & (away != UNREACHED))
        if len(where):
            nearest = int(where[away[where].argmin()])
            found = (int(away[nearest]), len(silence), silence, nearest)
            best = found if best is None else min(best, found)
    if best is None:
        return None
    rest = path_ids(graph, [best[3]], [numbers[-1]])
    whole = joined(graph, adversary.schedule, rest)
    return certificate_at(graph, list(whole.numbers), best[2], whole)


def nearest_silence(case: Case, number: int) -> tuple[int, int] | None:
    """Return the process without which no other can decide soonest after a configuration, and how many events later.

    None if there is no such process.
    """
    graph = case.graph
    away = distances(graph, [number])
    found: list[tuple[int, int]] = []
    for index in range(len(graph.system.names)):
        where = case.silent.dead_without(index) & (away != UNREACHED)
        if where.any():
            found.append((int(away[where].min()), index))
    if not found:
        return None
    later, index = min(found)
    return index, later


def _demand_what_is_proved(found: TheoremResult) -> None:
    """Raise `InternalError` unless everything is as proved, in the model of the theorem."""
    graph, case = found.graph, found.case
    if not graph.system.commutes:
        return
    wrong = []
    if found.lemma1.failures:
        wrong.append(f"Lemma 1 fails although steps are local: {found.lemma1.example}")
    pivots = np.concatenate((found.gadgets.forks, found.gadgets.hooks))
    for pivot in np.unique(pivots[:, 1]).tolist():
        numbers = pivots[pivots[:, 1] == pivot, 0]
        for number in numbers[case.silent.low((pivot,))[numbers] != 0].tolist()[:1]:
            name = graph.system.names[pivot]
            wrong.append(f"configuration {number} has pivot {name}, and yet something can be decided without it")
    lost = found.lemma3.failures and graph.complete and not case.valence.disagreeing.any()
    if lost and not any(case.silent.dead((i,)).any() for i in range(len(graph.system.names))):
        wrong.append("Lemma 3 fails although the protocol neither blocks nor disagrees")
    if wrong:
        advice = (
            "please report this with the spec, unless a gather guard asks whether a message is absent: that would "
            "explain it"
        )
        raise InternalError(f"{wrong[0]}, which contradicts the theorem", next_step=advice)


def theorem_on(found: Analysis) -> TheoremResult | None:
    """Return what the FLP theorem says about what was found.

    Returns
    -------
    Tour or None
        None in rounds, where all step together: the lemmas are about steps of single processes; and where the run had
        to end before it was known on which horn the protocol ends.

    Raises
    ------
    BadRequest
        If the protocol does not decide between two values: the theorem is about those that do.
    OutOfBudget
        If the run has to end before the lemmas are checked.
    """
    if not found.graph.deciding:
        advice = "name the outcome in a field `decision` of the local states, or use explore"
        raise NoDecider("FLP applies only to protocols in which some process decides", next_step=advice)
    if found.flp is None:
        values = ", ".join(str(value) for value in found.valence.values) or "none"
        raise BadRequest(
            "the theorem applies to protocols that decide between two values",
            why=f"decided here: {values}",
            next_step="fix inputs with --input so that two values are left, or use explore",
        )
    if found.graph.system.world.failures.misbehaving:
        raise BadRequest(
            "the lemmas are about processes that step or crash; here some are Byzantine, omit messages or run twice",
            why=f"the verdict here: {', '.join(found.flp.verdicts)} ({found.flp.because})",
            next_step="use explore for valence and critical configurations, or remove the options for faulty processes",
        )
    if found.flp.lemma1 is None:
        return None
    with stage("analyse", "checking the proof"):
        return tour(found.case, found.flp)
