"""Judging refinement: a pass over the transitions, as the mapping shows them.

Only steps out of what the abstract protocol is known to reach are asked about.  So the first wrong step of every run is
found, and nothing is asked of images that lie behind one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.case import Case, seen, shown
from flpcheck.analyse.finding import AbstractRun, Finding
from flpcheck.analyse.mappings import AskedMapping
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.schedule import Schedule, schedule_of
from flpcheck.analyse.silence import BECAUSE
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED, Property
from flpcheck.authoring.refinement import Refinement
from flpcheck.authoring.values import shorten
from flpcheck.budget import look
from flpcheck.explore.graph import StateGraph
from flpcheck.system.abstract import AbstractProtocol

LONG = 200
"""Maximum length of an abstract configuration in a sentence, in characters."""


def judge_refinement(case: Case, claim: Property) -> Finding:
    """Return whether a protocol refines another one, with the first step that is none there.

    Cost: one question to the mapping for each combination of what it reads, a sort of the transitions, and one question
    to the abstract protocol for each image.
    """
    assert isinstance(claim, Refinement)
    graph, asked = case.graph, AskedMapping(claim, case.graph.system)
    where = asked.images(graph.configurations)
    asked.confirm()
    wrong = _wrong_roots(graph, where, asked.abstract)
    if len(wrong):
        what = f"its image is no initial configuration of {asked.abstract.name}"
        return _beside(seen(graph, claim, wrong, lambda _: what), asked)
    followed = _Followed.of(graph, where, asked.abstract)
    if followed.wrong:
        edges = _edges_of(graph, where, followed.wrong)
        return shown(claim, VIOLATED, int(graph.targets[edges[0]]), lambda: _violated(case, asked, edges))
    if asked.sees_crashes:
        return Finding(claim, INCOMPLETE, BECAUSE)
    found = case.safe(claim)
    all_of_it = found.verdict is HOLDS and graph.complete
    return replace(found, because=followed.reached(asked.abstract)) if all_of_it else found


def _wrong_roots(graph: StateGraph, where: NDArray[np.int64], abstract: AbstractProtocol) -> NDArray[np.int64]:
    roots = np.array(sorted(set(graph.roots)), np.int64)
    return roots[~np.isin(where[roots], abstract.initial)]


@dataclass(frozen=True)
class _Followed:
    """The steps between images, as far as they are steps of the abstract protocol.

    Parameters
    ----------
    roots
        The images of initial configurations.
    taken
        The images that a step leads to, for each image.
    wrong
        Pairs of images between which there is no step.
    """

    roots: tuple[int, ...]
    taken: dict[int, set[int]]
    wrong: set[tuple[int, int]]

    @classmethod
    def of(cls, graph: StateGraph, where: NDArray[np.int64], abstract: AbstractProtocol) -> _Followed:
        """Follow the steps of a graph from the images of its initial configurations."""
        pairs, roots = _pairs(graph, where), tuple(set(where[list(graph.roots)].tolist()))
        wrong, waiting, known = set[tuple[int, int]](), list(roots), set(roots)
        while waiting:
            look()
            number = waiting.pop()
            steps = abstract.steps(number).keys()
            wrong |= {(number, other) for other in pairs[number] - steps}
            new = (pairs[number] & steps) - known
            known |= new
            waiting += new
        return cls(roots, {number: pairs[number] for number in known}, wrong)

    def reached(self, abstract: AbstractProtocol) -> str:
        """Say which part of the abstract protocol is reached: all of it, or what never is, the nearest first."""
        size, steps = len(self.taken), list(self._walk(abstract))
        count = f"{size:,} configuration{'s' * (size != 1)}"
        beyond = [b for b in (*abstract.initial, *(b for _, b in steps)) if b not in self.taken]
        if beyond:
            return f"reaches {count} of {abstract.name}, but never {shorten(abstract.text(beyond[0]), LONG)}"
        reached = f"reaches all of {abstract.name}, {count}"
        untaken = [(a, b) for a, b in steps if b not in self.taken[a]]
        if not untaken:
            return f"{reached}, and takes all steps between them ({len(steps):,})"
        a, b = untaken[0]
        never = f"never {abstract.steps(a)[b]} in {shorten(abstract.text(a), LONG)}"
        return f"{reached}, and takes {len(steps) - len(untaken):,} of {len(steps):,} steps between them: {never}"

    def _walk(self, abstract: AbstractProtocol) -> Iterator[tuple[int, int]]:
        """Yield the steps out of what is reached, breadth-first: the same whatever was asked first."""
        waiting, known = deque(number for number in abstract.initial if number in self.taken), set(abstract.initial)
        while waiting:
            look()
            here = waiting.popleft()
            for after in abstract.steps(here):
                yield here, after
                if after in self.taken and after not in known:
                    known.add(after)
                    waiting.append(after)


def _pairs(graph: StateGraph, where: NDArray[np.int64]) -> dict[int, set[int]]:
    """Return which other images the transitions lead to, by the image where they start."""
    size, codes = int(where.max()) + 1, np.zeros(0, np.int64)
    for sources, edges in graph.pieces():
        before, after = where[sources], where[graph.targets[edges]]
        moving = before != after
        codes = np.unique(np.append(codes, before[moving] * size + after[moving]))
    found = defaultdict[int, set[int]](set)
    for code in codes.tolist():
        found[code // size].add(code % size)
    return found


def _edges_of(graph: StateGraph, where: NDArray[np.int64], pairs: set[tuple[int, int]]) -> NDArray[np.int64]:
    """Return the transitions between some pairs of images."""
    size = int(where.max()) + 1
    wanted = np.array([a * size + b for a, b in pairs], np.int64)
    found = [np.zeros(0, np.int64)]
    for sources, edges in graph.pieces():
        codes = where[sources] * size + where[graph.targets[edges]]
        found.append(np.flatnonzero(np.isin(codes, wanted)) + edges.start)
    return np.concatenate(found)


def _violated(case: Case, asked: AskedMapping, edges: NDArray[np.int64]) -> Finding:
    graph = case.graph
    ways = path_ids(graph, graph.sources[edges].tolist())
    step = next(int(edge) for edge in edges if graph.sources[edge] == ways[-1])
    schedule = schedule_of(graph, [*ways, int(graph.targets[step])])
    because = f"the last step is no step of {asked.abstract.name}, and changes what {asked.abstract.name} sees"
    return _beside(Finding(asked.claim, VIOLATED, because, schedule), asked)


def _beside(finding: Finding, asked: AskedMapping) -> Finding:
    """Return a finding with its schedule as the abstract protocol sees it."""
    if finding.schedule is None:
        return finding
    images = _images_along(finding.schedule, asked)
    steps = ("" if a == b else asked.abstract.steps(a).get(b) for a, b in pairwise(images))
    described = tuple(map(asked.abstract.described, images))
    return replace(finding, beside=AbstractRun(asked.abstract.name, described, tuple(steps)))


def _images_along(schedule: Schedule, asked: AskedMapping) -> Sequence[int]:
    system = asked.system.plain
    return [asked.image(system.view(here), number) for number, here in enumerate(schedule.configurations)]
