"""Twins: a process that runs twice under one name, without a list of lies.

Bano, Sonnino, Chursin, Perelman, Li, Ching, Malkhi: "Twins: BFT Systems Made Robust" (OPODIS 2021).  Two copies of its
code, each from any start, equivocate, vote twice and lose their state; what is sent to it goes to both, to each in its
own time, and neither hears the other.  They say less than a liar that says whatever some process's code can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadWorld
from flpcheck.glossary import see
from flpcheck.world import World


class Cast(NamedTuple):
    """The participants, with both copies of each process that runs twice.

    Parameters
    ----------
    members
        The processes and learners, a twin's one after the other.
    labels
        A name for each of them that no other has: `b'` and `b''` for the twins of b.
    heard
        By the name that the protocol knows: which of them get what is sent to it.
    """

    members: tuple[Any, ...]
    labels: tuple[str, ...]
    heard: dict[Pid, tuple[int, ...]]

    @property
    def twins(self) -> frozenset[int]:
        """Which of them are copies."""
        return frozenset(place for places in self.heard.values() if len(places) > 1 for place in places)

    def receivers(self, sender: int, to: Pid) -> tuple[int, ...]:
        """Return who gets what one of them sends to a name; what a copy sends to itself the other one does not hear."""
        places = self.heard[to]
        return (sender,) if sender in places else places


def cast(members: Sequence[Any], twins: Sequence[Pid]) -> Cast:
    """Return the participants where some processes run twice."""
    everyone, labels, heard = list[Any](), list[str](), dict[Pid, tuple[int, ...]]()
    for member in members:
        names = [f"{member.name}'", f"{member.name}''"] if member.name in twins else [member.name]
        heard[member.name] = tuple(range(len(everyone), len(everyone) + len(names)))
        everyone += [member] * len(names)
        labels += names
    return Cast(tuple(everyone), tuple(labels), heard)


def check_twins(world: World, names: Sequence[Pid]) -> None:
    """Raise `BadWorld` if a world does not know what twins would do in it."""
    reasons = {
        "a timing": world.timing != "asynchronous",
        "a failure detector": bool(world.oracle.kind),
        "links that heal": world.network.heals,
        "crashes that are elided": world.failures.crashes and world.failures.events == "elided",
    }
    for what, is_so in reasons.items():
        if world.failures.twins and is_so:
            raise BadWorld(
                f"twins cannot be combined with {what}", next_step="remove it, or use --byzantine instead of --twins"
            )
    if len(set(world.failures.twins)) >= len(names):
        raise BadWorld("the twins leave no correct process", next_step=f"name fewer processes; {see('twins')}")
