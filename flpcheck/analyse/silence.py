"""Predicates of authors in worlds where crashes are elided: what they may say about crashed processes.

With elided crashes no configuration shows a crash.  The configurations that have one with explicit crashes are those
of this graph with some states and mailboxes gone, as many as there may be crashes; so the predicate is asked in these,
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.answers import PredicateAnswers
from flpcheck.analyse.asking import AskedPredicate
from flpcheck.analyse.state_reads import PredicateReads
from flpcheck.analyse.sweep import popcount
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Reading, View
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import System
from flpcheck.world import World

BECAUSE = "it depends on which processes have crashed, and crashes are elided here: use --crash-events explicit"


def silent_budget(world: World) -> int:
    """Return how many processes may silently stop: the crashes, where they are not events of the graph."""
    failures = world.failures
    return failures.crashes if failures.events == "elided" else 0


def spent_crashes(graph: StateGraph) -> NDArray[np.int64] | int:
    """int64[n]: how many of the crashes processes have used that are dead from the start; named ones use none.

    Crashes are elided in no world whose processes are faulty in another way, so all that are marked are dead.
    """
    dead = graph.system.world.failures.initially_dead
    return popcount(graph.marks.crashed).astype(np.int64) if isinstance(dead, int) and dead else 0


def affording(graph: StateGraph, silent: Sequence[int]) -> Bools | bool:
    """bool[n]: where some processes may have fallen silent, beside those that are dead from the start."""
    return True if not silent else spent_crashes(graph) + len(silent) <= silent_budget(graph.system.world)


class _Without(Mapping[Any, Any]):
    """A mapping by process without the entries of some."""

    def __init__(self, inner: Mapping[Any, Any], gone: frozenset[Pid]) -> None:
        self._inner, self._gone = inner, gone

    def __getitem__(self, name: Any) -> Any:
        if name in self._gone:
            raise KeyError(name)
        return self._inner[name]

    def __iter__(self) -> Iterator[Any]:
        return (name for name in self._inner if name not in self._gone)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Unread(_Without):
    """Mailboxes, those of some processes empty."""

    def __getitem__(self, name: Any) -> Any:
        return () if name in self._gone else self._inner[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inner)


class _SilentView(View[Any]):
    """A view in which some processes have crashed."""

    def each(self, reading: Reading) -> dict[Any, Any]:
        """Return what a reading finds in those that are left."""
        view, gone = object.__getattribute__(self, "_view"), object.__getattribute__(self, "_gone")
        return {pid: value for pid, value in view.each(reading).items() if pid not in gone}

    def backwards(self) -> View[Any]:
        """Return the view with its sets and mappings in the opposite order."""
        return silenced(object.__getattribute__(self, "_view").backwards(), object.__getattribute__(self, "_gone"))

    def choices(self) -> Iterator[View[Any]]:
        """Yield the view for each choice of decisions."""
        gone = object.__getattribute__(self, "_gone")
        return (silenced(one, gone) for one in object.__getattribute__(self, "_view").choices())


def silenced(view: View[Any], gone: frozenset[Pid]) -> View[Any]:
    """Return the view with these processes crashed, too.

    Examples
    --------
    >>> view = View({"a": 1, "b": 2}, {"a": 0}, frozenset(), {}, {"a": (), "b": ()})
    >>> after = silenced(view, frozenset({"a"}))
    >>> dict(after.states), dict(after.outputs), sorted(after.crashed)
    ({'b': 2}, {'a': 0}, ['a'])
    """
    made = _SilentView(
        states=_Without(view.states, gone),
        outputs=view.outputs,
        crashed=view.crashed | gone,
        inputs=view.inputs,
        mail=_Unread(view.mail, gone),
        observers=view.observers,
        faulty=view.faulty | gone,
        several=view.several,
    )
    for name, value in (("_view", view), ("_gone", gone)):
        object.__setattr__(made, name, value)
    return made


def silent_views(system: System, view: Any) -> Iterator[View[Any]]:
    """Yield what a configuration looks like when processes have silently crashed; nothing where crashes are events.

    Of a general protocol nothing either: its properties never see who has crashed.
    """
    budget = silent_budget(system.world)
    if not budget or not isinstance(view, View):
        return
    dead = len(view.crashed) if isinstance(system.world.failures.initially_dead, int) else 0
    left = [system.names[index] for index in system.crashable if system.names[index] not in view.crashed]
    for size in range(1, budget - dead + 1):
        yield from (silenced(view, frozenset(chosen)) for chosen in combinations(left, size))


def depends_on_crashes(
    system: System, columns: Any, predicate: AskedPredicate, reads: PredicateReads, *, wanted: bool
) -> bool:  # fmt: skip
    """Return whether a predicate gives an answer where some processes are silent that it gives nowhere else.

    Parameters
    ----------
    system, columns
        What was explored, and its configurations.
    predicate
        What is asked; it has not answered `wanted` in any of the configurations.
    reads
        Looks at what it reads.
    wanted
        The answer.
    """
    if not silent_budget(system.world):
        return False

    def ask(view: Any, number: int) -> bool:
        return reads.during(view, lambda noting: asked(noting, number))

    def asked(view: Any, number: int) -> bool:
        return any(predicate.holds_in(after, number) is wanted for after in silent_views(system, view))

    if isinstance(columns, Columned):
        return bool(PredicateAnswers(system, predicate.claim.predicate).of(columns, ask).any())
    return any(ask(system.view(configuration), number) for number, configuration in enumerate(columns))
