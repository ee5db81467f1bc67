"""Images of configurations under renamings, and the least configuration of an orbit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.protocol import asked
from flpcheck.authoring.reduction import Choice
from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.values import Key
from flpcheck.system.components import Component, Crashed
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.general import General, GeneralConfiguration, Situation
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.observers import ObserverState
from flpcheck.system.oracles import NOBODY, WorldState
from flpcheck.world import World
from flpcheck.world.network import Envelope

KEPT = 1_000_000
"""Maximum number of images of general configurations that are remembered."""


class Images(Protocol):
    """The configurations of a system under the renamings of a group, each named by its number.

    Attributes
    ----------
    numbered
        The renamings by the numbers that `least` gives them, as far as they exchange values.
    """

    numbered: Sequence[Renaming]

    @property
    def undone(self) -> bool:
        """Whether some transition may undo a decision, as far as that is known without making each."""

    def leading(self, configuration: Any) -> Renaming:
        """Return a renaming that leads to the representative of an orbit."""

    def counts(self, configurations: Any) -> NDArray[np.int64] | None:
        """int64[n]: how many renamings leave each of some representatives as it is; None if each has to be asked."""

    def image(self, configuration: Any, number: int) -> Any:
        """Return a configuration under a renaming."""

    def least(self, configuration: Any) -> tuple[Any, int, int]:
        """Return the representative of an orbit, the first renaming that leads there, and how many do."""


class ImagesOfParts:
    """Images component by component; the images of a component are made once.

    The least configuration is the one whose components come first, in the order in which they were met: place by
    place only the renamings are kept that put the least component there.  The places of the symmetric processes come
    first and are remembered together, so that few renamings are left for the others.
    """

    def __init__(self, system: MessagePassing, group: Sequence[Renaming]) -> None:
        self.parts, self.watch, self.group = system.parts, system.watch, group
        self.numbered = group
        self.fifo = system.world.network.kind == "fifo"
        self.names_one = names_one(system.world)
        index, names = self.parts.index, self.parts.names
        self._to = [[index[to.pid(name)] for name in names] for to in group]
        self._from = [_inverse(places) for places in self._to]
        self._moved = sorted({place for places in self._to for place, other in enumerate(places) if place != other})
        self._fixed = [place for place in range(len(names)) if place not in self._moved]
        self._first: dict[tuple[Component, ...], Sequence[int]] = {}
        self._envelopes: dict[tuple[Envelope, int], Envelope] = {}
        self._images: dict[Component, list[Component | None]] = {}
        self._numbers: dict[Component, int] = {}
        self._watched: dict[tuple[ObserverState, int], ObserverState] = {}
        self._numbers_watched: dict[ObserverState, int] = {}

    def image(self, configuration: MessagePassingConfiguration, number: int) -> MessagePassingConfiguration:
        """Return a configuration under a renaming."""
        parts = configuration.components
        components = tuple(self._component(parts[place], number) for place in self._from[number])
        world = self._world(configuration.world, number)
        return MessagePassingConfiguration(world, components, self._observers(configuration.observers, number))

    def _observers(self, states: tuple[ObserverState, ...], number: int) -> tuple[ObserverState, ...]:
        return tuple(self._observer(state, number) for state in states)

    def _observer(self, state: ObserverState, number: int) -> ObserverState:
        found = self._watched.get((state, number))
        if found is None:
            found = self._watched[state, number] = self.watch.renamed(state, self.group[number])
            self._numbers_watched.setdefault(found, len(self._numbers_watched))
        return found

    def _world(self, world: WorldState, number: int) -> WorldState:
        return renamed_world(world, self._to[number], one=self.names_one)

    def _component(self, component: Component, number: int) -> Component:
        known = self._images.get(component)
        if known is None:
            known = self._images[component] = [None] * len(self.group)
        found = known[number]
        if found is None:
            found = known[number] = self._renamed(component, number)
            self._numbers.setdefault(found, len(self._numbers))
        return found

    def _renamed(self, component: Component, number: int) -> Component:
        to, places = self.group[number], self._to[number]
        box = [self._envelope(e, number) for e in component.mailbox]
        box.sort(key=(lambda e: e.sender) if self.fifo else (lambda e: e.key))
        return self.parts.component(places[component.owner], renamed_local(component.local, to), tuple(box))

    def _envelope(self, envelope: Envelope, number: int) -> Envelope:
        found = self._envelopes.get((envelope, number))
        if found is None:
            message = self.group[number](envelope.letter.message)
            found = self.parts.envelope(self._to[number][envelope.sender], message)
            self._envelopes[envelope, number] = found
        return found

    @property
    def undone(self) -> bool:
        """Whether some transition may undo a decision: that shows when each is made."""
        return False

    def counts(self, _: Any) -> NDArray[np.int64] | None:
        """Leave each to be asked."""
        return None

    def leading(self, configuration: MessagePassingConfiguration) -> Renaming:
        """Return a renaming that leads to the representative of an orbit."""
        return self.group[self.least(configuration)[1]]

    def least(self, configuration: MessagePassingConfiguration) -> tuple[MessagePassingConfiguration, int, int]:
        """Return the representative of an orbit, the first renaming that leads there, and how many do."""
        parts = configuration.components
        name = tuple(parts[place] for place in self._moved)
        left = self._first.get(name)
        if left is None:
            left = self._first[name] = self._narrowed(range(len(self.group)), parts, self._moved)
        left = self._narrowed(left, parts, self._fixed)
        beside = [self._beside(configuration, number) for number in left]
        first = min(beside)
        least = [number for number, here in zip(left, beside, strict=True) if here == first]
        return self.image(configuration, least[0]), least[0], len(least)

    def _beside(self, configuration: MessagePassingConfiguration, number: int) -> tuple[int, ...]:
        """Return what tells the images of a configuration apart beside their components."""
        world = self._world(configuration.world, number)
        observers = self._observers(configuration.observers, number)
        return (world.due, world.suspected, world.reliable, *map(self._numbers_watched.__getitem__, observers))

    def _narrowed(self, left: Sequence[int], parts: tuple[Component, ...], places: Sequence[int]) -> Sequence[int]:
        """Return which of some renamings put the least components at some places."""
        numbers = self._numbers
        for place in places:
            images = [self._component(parts[self._from[number][place]], number) for number in left]
            first = min(numbers[image] for image in images)
            left = [number for number, image in zip(left, images, strict=True) if numbers[image] == first]
        return left


def renamed_local(local: Any, to: Renaming) -> Any:
    """Return a local state under a renaming; what a crash leaves is a decision and an input, hence values."""
    if isinstance(local, Crashed):
        return Crashed(to(local.decision, Choice), to(local.input, Choice), to(local.stable))
    return to(local)


def names_one(world: World) -> bool:
    """Whether the state of a world says on which process all may rely."""
    return world.oracle.kind in {"omega", "diamond-S"}


def renamed_world(world: WorldState, places: Sequence[int], *, one: bool) -> WorldState:
    """Return the world's state under a renaming: it names processes by their places."""
    reliable = places[world.reliable] if one and world.reliable != NOBODY else world.reliable
    due, suspected = (moved_bits(bits, places) for bits in (world.due, world.suspected))
    return world._replace(due=due, suspected=suspected, reliable=reliable)


