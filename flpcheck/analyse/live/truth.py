"""Truth of the predicates of a temporal property, for each process that it is claimed for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from flpcheck.analyse.answers import PredicateAnswers
from flpcheck.analyse.blind import refuse_if_it_tells_apart
from flpcheck.analyse.claims import PredicateDetector
from flpcheck.analyse.live.unheard import MailReading, as_received, columns_of, learners_of
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.silence import silenced as silenced_view
from flpcheck.analyse.silence import silent_budget, silent_views
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, View
from flpcheck.authoring.temporal import LEADS_TO, Predicate, Temporal
from flpcheck.errors import BadProperty, nearest
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools, Ints, StateGraph
from flpcheck.system import System


class Truth(NamedTuple):
    """Configurations in which the predicates are true.

    Parameters
    ----------
    p, q
        Where the first and the second one are; where the process is down, neither.  Without a second one, `q` is
        true nowhere.
    who
        The process that it is about, by index; none if it is about all of them together.
    up
        bool[n]: where that process is up.
    hidden
        Whether a predicate answers differently once processes have crashed, which no configuration shows.
    silenced
        `silenced(numbers, gone)`: the same in some configurations, once these processes have crashed.
    along
        `along(schedule)`: for each predicate, whether it is true in each configuration of a lasso, if passive
        learners have not received what is lost on its way.
    """

    p: MailReading
    q: MailReading
    who: tuple[int, ...]
    up: Bools
    hidden: bool
    silenced: Callable[[Ints, tuple[int, ...]], Truth]
    along: Callable[[Schedule], Sequence[list[bool]]]

    @property
    def doubtful(self) -> bool:
        """Whether a predicate depends on which letters on their way to a passive learner will be lost."""
        return self.p.doubtful or self.q.doubtful


def truths(graph: StateGraph, claim: Temporal) -> Iterator[Truth]:
    """Yield where the predicates of a property are true, for each process that it is claimed for.

    Cost: one question for each combination of what a predicate reads, and for each process.

    Raises
    ------
    BadProperty
        If it is claimed for a process that does not exist, or there is none that it could be claimed for.
    """
    everywhere = np.ones(len(graph), np.bool_)
    if not claim.each:
        yield _truth(graph, claim, None, everywhere)
        return
    for pid in processes_of(graph, claim):
        index = graph.system.names.index(pid)
        up = graph.marks.crashed >> np.uint64(index) & np.uint64(1) == 0
        yield _truth(graph, claim, pid, up)


def processes_of(graph: StateGraph, claim: Temporal) -> list[Pid]:
    """Return the processes that a property is claimed for: by default those that have a local state."""
    names = graph.system.names
    for pid in claim.among:
        if pid not in names:
            raise BadProperty(f"{claim.name} is claimed for {pid!r}", place=claim.place, why=nearest(pid, names))
    views = [graph.system.view(graph.configurations[root]) for root in dict.fromkeys(graph.roots)]
    found = [pid for pid in claim.among or names if any(_is_there(view, pid) for view in views)]
    if not found:
        what = f"{claim.name} is claimed for each process, and none has a local state"
        raise BadProperty(what, place=claim.place, next_step="claim it without for_each")
    return found


def _is_there(view: Any, pid: Pid) -> bool:
    """Whether a process has a local state; a general protocol's processes are always there."""
    return not isinstance(view, View) or pid in view.states


def _truth(graph: StateGraph, claim: Temporal, pid: Pid | None, up: Bools) -> Truth:
    detectors = [detector_of(graph.system, claim, predicate, pid) for predicate in claim.predicates]
    for detector in detectors:
        refuse_if_it_tells_apart(graph, detector.predicate)
    columns = columns_of(graph)
    where = [_reading(graph, detector, columns, up) for detector in detectors]
    hidden = any(differs_when_silent(graph, detector, columns, pid) for detector in detectors)
    for detector in detectors:
        detector.predicate.confirm()
    who = () if pid is None else (graph.system.names.index(pid),)
    never = MailReading.plain(np.zeros(len(graph), np.bool_))

    def along(schedule: Schedule) -> Sequence[list[bool]]:
        views = [graph.system.view(here) for here in as_received(graph, schedule)]
        found = [[pid not in view.crashed and each.holds_in(view, 0) for view in views] for each in detectors]
        return [*found, [False] * len(views)][:2]

    def silenced(numbers: Ints, gone: tuple[int, ...]) -> Truth:
        names = frozenset(graph.system.names[index] for index in gone)
        views = [silenced_view(graph.system.view(graph.configurations[n]), names) for n in numbers.tolist()]
        found = [
            np.array([detector.holds_in(view, n) for view, n in zip(views, numbers, strict=True)], np.bool_)
            for detector in detectors
        ]
        p, q = [*map(MailReading.plain, found), MailReading.plain(np.zeros(len(numbers), np.bool_))][:2]
        return Truth(p, q, who, up[numbers], hidden, silenced, along)

    p, q = [*where, never][:2]
    return Truth(p, q, who, up, hidden, silenced, along)


def detector_of(system: System, claim: Temporal, predicate: Predicate, pid: Pid | None) -> PredicateDetector:
    """Return what asks a predicate everywhere.

    Of a passive learner with several decisions each is shown; what is to trigger an obligation need be true of one,
    anything else of all.
    """
    triggers = claim.operator == LEADS_TO and predicate is claim.predicate
    kind = "sometimes" if triggers else "invariant"
    asked = Property(claim.name, claim.statement, _of_process(predicate, pid), kind, claim.place)
    return PredicateDetector(system, asked)


def _reading(graph: StateGraph, detector: PredicateDetector, columns: Any, up: Bools) -> MailReading:
    """Return where a predicate is true; only if it reads outputs of passive learners do their letters matter."""
    here = where_true(detector, columns) & up
    reads = any(detector.reads("outputs", owner) for owner in learners_of(graph))
    return MailReading.of(graph, here) if reads else MailReading.plain(here)


def where_true(detector: PredicateDetector, columns: Any) -> Bools:
    """bool[n]: where a predicate is true."""
    met = detector.everywhere(columns)
    return met if detector.wanted else ~met


def _of_process(predicate: Predicate, pid: Pid | None) -> Callable[[Any], bool]:
    if pid is None:
        return predicate
    return lambda view: _is_there(view, pid) and predicate(view, pid)


def differs_when_silent(graph: StateGraph, detector: PredicateDetector, columns: Any, pid: Pid | None) -> bool:
    """Return whether a predicate answers differently where processes, other than its own, have silently crashed."""
    system = graph.system
    if not silent_budget(system.world):
        return False

    def ask(view: Any, number: int) -> bool:
        here = detector.holds_in(view, number)
        others = (after for after in silent_views(system, view) if pid not in after.crashed)
        return any(detector.holds_in(after, number) is not here for after in others)

    if isinstance(columns, Columned):
        return bool(PredicateAnswers(system).of(columns, ask).any())
    return any(ask(system.view(configuration), number) for number, configuration in enumerate(columns))
