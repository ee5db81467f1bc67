"""Questions that analyses and reports put to a system, so that none depends on its class.

Each question has the answer of a system that is nothing special: no quotient, no rounds, no mailboxes, no liars.  A
kind of system says only what is special about it; a quotient passes on what is true of the system below.  A topic is
one object, or None where there is nothing to ask: `components`, `clock`, `memory`, `liars`, `symmetry`, `ballots`,
`dead_letters`, `stubborn`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event, Letter, Pid
from flpcheck.authoring.property import Property
from flpcheck.system import parts
from flpcheck.system.possibility import Possibility

if TYPE_CHECKING:
    from flpcheck.authoring.objects import Object, Op
    from flpcheck.authoring.renaming import Renaming
    from flpcheck.system.calls import Call
    from flpcheck.system.clock import Clock
    from flpcheck.system.components import Components
    from flpcheck.system.faults import Faults
    from flpcheck.system.interface import Configuration, System, Transition

Permutation = tuple[int, ...]
"""The bit to which a renaming of decision values maps the bit of each."""


class Exchanges(Protocol):
    """Questions modulo symmetry: names of processes, or of values, are exchanged along transitions.

    `below` is the system without the symmetry; `listed` is whether each renaming can be tried, as the reference engine
    does; `most` is how many there are, and so the maximum number of configurations that one represents; `group` is all
    of them, if they are listed.
    """

    below: System
    listed: bool
    most: int
    group: tuple[Renaming, ...]

    @property
    def dropped(self) -> bool:
        """Whether some transition so far may have undone a decision."""

    def all_alike(self, processes: int) -> int:
        """Return some processes with all that a renaming puts in their place, as bits."""

    @property
    def alike(self) -> tuple[tuple[Hashable, ...], ...]:
        """The names that are exchanged with each other, class by class."""

    def orbit(self, configuration: Configuration) -> Iterator[Configuration]:
        """Yield a configuration under each renaming, in the order of the group."""

    def sizes(self, configurations: Sequence[Configuration]) -> NDArray[np.int64]:
        """int64[n]: of how many configurations without the symmetry each of some representatives is one."""

    def orders(self) -> list[Permutation]:
        """Return where each renaming takes the bits of decision values; those that a known one becomes get bits."""

    def along(self, configuration: Configuration) -> list[int]:
        """Return the number of the renaming along each transition of a configuration."""


class Ballots(Protocol):
    """Questions modulo ballots: a representative has other ballots than the configurations it represents."""

    def other_ballots(
        self, configuration: Configuration, literals: frozenset[int]
    ) -> Iterator[tuple[str, Configuration]]:
        """Yield a representative under other ballots, with what was done to them."""

    def other_ballots_of(self, before: Any, after: Any, literals: frozenset[int]) -> Iterator[tuple[str, Any, Any]]:
        """Yield the local states before and after a step under other ballots, with what was done to them."""

    def later(self, before: Configuration, after: Configuration) -> int:
        """Return by how much the current ballots have grown between two configurations with one representative."""


class Memory(Protocol):
    """Questions about systems whose steps are single operations on shared objects."""

    @property
    def objects(self) -> Sequence[Object[Any]]:
        """The objects."""

    def pending(self, configuration: Configuration) -> dict[int, tuple[int, Op]]:
        """Return, for each process that has neither crashed nor halted, the object and the operation it applies next.

        Processes and objects are given by their positions.
        """


class Dropped(Protocol):
    """Questions about letters that are dropped, because no local state still to come is presumed to heed them.

    A place is the number of a local state; `settled` is how many configurations had been found when it was judged last
    what was dropped.
    """

    settled: int

    @property
    def dropped(self) -> Sized:
        """The letters, with the places where they were dropped so far."""

    @property
    def places(self) -> Any:
        """The numbers of local states."""

    @property
    def merged(self) -> Mapping[tuple[int, Any], int]:
        """The place that stands for each local state that is merged with others, by process and content."""

    @property
    def observed(self) -> Any:
        """The observation of local states that may be merged; None if all are kept apart."""

    def place_of(self, component: Any) -> int:
        """Return the place of a component's local state."""

    def drops(self, place: int, envelope: Any, asked: Callable[[int, Any], bool]) -> bool:
        """Return whether a letter is dropped at a place; `asked` tells whether it is idle there."""

    def refuted(self, steps: Mapping[int, Iterable[int]]) -> bool:
        """Return whether local steps lead from where a letter was dropped to where it is heeded."""

    def settle(self, steps: Mapping[int, Iterable[int]], guarded: Callable[[int], Iterable[tuple[int, Any]]]) -> None:
        """Have a search begin again if its local steps, or places and mailboxes of processes, refute what it did."""

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what is known of letters when a search begins."""


class LeavingOut(Protocol):
    """Questions about events that are left out because they can wait.

    `full` holds the configurations of which none is left out, lest one waits for ever.
    """

    full: dict[Any, None]

    def whole(self) -> System:
        """Return the same system that leaves no event out."""

    def selection(self, configuration: Configuration) -> tuple[list[int], list[int]]:
        """Return the events that change a configuration, and the chosen ones, by process, as bits."""


class Questions(Protocol):
    """The questions.

    Attributes
    ----------
    components
        Local state and mailbox of each process, whose moves are the transitions; None if these are no such moves.
    separate
        Whether what can happen to a process depends on its component alone, and maybe on coins.
    commutes
        Whether events of different processes commute by construction (FLP 1985, Lemma 1).
    monotone
        Whether more mail never hinders anything, so that what happened can happen again with more of it.
    idles
        Whether a process may step for ever and leave the configuration unchanged.
    clock
        The clock that timers go by; None where processes have none.
    in_rounds, numbered
        Whether all processes step together; whether each of these rounds has a number of its own in configurations.
    memory
        The shared objects and the operations on them; None where the processes share none, or not only objects.
    liars
        What liars can say and what comes of it; None where no process lies by messages.
    listens
        Whether liars say what a search has heard, so that only a search finds out what they can say.
    assumptions
        What the author takes for granted about liars, as parts of a sentence.
    renames_mail
        Whether a message may have another name after a transition, or none, so that waiting events are followed.
    """

    components: Components | None = None
    separate: bool = False
    commutes: bool = False
    monotone: bool = False
    idles: bool = False
    clock: Clock | None = None
    in_rounds: bool = False
    numbered: bool = False
    memory: Memory | None = None
    liars: Faults | None = None
    listens: bool = False
    assumptions: tuple[str, ...] = ()
    renames_mail: bool = False

    @property
    def received(self) -> set[type]:
        """The message kinds that some process has received so far."""
        return set()

    def confined(self, _: Configuration, /) -> bool:
        """Return whether a configuration lies outside the author's constraint, so that it is not expanded."""
        return False

    def possible(self, configuration: Configuration) -> list[Possibility]:
        """Return the events that may happen next, those of the transitions among them, in their order."""
        return [Possibility.of(step) for step in cast("System", self).transitions(configuration)]

    def happen(self, _: Configuration, possibility: Possibility, /) -> list[Transition]:
        """Return the transitions that a possible event is, by outcome; none if it is hindered, or changes nothing."""
        return [*possibility.outcomes]

    def admissible(self, _: Configuration, /) -> bool:
        """Return whether a run may stay where the world is like this: not before it has stabilised."""
        return True

    def owed(self, _: Configuration, __: Transition, /) -> bool:
        """Return whether fairness promises a process event: not the whims of a failure detector."""
        return True

    def endless(self, _: Configuration, /) -> bool:
        """Return whether a run of rounds may go through a configuration for ever: before GST it may not."""
        return True

    def letters(self, _: Configuration, __: Event, /) -> Iterator[tuple[Pid, Pid, object, bool]]:
        """Yield what is sent in an event and never lies in a mailbox: sender, receiver, message, if it arrives."""
        return iter(())

    def mailboxes(self, _: Configuration, /) -> Mapping[Pid, Sequence[Letter[Any]]]:
        """Return the unread messages of each process that can still read."""
        return {}

    def calls_of(self, _: Configuration, __: Event, /) -> Iterator[Call]:
        """Yield the calls of the author's code that an event out of a configuration consists of."""
        return iter(())

    def overheard(self, _: Iterable[tuple[int, Any]], /) -> bool:
        """Let liars send what (liars, component) pairs of a search have sent; return whether any of it is new."""
        return False

    # Quotients.

    @property
    def plain(self) -> System:
        """The system whose configurations these are: this one, unless it is a quotient."""
        return cast("System", self)

    @property
    def symmetry(self) -> Exchanges | None:
        """Questions modulo symmetry; None where no names are exchanged."""
        return None

    @property
    def dead_letters(self) -> Dropped | None:
        """Questions about letters that are dropped, because they have no effect any more; None where none are."""
        return None

    @property
    def stubborn(self) -> LeavingOut | None:
        """Questions about events that are left out; None where all are expanded."""
        return None

    @property
    def ballots(self) -> Ballots | None:
        """Questions modulo ballots; None where ballots are not renumbered."""
        return None

    def representative(self, configuration: Configuration) -> Configuration:
        """Return the representative of a configuration of the plain system."""
        return configuration

    def unrenamed(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield the transitions of a configuration, the successors under the names that are valid before them."""
        return cast("System", self).transitions(configuration)

    def unjudged(self, _: Property, /) -> str:
        """Return why a property cannot be judged here; empty if it can."""
        return ""

    # Configurations, part by part.

    def sections(self) -> Sequence[str]:
        """Return what the parts of a configuration are called beside the processes."""
        system = cast("System", self)
        return [name for name in system.describe(system.initial()[0].configuration) if name not in system.names]

    def parts_of(self, configuration: Configuration, sections: Sequence[str]) -> Iterator[Hashable]:
        """Yield what tells each part of a configuration from others: of processes, then of the sections there are."""
        system = cast("System", self)
        names = (*system.names, *sections)
        return parts.identities(names, system.describe(configuration), system.outputs(configuration))

    def told_of(self, part: Any) -> parts.Told:
        """Return the description of a part (see `parts`), by what identifies it."""
        return parts.of_texts(part)
