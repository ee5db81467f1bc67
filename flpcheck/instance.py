"""An instance: a protocol in a world, with what is expected of it.  Tests, tables and `check` all read it here."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, Verdict, termination
from flpcheck.world import World


@dataclass(frozen=True)
class Instance:
    """A protocol in a world, and what exploring it must find.

    Parameters
    ----------
    name
        How `--instance` calls it.
    protocol
        The protocol with its parameters.
    world
        The world.
    verdicts
        The expected verdict of each property; these are the properties that are checked.
    configurations, transitions, depth
        Expected counts, None where nothing is expected.
    bivalent, univalent, none
        Expected valence census: how many configurations can still decide two values, exactly one (by value), none.
    critical, disagreeing
        Expected numbers of critical configurations and of configurations that hold two decisions.
    counterexample
        Expected length of the shortest counterexample of each violated property, by property.
    within, chain
        In rounds: after how many rounds all have decided (after GST where there is one), and how many
        configurations the longest bivalent chain has.
    delays
        Expected message delays and messages of the fastest runs, by what they lead to: `{"decision": (4, 12)}`; see
        `flpcheck.analyse.message_delays`.
    flp
        Expected FLP verdict, or all of them if several hold.
    inputs
        Inputs that are fixed, by process; the others take every possible value.
    bounds
        Bounds of the engine for this instance, by option name (`max_configurations=...`).
    reduction
        Whether to use the reductions that the spec declares; the option `--no-reduction` takes precedence.
    on_demand
        Whether it is so large that `check` explores it only when asked to (`--on-demand`, or by its name).
    about
        One sentence for tables: what this instance shows.
    """

    name: str
    protocol: Any
    world: World
    verdicts: Mapping[Property, Verdict] = field(default_factory=dict)
    configurations: int | None = None
    transitions: int | None = None
    depth: int | None = None
    bivalent: int | None = None
    univalent: Mapping[Hashable, int] | None = None
    none: int | None = None
    critical: int | None = None
    disagreeing: int | None = None
    counterexample: Mapping[Property, int] = field(default_factory=dict)
    within: int | None = None
    chain: int | None = None
    delays: Mapping[str, tuple[int, int]] | None = None
    flp: str | tuple[str, ...] | None = None
    inputs: Mapping[Pid, Hashable] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)
    reduction: bool = True
    on_demand: bool = False
    about: str = ""

    @property
    def counts(self) -> bool:
        """Whether it expects anything that depends on which configurations are told apart."""
        pinned = (
            self.configurations, self.transitions, self.depth, self.bivalent, self.univalent, self.none, self.critical,
            self.disagreeing, self.flp,
        )  # fmt: skip
        return termination in self.counterexample or any(expected is not None for expected in pinned)
