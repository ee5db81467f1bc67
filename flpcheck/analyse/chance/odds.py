"""Probabilities of a protocol whose steps toss coins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flpcheck.analyse.chance.process import Mdp, end_components
from flpcheck.analyse.chance.values import Interval, chances_by_round, expected_rounds, least_chance
from flpcheck.explore.graph import StateGraph

ROUNDS = 4
"""Number of rounds for which the probability of having decided is given."""
MOST = 300_000
"""Maximum number of configurations: probabilities are computed in rational numbers, one configuration at a time."""


@dataclass(frozen=True)
class Odds:
    """Probabilities and expectations, each over all fair schedulers that see everything.

    Parameters
    ----------
    least
        The least probability that every correct process ever decides; None where runs need not end.
    by_round
        The least probability that they have decided after 0, 1, 2, ... rounds; empty where there are no rounds.
    slowest, fastest
        The expected number of rounds with the slowest scheduler, and with the fastest; None where there are no
        rounds, or where some scheduler can keep some process undecided for ever.
    """

    least: Fraction | None = None
    by_round: tuple[Fraction, ...] = ()
    slowest: Interval | None = None
    fastest: Interval | None = None

    def sentences(self) -> list[str]:
        """Return what is known, in words."""
        found = []
        if self.least is not None:
            found.append(f"every correct process decides with probability at least {self.least}")
        if any(self.by_round):
            chances = ", ".join(map(str, self.by_round[1:]))
            found.append(f"after 1, 2, ... rounds with probability at least {chances}")
        if self.slowest is not None and self.fastest is not None:
            most, least = self.slowest, self.fastest
            found.append(f"expected rounds under round-rigid schedulers: at most {most}, at least {least}")
        return found


def odds_of(graph: StateGraph, mdp: Mdp | None = None) -> Odds | None:
    """Return the chances of a protocol that tosses coins; None for another, and where the search was cut.

    Parameters
    ----------
    graph
        A graph in which crashes are events.
    mdp
        The Markov decision process behind it, if that is known already.
    """
    elided = graph.system.world.failures.events == "elided" and graph.system.world.failures.crashes
    if not graph.system.tosses or not graph.complete or elided or len(graph) > MOST:
        return None
    mdp = mdp or Mdp.of(graph)
    least = least_chance(mdp)
    if not mdp.is_in_rounds:
        return Odds(None if least is None else min(least[root] for root in mdp.roots))
    by_round = tuple(chances_by_round(mdp, ROUNDS))
    endless = any(not mdp.done[numbers[0]] for numbers in end_components(mdp))
    if endless or any(not here and not done for here, done in zip(mdp.actions, mdp.done, strict=True)):
        return Odds(None, by_round)
    return Odds(None, by_round, expected_rounds(mdp, max), expected_rounds(mdp, min))
