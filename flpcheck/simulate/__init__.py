"""Random runs, for spaces that no search finishes: what they reach is judged, and nothing they miss is claimed."""

from flpcheck.simulate.plan import RunPlan
from flpcheck.simulate.simulation import Simulation, simulate

__all__ = ["RunPlan", "Simulation", "simulate"]
