"""A partition that heals: letters across it wait until the world heals it."""

from __future__ import annotations

from collections.abc import Iterator

from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.process import PassiveLearner
from flpcheck.errors import BadWorld
from flpcheck.system.components import Components
from flpcheck.system.oracles import WorldState
from flpcheck.system.signatures import NOTHING
from flpcheck.world import Network
from flpcheck.world.network import Envelope


class Partition:
    """Which letters have come through.

    Raises
    ------
    BadWorld
        If the partition heals and some process reads letters in a mailbox without receiving them.
    """

    def __init__(self, network: Network, parts: Components) -> None:
        self.network = network
        learners = [seat.name for seat in parts.seats if isinstance(seat.member, PassiveLearner)]
        if network.heals and learners:
            raise BadWorld(
                f"{learners[0]} reads its mailbox, which holds messages that wait until the partition has healed",
                next_step="make it a process that receives or gathers, or remove --heals",
            )

    def stands(self, world: WorldState) -> bool:
        """Return whether there is a partition that has not healed yet, but will."""
        return self.network.heals and not world.healed

    def blocks(self, world: WorldState, event: Event) -> bool:
        """Return whether an event cannot happen yet, because a letter that it takes is on the other side."""
        return self.stands(world) and any(self.network.crosses(sender, str(event.process)) for sender in _from(event))

    def healings(self, world: WorldState) -> Iterator[tuple[Event, WorldState]]:
        """Yield the healing of a partition."""
        if self.stands(world):
            signed = world.signed | world.waiting
            known = world._replace(signed=signed, waiting=NOTHING, made=world.made - signed)
            yield Event("heal", world=True), known._replace(healed=True)

    def holds_up(self, world: WorldState, envelope: Envelope, receiver: Pid) -> bool:
        """Return whether a letter that is sent now waits until the partition has healed."""
        return self.stands(world) and self.network.crosses(envelope.letter.sender, receiver)

    def describe(self, world: WorldState) -> dict[str, str]:
        """Return the state of the partition as text; nothing for one that does not heal."""
        return {"partition": "stands" if self.stands(world) else "healed"} if self.network.heals else {}


def _from(event: Event) -> list[Pid]:
    """Return whose letters an event takes, or fails to receive."""
    if event.during is not None:
        return _from(event.during)
    if event.kind == "gather" and isinstance(event.message, tuple):
        return [letter.sender for letter in event.message]
    return [event.sender] if event.sender is not None and event.kind in {"deliver", "lie", "omit"} else []
