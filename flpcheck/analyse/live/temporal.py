"""Judging temporal properties: each is a question for a fair run, by regions of the graph.

A run violates `leads_to(p, q)`, say, if it passes a configuration with p and stays where q is false from there on.
What one configuration or one step shows already, and what no schedule can bring about any more, needs no fair run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.blocked import reaches_the_frontier
from flpcheck.analyse.case import Case, shown
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.by_orbits import run_in, violation
from flpcheck.analyse.live.each_by_orbits import EachByOrbits
from flpcheck.analyse.live.fair import WHATEVER_COINS_SHOW, Witness, component_in, witness_of
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.live.truth import Truth, truths
from flpcheck.analyse.live.unheard import BECAUSE as UNHEARD
from flpcheck.analyse.live.unheard import MailReading, loses_for_ever, unanswered, violates
from flpcheck.analyse.paths import path_by, path_ids
from flpcheck.analyse.schedule import Schedule, schedule_of
from flpcheck.analyse.silence import BECAUSE, affording, silent_budget
from flpcheck.analyse.sweep import UNREACHED, backward, distances
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED, Property
from flpcheck.authoring.temporal import (
    ALWAYS_EVENTUALLY,
    EVENTUALLY,
    EVENTUALLY_ALWAYS,
    LEADS_TO,
    POSSIBLE,
    UNTIL,
    Temporal,
    phrase,
    refuse_nameless,
)
from flpcheck.budget import look
from flpcheck.explore.graph import Bools, Ints, StateGraph

REGIONS: dict[str, Callable[[MailReading, MailReading], dict[str, Any]]] = {
    EVENTUALLY: lambda p, _: {"stem": ~p.surely, "loop": ~p.surely, "musts": (~p.here,)},
    LEADS_TO: lambda p, q: {
        "stem": ~q.surely, "seeds": p.maybe & ~q.surely, "loop": ~q.surely, "musts": (~q.here,)
    },
    ALWAYS_EVENTUALLY: lambda p, _: {"loop": ~p.surely, "musts": (~p.here,)},
    EVENTUALLY_ALWAYS: lambda p, _: {"loop": np.ones(len(p.here), np.bool_), "musts": (~p.here,)},
    UNTIL: lambda p, q: {"stem": p.maybe & ~q.surely, "loop": p.maybe & ~q.surely, "musts": (~q.here,)},
}  # fmt: skip
"""Regions in which a fair run violates a property, in the words of `component_in`.

