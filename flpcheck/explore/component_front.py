"""The front end of event-driven protocols: components numbered, their rows and mailboxes in tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import InternalError
from flpcheck.explore.beside import code_of
from flpcheck.explore.graph import Bools, Masks
from flpcheck.explore.intern import EARLY, Interner
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.masks import BUSY, MOVES
from flpcheck.explore.kernel.search import Limits, ProcessTables, expand
from flpcheck.explore.kernel.words import column
from flpcheck.explore.limits import TooWide
from flpcheck.explore.marks import MarkTables, Packed
from flpcheck.explore.native_errors import discoverer, first_holder, raise_with_schedule
from flpcheck.explore.packed import PackedConfigurations
from flpcheck.explore.table_growth import component_limit
from flpcheck.explore.tries.shape import ShapePlace
from flpcheck.explore.watching import ends
from flpcheck.system.components import Component
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.message_passing import MessagePassing

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class ComponentFront:
    """Fields for processes, the world and observers; an `Interner` numbers what stands in them.

    Parameters
    ----------
    system
        What is explored.
    """

    sleeps = True
    renames = False
    side_by_side = True

    def __init__(self, system: MessagePassing) -> None:
        self.system: Any = system
        self.interner = Interner(system)
        self.code = code_of(system)
        self.fixed = frozenset({len(self.interner.seats), self.interner.store.rules.timers} - {0})

    def refined(self, _: ShapePlace) -> NoReturn:
        """Components have no shape that could be broken."""
        raise InternalError("a component is broken")

    def begun_again(self) -> ComponentFront:
        """Return this front end, which has forgotten all components, but no answer, unless it merges other states."""
        if self.interner.merged is not self.system.dead_letters.merged:
            return type(self)(self.system)
        self.interner.begin_again()
        return self

    def numbers(self, configurations: Sequence[MessagePassingConfiguration]) -> list[list[int]]:
        """Return the number in each field of some configurations."""
        numbers = [self._numbers(configuration) for configuration in configurations]
        self.interner.enter_sayable()
        return numbers

    def _numbers(self, configuration: MessagePassingConfiguration) -> list[int]:
        world, components, observers = configuration
        numbers = [self.interner.component(component) for component in components]
        number, beside = self.interner.numbers_of_world(world)
        watched = [self.interner.state_of_observer(i, state) for i, state in enumerate(observers)]
        return [*numbers, number, *watched, *beside]

    def widths(self) -> list[int]:
        """Return how many bits each field needs; errors where a process has too many components."""
        counts = [int(count) for count in self.interner.store.counts]
        observers = [len(states) for states in self.interner.watched]
        if self.interner.knowledge is not None:
            observers.append(len(self.interner.knowledge.states))
        if max((*counts, *observers)) >= component_limit(self.interner.store):
            raise TooWide("a process has more components than the kernel can number")
        needs = [max(count - 1, 0).bit_length() for count in (*counts, len(self.interner.budgets), *observers)]
        return needs if self.interner.timers is None else [*needs, self.interner.timers.width]

    @property
    def degree(self) -> int:
        """Maximum number of transitions of a configuration, as far as is known."""
        return int(self.interner.store.degrees.sum())

    @property
    def largest(self) -> int:
        """Maximum number of transitions of one process that have to be told apart."""
        return int(self.interner.store.sizes[k.Size.LARGEST]) + 1

    def grow(self) -> None:
        """Make room in tables that are nearly full."""
        self.interner.grow()

    def prepare(self, search: NativeSearch) -> int | None:
        """Ask what the components of a level need; return the first configuration for which that failed."""
        self.finish(search)
        self.interner.prepare()
        failures, self.interner.failures = self.interner.failures, []
        faulty = [world.faulty for world in self.interner.budgets]
        return first_holder(search, failures, search.levels[-2], search.levels[-1], faulty)

    def finish(self, search: NativeSearch) -> None:
        """Blame the step that gave a passive learner a mailbox on which it fails."""
        holder = first_holder(search, self.interner.learners.failing(self.interner.wanted()), 0, search.found)
        if holder is not None:
            raise_with_schedule(search, discoverer(search, holder))

    def limits(self, limits: Limits) -> Limits:
        """Return limits with what the world allows."""
        failures = self.interner.system.world.failures
        return limits._replace(
            crashes=self._crashes(),
            distinct=failures.inside_steps,
            omits=failures.omission != 0,
            channel_bits=self.interner.store.rules.channel_bits,
            beside=() if self.interner.timers is None and self.interner.knowledge is None else (1,),
            knowledge=0 if self.interner.knowledge is None else self.interner.knowledge_field,
            waking=self.interner.waking,
        )

    def _crashes(self) -> int:
        failures = self.interner.system.world.failures
        if not failures.crashes or failures.events == "elided":
            return 0
        named = len(failures.initially_dead) if isinstance(failures.initially_dead, tuple) else 0
        return failures.crashes + named

    def process_tables(self) -> ProcessTables:
        """Return what is known of single processes by now."""
        return ProcessTables(self.interner.tables, self.interner.store)

    def expand(
        self, layout: k.Layout, space: k.Space, batch: k.Batch, limits: Limits, until: int, shape: tuple[Any, ...]
    ) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""
        return int(expand(layout, self.process_tables(), space, batch, limits, until, shape))

    def ask(self, _: NativeSearch, space: k.Space) -> None:
        """Ask about letters on their way, what an observer does with a note, or early what a component does."""
        if self.interner.asked_while_expanding():
            return
        field, number, message = space.tally[k.MISS_FIELD : k.MISS_MESSAGE + 1].tolist()
        if field >= len(self.interner.seats):
            self.interner.ask_observer(field, number, message)
        elif not self._prepare_early(field, number):
            self.system.parts.moves(self.interner.decoded(field, number))
            raise InternalError("a step failed when the kernel called it, but not when the reference engine did")

    def _prepare_early(self, _: int, __: int) -> bool:
        """Make the row of a component before it is expanded; return whether that was possible."""
        return self.interner.prepare_early()

    def configurations(self, layout: k.Layout, width: int, states: NDArray[np.uint64]) -> PackedConfigurations:
        """Return packed configurations, each decoded when it is looked at."""
        return PackedConfigurations(self.interner, layout, width, states)

    def confined(self, configurations: Sequence[MessagePassingConfiguration]) -> Bools:
        """bool[n]: none lies outside a constraint, which general protocols alone have."""
        return np.zeros(len(configurations), np.bool_)

    def look(self, bit: Callable[[Hashable], int]) -> ComponentLook:
        """Return the masks that a watcher sees, given the bits of decision values."""
        return ComponentLook(self, bit)

    def heard(self, search: NativeSearch) -> Iterator[tuple[int, Component]]:
        """Yield (faulty processes as a mask, component) of expanded configurations: those that say something new."""
        expanded = np.ones(search.next, np.bool_)
        expanded[search.unexpanded] = False
        states = search.space.states[: search.next * search.width]
        worlds = np.zeros(search.next, np.uint64)
        column(states, search.layout, search.width, len(self.interner.seats), worlds)
        for owner, wanted in self.interner.numbers_of(self.system.speech.unheard).items():
            numbers = np.zeros(search.next, np.uint64)
            column(states, search.layout, search.width, owner, numbers)
            held = np.isin(numbers, wanted) & expanded
            for number, world in np.unique(np.column_stack([numbers[held], worlds[held]]), axis=0).tolist():
                yield self.interner.budgets[world].faulty, self.interner.decoded(owner, number)

    # Checkpoints.

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what a checkpoint depends on: the words of liars, and which letters may be dropped."""
        letters = self.interner.system.dead_letters
        return self.interner.system.speech.fingerprint + ("" if letters is None else letters.fingerprint)

    def met(self) -> tuple[int, int, int, int]:
        """Return how many components, questions, local states and envelopes there are."""
        interner = self.interner
        components = int(interner.store.sizes[k.Size.COMPONENTS])
        return components, len(interner.questions), len(interner.locals), len(interner.envelopes)

    def recorded(self, first: Sequence[int], last: Sequence[int]) -> dict[str, NDArray[Any]]:
        """Return what was met between two answers of `met`: the local states, and what is in their mailboxes."""
        store = self.interner.store
        boxes = store.components["box"][first[0] : last[0]]
        starts, sizes = store.boxes[boxes], store.boxes[boxes + 1] - store.boxes[boxes]
        places = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
        locals_ = store.components["local"][first[0] : last[0]].copy()
        questions = np.array(self.interner.questions[first[1] : last[1]], np.int64).ravel()
        return {"questions": questions, "locals": locals_, "sizes": sizes, "runs": store.runs[places]}

    def relearn(
        self, _: NativeSearch, first: int, components: Sequence[tuple[int, NDArray[np.int64]]], questions: Numbers
    ) -> bool:
        """Meet components again, numbered from `first` on, and put questions; return whether these are the numbers."""
        met = first
        for field, one, other in questions.tolist():
            if field != EARLY:
                self.interner.ask_again(field, one, other)
            elif self._met_again(met, components[met - first : one - first]):
                met = one
                self.interner.prepare_early()
            else:
                return False
        return self._met_again(met, components[met - first :])

    def _met_again(self, first: int, components: Sequence[tuple[int, NDArray[np.int64]]]) -> bool:
        known = self.interner.locals
        return all(
            local < len(known) and self.interner.interned(local, runs) == number
            for number, (local, runs) in enumerate(components, first)
        )


