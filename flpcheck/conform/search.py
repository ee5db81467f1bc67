"""Is a log a run?  A depth-first search for steps of the processes that its lines tell of.

Each process is matched by itself: steps of two processes commute, for the step of one only adds letters to the mailbox
of the other (Lemma 1 of FLP).  So where no other process can add anything to what a process may do next, trying its
steps alone is enough (a persistent set), and of two orders of independent steps one is (sleep sets: Godefroid,
"Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapters 4 and 5).  A crash loses the letters
that have arrived, so it commutes with no sender: logs with crashes are searched without either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flpcheck.authoring.values import Key
from flpcheck.budget import look
from flpcheck.conform.machine import Machine, Taken
from flpcheck.conform.seen import Seen
from flpcheck.conform.stuck import Stuck, stuck

LOOK = 1024
"""Number of steps between two checks of the limits of the run."""
STEPS = 200_000
"""Maximum number of steps tried for one number of unlogged steps and one kind of network."""


class GaveUp(Exception):
    """The maximum number of steps was tried before all were."""


@dataclass(frozen=True)
class Explanation:
    """A run of the spec that is as a log tells, or how far the best attempt came.

    Parameters
    ----------
    steps
        The steps, those that were not logged among them.
    explained
        Number of observations that are explained.
    complete
        Whether all are.
    gave_up
        Whether there may be an explanation that was not tried.
    stuck
        For each process whose next observation cannot be explained, why.
    """

    steps: tuple[Taken, ...]
    explained: int
    complete: bool
    gave_up: bool = False
    stuck: tuple[Stuck, ...] = ()


@dataclass
class SearchNode:
    """A place of the search.

    Parameters
    ----------
    mark, budget
        The changes until then, and the number of unlogged steps that the process had left, before the step.
    step
        The step that led there.
    sleep
        Steps that need not be tried, by identity, with their processes: another order of the steps leads through them.
    options
        The steps that are still to be tried.
    """

    mark: int
    budget: int
    step: Taken | None
    sleep: dict[Key, int]
    options: Iterator[Taken]


class LogSearch:
    """A search for a run that is as a log tells.

    Parameters
    ----------
    machine
        The processes, in an initial configuration.
    seens
        What the log tells, in the order of its lines.
    causal
        Whether only the order of the lines of each process counts.
    gap
        Maximum number of unlogged steps of a process before each of its lines, and after the last.
    limit
        Maximum number of steps to try.
    """

    def __init__(
        self, machine: Machine, seens: Sequence[Seen], *, causal: bool, gap: int = 0, limit: int = STEPS
    ) -> None:  # fmt: skip
        self.machine, self.seens, self.gap, self.limit = machine, seens, gap, limit
        self.queues = _queues([machine.parts.index[seen.process] for seen in seens], seens, causal=causal)
        self.next = [0] * len(self.queues)
        self.queue_of = {process: n for n, queue in enumerate(self.queues) for _, process, _ in queue}
        self.left = [gap] * len(machine.names)
        self.reducing = not any(seen.how in {"crash", "recover"} for seen in seens)
        self.tried = self.matched = 0
        self.visited: dict[tuple[Any, ...], frozenset[Key]] = {}
        self.best = Explanation((), -1, complete=False)
        self.stack: list[SearchNode] = []

    def run(self) -> Explanation:
        """Search, and return a complete explanation or the one that came furthest."""
        try:
            found = self._search()
        except GaveUp:
            return replace(self.best, gave_up=True)
        return Explanation(self._steps(), len(self.seens), complete=True) if found else self.best

    def _search(self) -> bool:
        self.stack = [SearchNode(self.machine.changes.mark, self.gap, None, {}, iter(()))]
        self.stack[0].options = self._options(self.stack[0])
        while self.matched < len(self.seens):
            node = self.stack[-1]
            step = next(node.options, None)
            if step is not None:
                self._try(node, step)
            elif len(self.stack) == 1:
                return False
            else:
                self._leave(self.stack.pop())
        return True

    def _try(self, node: SearchNode, step: Taken) -> None:
        self.tried += 1
        if self.tried > self.limit:
            raise GaveUp
        if self.tried % LOOK == 0:
            look()
        asleep = {name: p for name, p in node.sleep.items() if p != step.process} if self.reducing else {}
        node.sleep[step.name] = step.process
        there = SearchNode(self.machine.changes.mark, self.left[step.process], step, asleep, iter(()))
        self.stack.append(there)
        self.machine.take(step)
        if step.seen is not None:
            self._advance(step.process, 1)
        self.left[step.process] = self.gap if step.seen is not None else there.budget - 1
        if self._is_new(there):
            there.options = self._options(there)

    def _leave(self, node: SearchNode) -> None:
        assert node.step is not None
        if node.step.seen is not None:
            self._advance(node.step.process, -1)
        self.left[node.step.process] = node.budget
        self.machine.changes.back(node.mark)

    def _advance(self, process: int, by: int) -> None:
        self.next[self.queue_of[process]] += by
        self.matched += by

    def _is_new(self, node: SearchNode) -> bool:
        """Note that the search is here; return whether something is to be tried that was not when it was before."""
        place = (self.machine.changes.digest, tuple(self.next), tuple(self.left))
        known, asleep = self.visited.get(place), frozenset(node.sleep)
        if known is not None and known <= asleep:
            return False
        if known is not None:
            node.sleep = {name: node.sleep[name] for name in known & asleep}
        self.visited[place] = frozenset(node.sleep)
        return True

    def _options(self, node: SearchNode) -> Iterator[Taken]:
        """Yield the steps to try: those of one process if these are enough, else all."""
        some, heads = False, self._heads()
        matching: list[list[Taken]] = []
        for process, seen in heads:
            steps = list(self.machine.matching(seen, process))
            if self._is_closed(process, seen, steps) and (self.reducing or not steps):
                if not steps:
                    self._note(heads)
                yield from (step for step in steps if step.name not in node.sleep)
                return
            matching.append(steps)
        for steps in matching:
            some = some or bool(steps)
            yield from (step for step in steps if step.name not in node.sleep)
        if not some:
            self._note(heads)
        yield from (step for step in self._unlogged(heads) if step.name not in node.sleep)

    def _heads(self) -> list[tuple[int, Seen]]:
        """Return the next observations, with their processes, in the order of the log."""
        told = [queue[place] for queue, place in zip(self.queues, self.next, strict=True) if place < len(queue)]
        return [(process, seen) for _, process, seen in sorted(told, key=lambda item: item[0])]

    def _is_closed(self, process: int, seen: Seen, steps: Sequence[Taken]) -> bool:
        """Return whether no step of another process can add to what this one may do next."""
        if self.left[process]:
            return False
        return seen.how != "deliver" or self.machine.only_letter(process, seen, steps)

    def _unlogged(self, heads: Sequence[tuple[int, Seen]]) -> list[Taken]:
        """Return the steps without a line, those first that can lead to the next observations."""
        able = [process for process, left in enumerate(self.left) if left]
        steps = [step for process in able for step in self.machine.unlogged(process)]
        return sorted(steps, key=lambda step: min(self._rank(step, *head) for head in heads))

    def _rank(self, step: Taken, process: int, seen: Seen) -> int:
        sends = [message for to, message, _ in step.letters if to == process]
        if seen.how == "deliver" and any(map(seen.event.fits, sends)):
            return 0
        if step.process == process:
            return 1 if step.outcome and seen.before.fits(step.outcome.state) else 2
        return 3

    def _note(self, heads: Sequence[tuple[int, Seen]]) -> None:
        """Keep how far this attempt came, and why it is stuck, if none came further."""
        if self.matched > self.best.explained:
            left = [head for head in heads if next(self.machine.matching(head[1], head[0]), None) is None]
            why = tuple(stuck(self.machine, process, seen) for process, seen in left)
            self.best = Explanation(self._steps(), self.matched, complete=False, stuck=why)

    def _steps(self) -> tuple[Taken, ...]:
        return tuple(node.step for node in self.stack if node.step is not None)


def _queues(owners: Sequence[int], seens: Sequence[Seen], *, causal: bool) -> list[list[tuple[int, int, Seen]]]:
    """Return the observations as queues of (number, process, observation): one, or one for each process."""
    told = [(number, *pair) for number, pair in enumerate(zip(owners, seens, strict=True))]
    return [[item for item in told if item[1] == p] for p in sorted({*owners})] if causal else [told]