Mail on its way to a passive learner may be lost as soon as it is sent.  So a run that violates a property may visit
configurations whose predicates are as they should be only for letters that it loses then; a loop comes again and again
to where none of these is on its way.
"""


Ints32 = NDArray[np.int32]


def judge_temporal(case: Case, claim: Property) -> Finding:
    """Return whether every fair run is as a temporal property claims, with a run that is not.

    Cost: the predicates asked, and a search for fair components for each process that it is claimed for.
    """
    assert isinstance(claim, Temporal)
    refuse_nameless(claim)
    if case.graph.system.symmetry is not None and claim.each:
        return EachByOrbits(case, claim).judged()
    found, triggered, answered = list[Finding](), 0, 0
    for truth in truths(case.graph, claim):
        finding = _judged(case, claim, truth)
        if finding is not None and finding.verdict is VIOLATED and not finding.faulty:
            return finding
        found += [] if finding is None else [finding]
        weights = case.graph.weights if claim.operator == LEADS_TO else np.ones(len(truth.up), np.int64)
        triggered += int(weights[truth.p.here].sum())
        answered += int(weights[truth.p.here & truth.q.here].sum())
    if found:  # a run is the better example the fewer faults it needs
        return min(found, key=lambda finding: (finding.verdict is INCOMPLETE, len(finding.faulty)))
    return _held(case, claim, triggered, answered)


def _judged(case: Case, claim: Temporal, truth: Truth) -> Finding | None:
    """Return how a property fails for one process, or for all of them together; None if it does not."""
    graph = case.graph
    if claim.operator == POSSIBLE:
        return _impossible(graph, claim, truth)
    plain = truth._replace(p=MailReading.plain(truth.p.here), q=MailReading.plain(truth.q.here))
    broken = _broken_off(graph, claim, plain) if claim.operator == UNTIL else None
    if not truth.doubtful:
        return broken or _forbidden_run(graph, claim, truth)
    found = _shown_by(graph, claim, truth, lambda: broken)
    found = found or _shown_by(graph, claim, truth, lambda: _forbidden_run(graph, claim, truth))
    found = found or _shown_by(graph, claim, truth, lambda: _forbidden_run(graph, claim, plain))
    return found or (Finding(claim, INCOMPLETE, UNHEARD) if _may_fail(graph, claim, truth) else None)


def _shown_by(
    graph: StateGraph, claim: Temporal, truth: Truth, make: Callable[[], Finding | None]
) -> Finding | None:  # fmt: skip
    """Return a violation if its run is one although passive learners do not receive what is lost on its way."""
    found = make()
    if found is None or found.schedule is None or graph.system.renames_mail:
        return None
    p, q = truth.along(found.schedule)
    loop = len(p) - 1 if found.schedule.loop is None else found.schedule.loop
    if not violates(claim.operator, p, q, loop):
        return None
    return replace(found, trigger=unanswered(p, q, loop)) if claim.operator == LEADS_TO else found


def _may_fail(graph: StateGraph, claim: Temporal, truth: Truth) -> bool:
    """Whether some choice of what is lost on its way to passive learners may make a run one that is forbidden."""
    if claim.operator == UNTIL:
        bad = ~truth.p.surely & ~truth.q.surely
        inside = bad | truth.p.maybe & ~truth.q.surely
        away = distances(graph, [root for root in set(graph.roots) if inside[root]], inside)
        if (bad & (away != UNREACHED)).any():
            return True
    return truth.hidden or component_in(graph, **_region(graph, claim, truth), who=truth.who) is not None


def _forbidden_run(graph: StateGraph, claim: Temporal, truth: Truth) -> Finding | None:
    """Return a fair run that violates a property, by the regions of what it reads."""
    if graph.system.symmetry is not None:
        return _forbidden_by_orbits(graph, claim, truth)
    component = component_in(graph, **_region(graph, claim, truth), who=truth.who)
    if component is None:
        return Finding(claim, INCOMPLETE, BECAUSE) if truth.hidden else None
    if truth.hidden and component.faulty and not _stays_without(claim, truth, component):
        return Finding(claim, INCOMPLETE, BECAUSE)
    return shown(claim, VIOLATED, int(component.numbers[0]), lambda: _run(graph, claim, truth, component))


def _forbidden_by_orbits(graph: StateGraph, claim: Temporal, truth: Truth) -> Finding | None:
    """Return the same in a quotient by symmetries."""
    asked, found = run_in(graph, _region(graph, claim, truth))
    if truth.hidden and (found is None or found.faults):
        return Finding(claim, INCOMPLETE, BECAUSE)
    return None if found is None else violation(graph, claim, asked, found, _missing(graph, claim, truth, None))


def _region(graph: StateGraph, claim: Temporal, truth: Truth) -> dict[str, Any]:
    """Return the region of a property; where a loop loses no mail of learners, its predicates are what they are."""
    region = REGIONS[claim.operator](truth.p, truth.q)
    if claim.operator == EVENTUALLY_ALWAYS or (truth.doubtful and loses_for_ever(graph)):
        return region
    goal = truth.p if claim.operator in {EVENTUALLY, ALWAYS_EVENTUALLY} else truth.q
    return region | {"loop": region["loop"] & ~goal.here, "musts": ()}


def _stays_without(claim: Temporal, truth: Truth, component: FairComponent) -> bool:
    """Whether a run stays where it violates a property even if its faulty processes have crashed by then."""
    after = truth.silenced(component.numbers, component.faulty)
    region = REGIONS[claim.operator](after.p, after.q)
    musts = region.get("musts", ())
    return bool(region["loop"].all() and all(must.any() for must in musts))


def _run(graph: StateGraph, claim: Temporal, truth: Truth, component: FairComponent) -> Finding:
    region = REGIONS[claim.operator](truth.p, truth.q)
    around = {name: region[name] for name in ("stem", "seeds") if name in region}
    witness: Witness = witness_of(graph, component, **around)
    trigger = _trigger(witness.schedule, region) if claim.operator == LEADS_TO else None
    faulty = tuple(graph.system.names[index] for index in component.faulty)
    without = f", with {' and '.join(faulty)} faulty" if faulty else ""
    coins = f" {WHATEVER_COINS_SHOW}" if graph.system.tosses else ""
    because = f"{_missing(graph, claim, truth, trigger)}{coins}{without}, {witness.fair}"
    return Finding(claim, VIOLATED, because, witness.schedule, faulty, trigger=trigger)


def _trigger(schedule: Schedule, region: dict[str, Any]) -> int | None:
    """Return the position of the configuration from which on what is owed never comes; None if ids are not known."""
    numbers = schedule.numbers
    for place in range(len(numbers) - 1, -1, -1):
        if not region["stem"][numbers[place]]:
            return next(at for at in range(place + 1, len(numbers)) if region["seeds"][numbers[at]])
    return next((at for at, number in enumerate(numbers) if region["seeds"][number]), None)


def _missing(graph: StateGraph, claim: Temporal, truth: Truth, trigger: int | None) -> str:
    """Say what does not happen in a run that violates a property."""
    p, q = (f"'{phrase(predicate)}'" for predicate in (claim.predicate, claim.then or claim.predicate))  # type: ignore[arg-type]
    said = {
        EVENTUALLY: f"{p} is never true in this run",
        LEADS_TO: f"{p} is true{_after(trigger)}, and {q} never is from there on",
        ALWAYS_EVENTUALLY: f"{p} is never true again",
        EVENTUALLY_ALWAYS: f"{p} never stays true",
        UNTIL: f"{q} is never true in this run",
        POSSIBLE: f"from here {p} can never be true",
    }[claim.operator]
    return "".join(f"for {graph.system.names[index]}, " for index in truth.who) + said


def _after(trigger: int | None) -> str:
    if trigger is None:
        return ""
    return f" after event {trigger}" if trigger else " at the start"


def _broken_off(graph: StateGraph, claim: Temporal, truth: Truth) -> Finding | None:
    """Return the nearest configuration in which p is false before q was ever true, and whom it is about is up.

    While that process is down, p counts as false; if it comes back, that is to be seen in the first one where it is up.
    """
    p, q = truth.p.here, truth.q.here
    waiting, bad = p & ~q, ~p & ~q
    inside = waiting | bad
    away = distances(graph, [root for root in set(graph.roots) if inside[root]], inside)
    broken = bad & (away != UNREACHED)
    numbers, said = np.flatnonzero(broken & truth.up), "is false here"
    way = partial(path_by, graph, away, numbers)
    if not len(numbers):
        down = np.flatnonzero(broken)
        since = distances(graph, down.tolist())
        numbers, said = np.flatnonzero(truth.up & (since != UNREACHED)), "counts as false while it is down"
        way = partial(_way_back, graph, away, since, numbers)
    if not len(numbers):
        return None
    because = f"'{phrase(claim.predicate)}' {said}, and '{phrase(claim.then)}' was never true"  # type: ignore[arg-type]
    because = "".join(f"for {graph.system.names[index]}, " for index in truth.who) + because
    because = f"{because} before" if said.endswith("down") else because
    if truth.hidden:
        because = f"{because}, though no process has crashed"
    return shown(claim, VIOLATED, int(numbers[0]), lambda: Finding(claim, VIOLATED, because, schedule_of(graph, way())))


def _way_back(graph: StateGraph, away: Ints32, since: Ints32, numbers: Ints) -> list[int]:
    """Return a way into a configuration in which a process is down, and on to the nearest in which it is up again."""
    back = path_by(graph, since, numbers)
    return [*path_by(graph, away, back[:1])[:-1], *back]


def _impossible(graph: StateGraph, claim: Temporal, truth: Truth) -> Finding | None:
    """Return the nearest configuration from which no schedule leads to p, with the fewest silent processes."""
    unknown = reaches_the_frontier(graph)
    for silent in _silences(graph, truth.who):
        allowed = ~np.isin(graph.movers, silent) if silent else None
        lost = (
            (backward(graph, truth.p.here.astype(np.uint64), allowed) == 0)
            & truth.up
            & ~unknown
            & affording(graph, silent)
        )
        if not lost.any():
            continue
        if truth.hidden:  # a crash, which no configuration shows, may make p true
            return Finding(claim, INCOMPLETE, BECAUSE)
        names = tuple(graph.system.names[index] for index in silent)
        because = _missing(graph, claim, truth, None) + f", once {' and '.join(names)} crashed" * bool(silent)
        return shown(claim, VIOLATED, int(lost.argmax()), lambda: _lost(graph, claim, lost, because, names))  # noqa: B023
    return Finding(claim, INCOMPLETE, BECAUSE) if truth.hidden else None


def _lost(graph: StateGraph, claim: Temporal, lost: Bools, because: str, silent: tuple[str, ...]) -> Finding:
    return Finding(claim, VIOLATED, because, schedule_of(graph, path_ids(graph, np.flatnonzero(lost))), silent)


def _silences(graph: StateGraph, who: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the choices of processes that may have fallen silent, the fewest first; none of whom it is about."""
    crashable = [index for index in graph.system.crashable if index not in who]
    for size in range(silent_budget(graph.system.world) + 1):
        for silent in combinations(crashable, size):
            look()
            yield silent


