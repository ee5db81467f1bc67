"""The models that are measured, and their sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """A spec with one parameter that makes it larger, and the same model for Spin."""

    name: str
    title: str  # with {} for the size
    spec: str
    parameter: str
    smallest: int
    sizes: tuple[int, ...]
    macro: str  # the parameter's name in the models for Spin
    baselines: tuple[str, ...] = ("textbook", "tuned")  # the models for Spin that there are
    before: int = 0  # configurations of these in which the initial one is not chosen yet

    def parameters(self, size: int) -> Mapping[str, int]:
        """Return what makes the spec this large."""
        return {self.parameter: size}

    def heading(self, size: int) -> str:
        """Return how a table names an instance."""
        return self.title.format(size=size, last=size - 1)


MODELS = (
    Model(
        name="two_phase",
        title="Two-phase commit, {size} resource managers",
        spec="specs/tla/two_phase.py",
        parameter="resource_managers",
        smallest=1,
        sizes=(7, 9, 10),
        macro="N",
    ),
    Model(
        name="paxos",
        title="Lamport's Paxos, ballots 0..{last}",
        spec="specs/tla/paxos.py",
        parameter="ballots",
        smallest=1,
        sizes=(3, 4),
        macro="BALLOTS",
    ),
    Model(
        name="acp_nb",
        title="Non-blocking commitment (`actions()`), {size} participants",
        spec="specs/tla/acp_nb.py",
        parameter="n",
        smallest=1,
        sizes=(3,),
        macro="N",
        baselines=("textbook",),
        before=1,
    ),
)
