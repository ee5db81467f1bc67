"""Probabilities and expectations of a Markov decision process, exact or between certified bounds.

Bellman's equations are solved in floating point and the solution is verified in rational numbers: what is returned is
a theorem about the process, not an approximation of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple, TypeAlias

from flpcheck.analyse.chance.process import Mdp, MdpAction
from flpcheck.budget import look, looking

Best: TypeAlias = Callable[..., Any]
NOTHING, SURE = Fraction(0), Fraction(1)
SWEEPS = 100_000
"""Maximum number of value-iteration sweeps; beyond it no bounds are given."""
SLACK = Fraction(1, 10**9)
"""Maximum distance between certified bounds, relative to the value."""
SIMPLE = 10**6
"""Largest denominator tried for an exact solution."""


class Interval(NamedTuple):
    """Certified bounds of a number; equal where it is known exactly.

    Examples
    --------
    >>> str(Interval(Fraction(5), Fraction(5)))
    '5'
    """

    low: Fraction
    high: Fraction

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"between {float(self.low):.9g} and {float(self.high):.9g}"


def least_chance(mdp: Mdp) -> list[Fraction] | None:
    """Return for each configuration the least probability, over all fair schedulers, that all correct ones decide.

    Parameters
    ----------
    mdp
        A process without cycles of several configurations: every run ends.

    Returns
    -------
    list of Fraction, or None
        Exact; None if there is a cycle.  Cost: O(m).
    """
    order = _inwards(mdp)
    if order is None:
        return None
    value = [NOTHING] * len(mdp.actions)
    for number in looking(order):
        value[number] = SURE if mdp.done[number] else _worst(mdp.actions[number], number, value)
    return value


def _worst(actions: Sequence[MdpAction], here: int, value: Sequence[Fraction]) -> Fraction:
    """Return what the scheduler can bring the chance down to; it may stop where fairness promises nothing more."""
    leading = [action for action in actions if any(to != here for _, to in action.outcomes)]
    options = [_elsewhere(action, here, value) for action in leading]
    if not any(action.owed for action in leading):
        options.append(NOTHING)
    return min(options)


def _elsewhere(action: MdpAction, here: int, value: Sequence[Fraction]) -> Fraction:
    """Return the expectation of an action that is taken until it leads somewhere else."""
    if len(action.outcomes) == 1:
        return value[action.outcomes[0][1]]
    away = [(chance, to) for chance, to in action.outcomes if to != here]
    return sum((chance * value[to] for chance, to in away), NOTHING) / sum(chance for chance, _ in away)


def _inwards(mdp: Mdp) -> list[int] | None:
    """Return the configurations in an order in which those that follow come first; None if there is a cycle."""
    after = {n: {to for a in here for _, to in a.outcomes} - {n} for n, here in enumerate(mdp.actions)}
    try:
        return list(TopologicalSorter(after).static_order())
    except CycleError:
        return None


def chances_by_round(mdp: Mdp, rounds: int) -> list[Fraction]:
    """Return the least probability, over all schedulers, that all correct ones have decided after 0, 1, 2, ... rounds.

    Parameters
    ----------
    mdp
        A process in which whatever happens is a round.
    rounds
        How many.

    Returns
    -------
    list of Fraction
        Exact, the least of all initial configurations.  Cost: O(m) for each round.
    """
    value = [Fraction(bool(done)) for done in mdp.done]
    found = [_least(mdp, value)]
    for _ in range(rounds):
        look()
        value = [SURE if mdp.done[n] else _bellman(here, value, min, NOTHING) for n, here in enumerate(mdp.actions)]
        found.append(_least(mdp, value))
    return found


def _least(mdp: Mdp, value: Sequence[Fraction]) -> Fraction:
    return min(value[root] for root in mdp.roots)


def _bellman(actions: Sequence[MdpAction], value: Sequence[Fraction], best: Best, cost: Fraction) -> Fraction:
    sums = (sum((chance * value[to] for chance, to in action.outcomes), cost) for action in actions)
    found: Fraction = best(sums, default=NOTHING)
    return found


def expected_rounds(mdp: Mdp, best: Best) -> Interval | None:
    """Return how many rounds it takes until every correct process has decided: the expectation of the best scheduler.

    Optimistic value iteration (Hartmanns, Kaminski 2020): the equations are iterated in floating point, and l <= T(l)
    and T(u) <= u are then verified in rational numbers.  Where every scheduler decides with probability one, T has one
    fixpoint, and it lies between l and u.

    Parameters
    ----------
    mdp
        A process in which whatever happens is a round, and without an end component in which some process is undecided.
    best
        `max` for the slowest scheduler, `min` for the fastest.  The slowest (fastest) initial configuration counts.

    Returns
    -------
    Between or None
        Exact if the solution has small denominators; None if the iteration takes too long.
    """
    rough = _iterated(mdp, best)
    if rough is None:
        return None
    exact = [Fraction(number).limit_denominator(SIMPLE) for number in rough]
    if _applied(mdp, exact, best) == exact:
        bounds = exact, exact
    else:
        bounds = [Fraction(x) * (1 - SLACK) for x in rough], [Fraction(x) * (1 + SLACK) for x in rough]
    low, high = bounds
    risen, fallen = _applied(mdp, low, best), _applied(mdp, high, best)
    if any(a > b for a, b in zip(low, risen, strict=True)) or any(a > b for a, b in zip(fallen, high, strict=True)):
        return None
    return Interval(best(low[root] for root in mdp.roots), best(high[root] for root in mdp.roots))


def _applied(mdp: Mdp, value: Sequence[Fraction], best: Best) -> list[Fraction]:
    return [NOTHING if mdp.done[n] else _bellman(here, value, best, SURE) for n, here in enumerate(mdp.actions)]


def _iterated(mdp: Mdp, best: Best) -> list[float] | None:
    """Return a solution in floating point."""
    plain = [[[(float(p), to) for p, to in action.outcomes] for action in here] for here in mdp.actions]
    open_ = [number for number, done in enumerate(mdp.done) if not done]
    value = [0.0] * len(plain)
    for _ in range(SWEEPS):
        look()
        change = 0.0
        for number in open_:
            after = best((1 + sum(p * value[to] for p, to in outcomes) for outcomes in plain[number]), default=0.0)
            change, value[number] = max(change, abs(after - value[number]) / max(after, 1.0)), after
        if change < 1e-13:
            return value
    return None