def _held(case: Case, claim: Temporal, triggered: int, answered: int) -> Finding:
    """Return that a property holds, as far as the search went, and whether anything ever depended on it."""
    found = case.safe(claim)
    if found.verdict is not HOLDS:
        return found
    idle = _never_depended(case.graph, claim, triggered)
    because = f"holds vacuously: {idle}" if idle else _exercised(claim, triggered, answered)
    if case.graph.system.tosses and claim.operator != POSSIBLE:
        because = "; ".join(filter(None, ["with probability one, under every fair scheduler", because]))
    return Finding(claim, HOLDS, because, vacuous=bool(idle))


def _never_depended(graph: StateGraph, claim: Temporal, triggered: int) -> str:
    """Say why nothing ever depended on a property; empty if something did."""
    if claim.operator != POSSIBLE and not _has_fair_run(graph):
        return "no run is fair in this world"
    never = claim.operator == LEADS_TO and not triggered
    return f"'{phrase(claim.predicates[0])}' is never true" if never else ""


def _has_fair_run(graph: StateGraph) -> bool:
    """Whether any run is fair; asked once for each graph."""
    if "a fair run" not in graph.tables:
        everywhere = np.ones(len(graph), np.bool_)
        search = (
            component_in(graph, loop=everywhere) if graph.system.symmetry is None else _by_orbits(graph, everywhere)
        )
        graph.tables["a fair run"] = search is not None
    return bool(graph.tables["a fair run"])


def _by_orbits(graph: StateGraph, where: Bools) -> object | None:
    """Return where a fair run stays in a region of orbits."""
    _, found = run_in(graph, {"loop": where})
    return found


def _exercised(claim: Temporal, triggered: int, answered: int) -> str:
    """Say how often an obligation arose, and how often it was met at once."""
    if claim.operator != LEADS_TO:
        return ""
    p, q = map(phrase, claim.predicates)
    each = ", counted for each process" if claim.each else ""
    return f"'{p}' is true in {triggered:,} configurations, and '{q}' at once in {answered:,}{each}"
