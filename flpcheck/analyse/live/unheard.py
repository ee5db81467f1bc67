"""Mail that is lost on its way to a passive learner: it never arrived, so what it would have decided was not decided.

A passive learner decides by its whole mailbox, in which a letter on its way looks like one that has arrived.  Which it
is, the rest of the run says: a letter that is lost later had not arrived, and any other counts from when it was sent.
So a predicate that reads the outputs of a learner has in each configuration several answers, one for each choice of
letters that may still be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.sweep import backward
from flpcheck.authoring.temporal import ALWAYS_EVENTUALLY, EVENTUALLY, EVENTUALLY_ALWAYS, LEADS_TO
from flpcheck.explore.columned import Columned, in_columns
from flpcheck.explore.graph import Bools, StateGraph
from flpcheck.system import WORLD, Configuration
from flpcheck.world import UNLIMITED
from flpcheck.world.fairness import STRONG
from flpcheck.world.network import Envelope

BECAUSE = (
    "it depends on when mail reaches a passive learner that the network may lose: make the learner a process that "
    "receives it"
)


class MailReading(NamedTuple):
    """Configurations in which a predicate is true, by which letters on their way to passive learners count as received.

    Parameters
    ----------
    here
        bool[n]: if all of them do.
    surely
        bool[n]: whichever of those that may be lost do.
    maybe
        bool[n]: for some choice of them.
    """

    here: Bools
    surely: Bools
    maybe: Bools

    @classmethod
    def plain(cls, here: Bools) -> MailReading:
        """Return the reading of a predicate of which no loss changes anything."""
        return cls(here, here, here)

    @classmethod
    def of(cls, graph: StateGraph, here: Bools) -> MailReading:
        """Return the reading of a predicate, given where it is true if everything on its way counts as received."""
        losses = losing(graph)
        if losses is None:
            return cls.plain(here)
        reached = backward(graph, np.where(here, np.uint64(1), np.uint64(2)), losses)
        return cls(here, reached == 1, reached & np.uint64(1) != 0)

    @property
    def doubtful(self) -> bool:
        """Whether some configuration has more than one answer."""
        return self.surely is not self.maybe and bool((self.surely != self.maybe).any())


def learners_of(graph: StateGraph) -> list[int]:
    """Return the passive learners, by index."""
    parts = graph.system.plain.components
    return [] if parts is None else [seat.index for seat in parts.seats if seat.asker is None]


def columns_of(graph: StateGraph) -> Any:
    """Return the configurations column by column, where that can be, so that each combination is asked once."""
    if "columns" not in graph.tables:
        graph.tables["columns"] = in_columns(graph.configurations)
    return graph.tables["columns"]


def losing(graph: StateGraph) -> Bools | None:
    """bool[m]: the transitions that lose a letter on its way to a passive learner; None where there are none.

    Cost: a pass over the transitions for each learner, once; nothing in worlds without losses.
    """
    if "losing" not in graph.tables:
        graph.tables["losing"] = _losing(graph) if graph.system.world.network.loss else None
    found: Bools | None = graph.tables["losing"]
    return found


def _losing(graph: StateGraph) -> Bools | None:
    found = np.zeros(len(graph.targets), np.bool_)
    columns = columns_of(graph)
    for owner in learners_of(graph):
        assert isinstance(columns, Columned)
        members, which = columns.members(owner)
        size = np.array([len(member.mailbox) for member in members], np.int64)[which][columns.column(owner)]
        for sources, edges in graph.pieces():
            shrinks = size[graph.targets[edges]] < size[sources]
            found[edges] |= shrinks & (graph.movers[edges] == WORLD)
    return found if found.any() else None


def loses_for_ever(graph: StateGraph) -> bool:
    """Return whether a fair run may lose mail on its way to passive learners again and again.

    Where letters are owed strongly, one that is sent again and again is received, and a learner keeps what it receives.
    """
    world = graph.system.world
    return world.network.loss == UNLIMITED and not _strong_letters(graph) and losing(graph) is not None


def kept_for_ever(graph: StateGraph) -> Bools | None:
    """bool[m]: the transitions that a fair run may take for ever, as far as passive learners matter; None for all."""
    losses = losing(graph) if _strong_letters(graph) else None
    return None if losses is None else ~losses


def _strong_letters(graph: StateGraph) -> bool:
    world = graph.system.world
    return world.network.fair_loss == "letters" or world.fairness.letters == STRONG


def as_received(graph: StateGraph, schedule: Schedule) -> list[Configuration]:
    """Return the configurations of a lasso with what learners have received by then, without what is lost later.

    Parameters
    ----------
    graph
        The graph; not of a quotient, in which the loop does not come back to where it began.
    schedule
        The lasso, or a run that rests where it ends.
    """
    parts = graph.system.plain.components
    assert parts is not None
    found = [list(here.components) for here in schedule.configurations]
    for owner in learners_of(graph):
        boxes = [Counter(components[owner].mailbox) for components in found]
        for place, box in enumerate(_received(boxes, schedule)):
            left = tuple(_in_order(found[place][owner].mailbox, box))
            found[place][owner] = parts.component(owner, found[place][owner].local, left)
    pairs = zip(schedule.configurations, found, strict=True)
    return [here._replace(components=tuple(components)) for here, components in pairs]


def _received(boxes: Sequence[Counter[Envelope]], schedule: Schedule) -> list[Counter[Envelope]]:
    """Return what stays of each mailbox: of the last one what a further turn of the loop does not lose."""
    found = list(boxes)
    for _ in range(2 + sum(boxes[-1].values())):
        for place in range(len(boxes) - 2, -1, -1):
            found[place] = boxes[place] & found[place + 1]
        if schedule.loop is None or found[schedule.loop] == found[-1]:
            break
        found[-1] = found[schedule.loop]
    return found


def _in_order(mailbox: Iterable[Envelope], kept: Counter[Envelope]) -> Iterable[Envelope]:
    left = Counter(kept)
    for envelope in mailbox:
        if left[envelope]:
            left[envelope] -= 1
            yield envelope


def violates(operator: str, p: Sequence[bool], q: Sequence[bool], loop: int) -> bool:
    """Return whether a lasso is a run that a temporal property forbids, given where its predicates are true.

    Parameters
    ----------
    operator
        The operator; any but `possible_from_everywhere`.
    p, q
        The answers of the predicates, in each configuration.
    loop
        The position from which on the configurations are visited again and again.

    Examples
    --------
    >>> violates(LEADS_TO, [True, False], [True, False], 1), violates(LEADS_TO, [False, True], [True, False], 1)
    (False, True)
    """
    if operator == EVENTUALLY:
        return not any(p)
    if operator == ALWAYS_EVENTUALLY:
        return not any(p[loop:])
    if operator == EVENTUALLY_ALWAYS:
        return not all(p[loop:])
    if operator == LEADS_TO:
        return unanswered(p, q, loop) is not None
    first = next((place for place, true in enumerate(q) if true), len(q))
    return first == len(q) or not all(p[:first])


def unanswered(p: Sequence[bool], q: Sequence[bool], loop: int) -> int | None:
    """Return the first position where p is true and q is neither then nor later; None if there is none."""
    last = max((place for place, true in enumerate(q) if true), default=-1)
    if last >= loop:
        return None
    return next((place for place in range(last + 1, len(p)) if p[place]), None)