def moved_bits(bits: int, places: Sequence[int]) -> int:
    """Return some processes under a renaming, as bits."""
    return sum(1 << place for index, place in enumerate(places) if bits >> index & 1) if bits else 0


def _inverse(places: list[int]) -> list[int]:
    return sorted(range(len(places)), key=places.__getitem__)


class ImagesOfWholes:
    """Images of the configurations of a general protocol, by its own `renamed` if it has one.

    The least is the one whose content comes first.  The image of a content is made once.
    """

    def __init__(self, system: General, group: Sequence[Renaming]) -> None:
        self.system, self.group = system, group
        self.numbered = group
        self._images: dict[tuple[Situation, int], Situation] = {}
        self._places = [[system.names.index(to.pid(name)) for name in system.names] for to in group]

    @property
    def undone(self) -> bool:
        """Whether some transition may undo a decision: that shows when each is made."""
        return False

    def counts(self, _: Any) -> NDArray[np.int64] | None:
        """Leave each to be asked."""
        return None

    def leading(self, configuration: GeneralConfiguration) -> Renaming:
        """Return a renaming that leads to the representative of an orbit."""
        return self.group[self.least(configuration)[1]]

    def image(self, configuration: GeneralConfiguration, number: int) -> GeneralConfiguration:
        """Return a configuration under a renaming."""
        name, places = (configuration.situation, number), self._places[number]
        image = self._images.get(name)
        if image is None:
            image = self._image(*name)
            if len(self._images) < KEPT:
                self._images[name] = image
        crashed = configuration.crashed and frozenset(places[index] for index in configuration.crashed)
        return GeneralConfiguration(image, crashed)

    def _image(self, situation: Situation, number: int) -> Situation:
        protocol, to = self.system.protocol, self.group[number]
        renames = hasattr(protocol, "renamed")
        return self.system.situation(
            asked(protocol, "renamed", situation.shared, to) if renames else to(situation.shared)
        )

    def least(self, configuration: GeneralConfiguration) -> tuple[GeneralConfiguration, int, int]:
        """Return the representative of an orbit, the first renaming that leads there, and how many do."""
        images = [self.image(configuration, number) for number in range(len(self.group))]
        first = min(range(len(images)), key=lambda number: _content(images[number]))
        return images[first], first, images.count(images[first])


def _content(image: GeneralConfiguration) -> tuple[Key, list[int]]:
    return image.situation.content, sorted(image.crashed)
