"""Policies: the choice of the next event in a random run.

None is best everywhere, so run number i follows policy number i modulo their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

from flpcheck.system.possibility import Possibility

Policy: TypeAlias = Callable[[Sequence[Possibility]], int]
"""From what may happen next to the position of what does."""
CHANGES = 2
"""Number of times at which priorities change in a run: enough for bugs that need three events in a certain order."""


def uniform(chance: Random, _: int) -> Policy:
    """Return the policy that gives each possibility the same chance."""
    return lambda possible: chance.randrange(len(possible))


def by_process(chance: Random, _: int) -> Policy:
    """Return the policy that gives each process the same chance, and then each thing that may happen to it."""

    def choose(possible: Sequence[Possibility]) -> int:
        mover = chance.choice(sorted({one.mover for one in possible}))
        return chance.choice([place for place, one in enumerate(possible) if one.mover == mover])

    return choose


def rarest(chance: Random, _: int) -> Policy:
    """Return the policy that prefers what has happened least often in the run: to a process, by kinds of messages."""
    often = Counter[tuple[object, ...]]()

    def choose(possible: Sequence[Possibility]) -> int:
        kinds = [(one.mover, one.kind, one.about) for one in possible]
        least = min(often[kind] for kind in kinds)
        place = chance.choice([place for place, kind in enumerate(kinds) if often[kind] == least])
        often[kinds[place]] += 1
        return place

    return choose


def by_priority(chance: Random, length: int) -> Policy:
    """Return the policy by which the process with the highest priority moves; now and then that becomes the lowest.

    Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs"
    (ASPLOS 2010), with processes for threads.
    """
    changes = {chance.randrange(length) for _ in range(CHANGES)}
    priority = dict[int, float]()
    steps = 0

    def choose(possible: Sequence[Possibility]) -> int:
        nonlocal steps
        movers = sorted({one.mover for one in possible})
        for mover in movers:
            priority.setdefault(mover, chance.random())
        first = max(movers, key=lambda mover: priority[mover])
        if steps in changes:
            priority[first] = min(priority.values()) - 1
            first = max(movers, key=lambda mover: priority[mover])
        steps += 1
        return chance.choice([place for place, one in enumerate(possible) if one.mover == first])

    return choose


POLICIES: Mapping[str, Callable[[Random, int], Policy]] = {
    "uniform": uniform,
    "by process": by_process,
    "rarest first": rarest,
    "by priority": by_priority,
}
"""By name; a policy is made for each run, from its source of choices and its maximum length."""


def policy_of(number: int) -> str:
    """Return the name of the policy that a run follows.

    Examples
    --------
    >>> policy_of(0), policy_of(5)
    ('uniform', 'by process')
    """
    return list(POLICIES)[number % len(POLICIES)]
