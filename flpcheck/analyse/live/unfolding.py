"""Parts of a quotient by symmetries as parts of the plain graph: each orbit is unfolded into all that it stands for.

Names change along the transitions of such a quotient, so whom a run starves, and who never decides in it, is not read
from it.  But a run that stays in a set of configurations for ever goes round a strongly connected component, and the
orbits that it passes are one, too.  So only those components of the quotient are unfolded that have a cycle where a run
may stay; whether a run is fair there is found in the plain graph, by whatever it owes to its processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.lasso import way_into
from flpcheck.analyse.live.asked import AskedTable
from flpcheck.analyse.live.components import Decomposer
from flpcheck.analyse.live.demands import DemandBook
from flpcheck.analyse.live.loop import shortest_loop
from flpcheck.analyse.live.renamed_loop import RenamedWalk, confirm_fair
from flpcheck.analyse.live.rows import is_deterministic, moving
from flpcheck.analyse.live.search import FairComponent, FairSearch, Region, table_of
from flpcheck.analyse.live.threads import owed_at_rest
from flpcheck.analyse.paths import path_by
from flpcheck.analyse.schedule import Schedule, confirm, schedule_of, steps_along
from flpcheck.analyse.sweep import UNREACHED, distances, popcount
from flpcheck.budget import grace, kept, looking
from flpcheck.errors import InternalError
from flpcheck.explore.graph import Bools, Ints, Masks, StateGraph
from flpcheck.reduce import lifted
from flpcheck.system import Transition


class Unfolding(NamedTuple):
    """Some orbits, as a part of the plain graph.

    Parameters
    ----------
    graph
        The plain configurations, and last a place that stands for all others.
    origin
        int64[k]: of which orbit each is one.
    """

    graph: StateGraph
    origin: Ints

    @classmethod
    def of(cls, graph: StateGraph, members: Ints) -> Unfolding:
        """Return some configurations of a quotient by symmetries with all that they stand for.

        Cost: each of these is asked once for its transitions.
        """
        symmetry = graph.system.symmetry
        assert symmetry is not None
        numbers, origin = dict[object, int](), list[int]()
        for member in looking(members.tolist(), every=16):
            for image in symmetry.orbit(graph.configurations[member]):
                if image not in numbers:
                    numbers[image] = len(numbers)
                    origin.append(member)
        plain, outside = symmetry.below, len(numbers)
        targets, movers, counts = list[int](), list[int](), list[int]()
        for here in looking(numbers, every=16):
            steps = list(plain.transitions(here))
            targets += [numbers.get(step.successor, outside) for step in steps]
            movers += [step.mover for step in steps]
            counts.append(len(steps))
        part = StateGraph(
            system=plain,
            configurations=[*numbers, next(iter(numbers))],
            initial=(),
            roots=(),
            cut=None,
            offsets=np.array([0, *np.cumsum([*counts, 0]).tolist()], np.int64),
            targets=np.array(targets, np.int32),
            movers=np.array(movers, np.int16),
            parent=np.full(outside + 1, -1, np.int32),
            depth=np.append(graph.depth[origin], 0).astype(np.int32),
            frontier=np.arange(outside + 1) == outside,
        )
        return cls(part, np.array(origin, np.int64))

    def spread(self, where: Bools) -> Bools:
        """bool[k + 1]: the plain configurations of some orbits."""
        return np.append(where[self.origin], False)


class OrbitRegion(NamedTuple):
    """A region of runs that violate a property, in a quotient by symmetries.

    Parameters
    ----------
    area
        bool[n]: the orbits with a configuration in which it may stay, as far as they can be reached.
    plain
        `plain(part)`: the regions in an unfolded part.
    seeds, stem
        As for `lasso_of`, by orbits.
    """

    area: Bools
    plain: Callable[[Unfolding], Sequence[Region]]
    seeds: Bools | None = None
    stem: Bools | None = None


class UnfoldedRun(NamedTuple):
    """Fair components of an unfolded part, all with as few faulty processes as any.

    Parameters
    ----------
    part
        The part.
    members
        The orbits that were unfolded.
    components
        Its components: with one, all its images are among them.
    """

    part: Unfolding
    members: Ints
    components: list[FairComponent]

    @property
    def faults(self) -> int:
        """The number of faulty processes."""
        return len(self.components[0].faulty)


def fair_run(graph: StateGraph, region: OrbitRegion) -> UnfoldedRun | None:
    """Return where an admissible run may stay in a region, with the fewest faulty processes; None if there is none.

    Cost: that of unfolding the cycles of the region, and of the search for fair components there.
    """
    best: UnfoldedRun | None = None
    with kept(lambda: best):
        for bound, members in _places(graph, region):
            if best is not None and best.faults <= bound:
                continue
            part = Unfolding.of(graph, members)
            found = [run for plain in region.plain(part) for run in _fair_in(part, plain)]
            least = min((len(component.faulty) for component in found), default=None)
            if least is not None and (best is None or least < best.faults):
                best = UnfoldedRun(part, members, [run for run in found if len(run.faulty) == least])
    return best


def _places(graph: StateGraph, region: OrbitRegion) -> Iterator[tuple[int, Ints]]:
    """Yield the sets of orbits that a run may stay in, each with a number of faulty processes that it needs at least.

    They are single ones in which it may rest, and strongly connected components with a cycle.
    """
    numbers = np.flatnonzero(region.area & ~graph.frontier)
    table = OrbitTable(graph)
    search = FairSearch(graph, Region(region.area.astype(np.uint64), (0,)), table)
    owed = table.pending(numbers) & ~graph.marks.crashed[numbers]
    for count in range(search.budget + 1):
        if not count:
            yield from ((0, members) for members in Decomposer(graph).cycles(numbers))
        some = popcount(owed) == count
        for number, faulty in looking(zip(numbers[some].tolist(), owed[some].tolist(), strict=True)):
            if search.affords(faulty, number):
                yield count, np.array([number], np.int64)


def _fair_in(part: Unfolding, region: Region) -> list[FairComponent]:
    search = FairSearch(part.graph, region)
    rests = search.rests()
    return [*rests.components(region, np.ones(len(rests.numbers), np.bool_)), *search.cycles()]


class OrbitTable(AskedTable):
    """The demands of a representative, found by asking the plain system, in which names do not change."""

    def __init__(self, graph: StateGraph) -> None:
        super().__init__(graph)
        assert graph.system.symmetry is not None
        self.book = DemandBook(graph.system.symmetry.below)

    def pending(self, numbers: Ints) -> Masks:
        """uint64[k]: the owners of demands that a run which stays in a configuration for ever leaves unmet."""
        plain = self.book.system
        tells = plain.separate and plain.components is not None and is_deterministic(self.graph)
        return moving(self.graph)[numbers] if tells else super().pending(numbers)

    def _pending(self, number: int) -> int:
        if self.book.system.renames_mail:
            return owed_at_rest(self.book.system, self.graph.configurations[number], lucky=False)
        return super()._pending(number)


def run_of(graph: StateGraph, region: OrbitRegion, found: UnfoldedRun) -> tuple[Schedule, FairComponent]:
    """Return a run of the plain system into a fair component and round it, and the component that it goes round.

    The orbits of a way into the unfolded part are lifted; from where that ends, some image of the component can be
    reached, since the orbits are strongly connected.
    """
    with grace():
        target = FairComponent(found.members, (), ())
        ids = way_into(graph, target, region.seeds, region.stem)
        straight, part = schedule_of(graph, ids), found.part.graph
        last = straight.configurations[-1]
        component, way, loop = _onward(found, part.configurations.index(part.system.representative(last)))
        there, steps = lifted(part.system, last, steps_along(part, way))
        entered = Schedule(straight.initial, (*straight.configurations, *there), (*straight.transitions, *steps))
        confirm_fair(part, entered, loop, component)
        there, steps = lifted(part.system, entered.configurations[-1], loop)
        whole = Schedule(
            straight.initial,
            (*entered.configurations, *there),
            (*entered.transitions, *steps),
            len(entered) if loop else None,
        )
        confirm(graph.system.plain, whole)
        return whole, component


def _onward(found: UnfoldedRun, at: int) -> tuple[FairComponent, list[int], list[Transition]]:
    """Return the nearest component, the way to where its loop begins, and the loop."""
    part = found.part.graph
    away = distances(part, [at], ~part.frontier)
    reached = [run for run in found.components if (away[run.numbers] != UNREACHED).any()]
    if not reached:
        raise InternalError("a fair component cannot be reached", next_step="please report this with the spec")
    component = min(reached, key=lambda run: _nearest(away, run)[0])
    _, entry = _nearest(away, component)
    if part.system.renames_mail:
        loop = [step for _, step in RenamedWalk(part, component).run(entry, component.musts)]
    else:
        entry, hops = shortest_loop(part, component, table_of(part), component.musts)
        loop = [hop.transition for hop in hops]
    return component, path_by(part, away, [entry]), loop


def _nearest(away: NDArray[np.int32], component: FairComponent) -> tuple[int, int]:
    """Return how far away the nearest configuration of a component is, and its number."""
    numbers = component.numbers[away[component.numbers] != UNREACHED]
    place = int(away[numbers].argmin())
    return int(away[numbers[place]]), int(numbers[place])
