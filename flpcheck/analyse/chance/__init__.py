"""Worlds with coins: the graph as a Markov decision process, in which the scheduler is an adversary that sees all."""

from flpcheck.analyse.chance.odds import Odds, odds_of
from flpcheck.analyse.chance.process import Mdp, MdpAction, end_components

__all__ = ["Mdp", "MdpAction", "Odds", "end_components", "odds_of"]