class ComponentLook:
    """The masks of packed configurations, by tables of components.

    Parameters
    ----------
    front
        Whose components.
    bit
        The bit of a decision value.
    """

    def __init__(self, front: ComponentFront, bit: Callable[[Hashable], int]) -> None:
        self.system = front.system
        self.tables = MarkTables(front.interner, bit)

    def update(self, *, expanded: bool) -> None:
        """Enter the components that are new, and, if they have rows, which of them have events."""
        self.tables.update()
        if expanded:
            self.tables.update_liveliness()

    def masks(self, packed: Packed, which: int) -> Masks:
        """uint64[n]: one of the masks of some configurations."""
        return self.tables.look(packed, which)

    def ended(self, packed: Packed, configurations: Sequence[MessagePassingConfiguration], among: Bools) -> Bools:
        """Return which of some of them are known to have no process event that leads elsewhere.

        Where an event may lead elsewhere or not, the reference semantics is asked.
        """
        among = among & (self.tables.rests(packed) != 0)
        moves = self.masks(packed, MOVES)
        found: Bools = among & (moves == 0)
        unsure = among & (moves != 0) & (self.masks(packed, BUSY) == 0)
        for number in np.flatnonzero(unsure).tolist():
            found[number] = ends(self.system, configurations[number])
        return found
