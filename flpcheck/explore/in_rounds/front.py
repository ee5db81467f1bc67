"""The front end of protocols in rounds: parts numbered, plans of the adversary and rows of processes in tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look
from flpcheck.errors import InternalError
from flpcheck.explore.graph import Bools
from flpcheck.explore.in_rounds.packed import PackedRounds, RoundLook
from flpcheck.explore.in_rounds.tables import RoundTables
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel import plans as p
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.rounds import expand_rounds
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.limits import ROUNDS, check_limit
from flpcheck.explore.tries.shape import ShapePlace
from flpcheck.system import Configuration
from flpcheck.system.interface import EVERYBODY, WORLD
from flpcheck.system.round_choices import Round
from flpcheck.system.round_states import RoundState, Utterances
from flpcheck.system.rounds import InRounds, RoundConfiguration, liars_among
from flpcheck.system.signatures import Signed
from flpcheck.world.predicates import HeardSets

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class Surroundings(NamedTuple):
    """The world's part of a configuration, and which processes lie.

    Parameters
    ----------
    number, early, stable, signed
        As in `RoundConfiguration`.
    liars
        Who is Byzantine.
    """

    number: int
    early: int
    stable: bool
    signed: Signed
    liars: frozenset[int]


class Numbering:
    """Anything hashable, numbered in the order in which it is met."""

    def __init__(self, *known: Hashable) -> None:
        self.members: list[Any] = list(known)
        self._numbers: dict[Any, int] = {member: number for number, member in enumerate(known)}

    def number(self, member: Hashable) -> int:
        """Return the number of something, which it gets if it has none."""
        if member not in self._numbers:
            self._numbers[member] = len(self.members)
            self.members.append(member)
        return self._numbers[member]

    def __len__(self) -> int:
        return len(self.members)


class RoundFront:
    """Fields for processes and what surrounds them, tables and questions of one search.

    Parameters
    ----------
    system
        What is explored.
    """

    fixed: frozenset[int] = frozenset()
    sleeps = False
    renames = False
    side_by_side = False
    code = ROUNDS

    def __init__(self, system: InRounds) -> None:
        self.system = system
        self.processes = len(system.names)
        self.parts = [Numbering() for _ in system.names]
        self.worlds, self._settings = Numbering(), Numbering()
        self._statuses, self._told = Numbering(), Numbering()
        self._letters, self._kinds = Numbering(None), Numbering()
        self.tables = RoundTables(self.processes)
        self.questions: list[tuple[int, int, int]] = []

    def refined(self, _: ShapePlace) -> NoReturn:
        """Parts have no shape that could be broken."""
        raise InternalError("a part is broken")

    def begun_again(self) -> NoReturn:
        """No letter is dropped where there are no mailboxes."""
        raise InternalError("a letter was dropped that does not exist")

    # Numbers.

    def numbers(self, configurations: Sequence[RoundConfiguration]) -> list[list[int]]:
        """Return the number in each field of some configurations."""
        return [[*map(self._part, here.parts), self._world(here)] for here in configurations]

    def _part(self, part: RoundState) -> int:
        """Return the number of a part in the field of its process."""
        register = self.parts[part.owner]
        known = len(register)
        number = register.number(part)
        if number == known:
            decided = bool(part.decisions) and self.system.rounds.stabilises
            status = self._statuses.number((part.crashed, part.status, decided))
            self.tables.parts.put(self._id(part.owner, number), (status, p.MISSING))
        return number

    def _id(self, owner: int, number: int) -> int:
        return number * self.processes + owner

    def _world(self, here: RoundConfiguration) -> int:
        """Return the number of what surrounds the processes."""
        liars = liars_among(here.parts)
        known = len(self.worlds)
        number = self.worlds.number(Surroundings(here.number, here.early, here.stable, here.signed, liars))
        if number == known:
            self.tables.settings.append(self._settings.number((here.number, liars)))
        return number

    def decoded(self, numbers: Sequence[int]) -> RoundConfiguration:
        """Return the configuration with these numbers in its fields."""
        parts = tuple(register.members[number] for register, number in zip(self.parts, numbers, strict=False))
        world: Surroundings = self.worlds.members[numbers[self.processes]]
        return RoundConfiguration(world.number, world.early, world.stable, parts, world.signed)

    def widths(self) -> list[int]:
        """Return how many bits each field needs."""
        return [max(len(register) - 1, 0).bit_length() for register in (*self.parts, self.worlds)]

    @property
    def degree(self) -> int:
        """Maximum number of transitions of a configuration, as far as is known."""
        return self.tables.wanted

    @property
    def largest(self) -> int:
        """Maximum number of successors that have to be told apart."""
        return self.tables.wanted if self.tables.told_apart else 0

    def grow(self) -> None:
        """Refuse what there is no room for; tables grow where something is entered."""
        check_limit(self.tables.wanted // 2, p.MOST_OUTCOMES, "the rounds after a configuration have {} combinations")

    # The search.

    def prepare(self, _: NativeSearch) -> None:
        """Nothing is asked before a level is expanded."""

    def finish(self, _: NativeSearch) -> None:
        """Nothing is left to be asked."""

    def heard(self, _: NativeSearch) -> Iterator[tuple[int, Any]]:
        """Yield nothing: liars have heard what they can when a process was asked what it sends."""
        return iter(())

    def limits(self, limits: Limits) -> Limits:
        """Return the limits as they are: plans say who may crash."""
        return limits

    def expand(
        self, layout: k.Layout, space: k.Space, batch: k.Batch, limits: Limits, until: int, shape: tuple[Any, ...]
    ) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""
        return int(expand_rounds(layout, self.tables.arrays(), space, batch, limits, until, shape))

    def ask(self, search: NativeSearch, space: k.Space) -> None:
        """Ask what the kernel has missed in a configuration."""
        missing, source = space.tally[[k.MISS_FIELD, k.MISS_COMPONENT]].tolist()
        self._ask(search, missing, source)

    def _ask(self, search: NativeSearch, missing: int, source: int) -> None:
        look()
        self.questions.append((missing, source, 0))
        numbers = self.configurations(search.layout, search.width, search.space.states).row(source)
        here = self.decoded(numbers)
        if missing == p.PLAN:
            self._enter_plan(here, numbers)
        elif missing == p.ROUNDS:
            self._enter_rounds(here, numbers)
        else:
            self._enter_rows(here, numbers, missing)

    # Plans.

    def _plan_key(self, numbers: Sequence[int]) -> list[int]:
        parts = self.tables.parts.array
        return [numbers[self.processes], *(int(parts[part, p.STATUS]) for part in self._ids(numbers))]

    def _ids(self, numbers: Sequence[int]) -> list[int]:
        return [self._id(owner, numbers[owner]) for owner in range(self.processes)]

    def _enter_plan(self, here: RoundConfiguration, numbers: Sequence[int]) -> None:
        """Enter whether the world may stabilise, and whether a round follows."""
        first = self.tables.entries.count
        self._enter_turn(here)
        signed = self.system.signatures.signed and liars_among(here.parts)
        state = p.RESTS if self.system.rests(here) else p.BY_LETTERS if signed else p.OPEN
        self._enter_course(self._plan_key(numbers), first, state)

    def _enter_course(self, key: Sequence[int], first: int, state: int) -> None:
        last = self.tables.entries.count
        self.tables.longest(last - first)
        self.tables.courses.put(self.tables.plans.enter(key), (first, last, state))

    def _enter_turn(self, here: RoundConfiguration) -> None:
        """Enter that the world may stabilise, if it may."""
        stabilised = self.system.stabilised(here)
        if stabilised is not None:
            self.tables.entries.append((self._world(stabilised), WORLD, 1, 0))
            self.tables.kinds.append([p.STAYS] * self.processes)

    def _enter_rounds(self, here: RoundConfiguration, numbers: Sequence[int]) -> None:
        """Enter what processes send, and which rounds may follow."""
        told = self._enter_sendings(here, numbers)
        plan = self.tables.plans.number(self._plan_key(numbers))
        first, state = self.tables.entries.count, self.tables.courses.array[plan, p.STATE]
        if state == p.OPEN:
            self._enter_entries(here)
            last = self.tables.entries.count
            self.tables.longest(last - first)
            self.tables.courses.put(plan, (first, last, p.KNOWN))
        elif state == p.BY_LETTERS and self.tables.plans.number([-1 - plan, *told]) == p.MISSING:
            self._enter_entries(here)
            self._enter_course([-1 - plan, *told], first, p.KNOWN)

    def _enter_sendings(self, here: RoundConfiguration, numbers: Sequence[int]) -> list[int]:
        """Enter what each process sends, and return what each sends to the liars."""
        tables, liars = self.tables, liars_among(here.parts)
        setting, told = int(tables.settings.array[numbers[self.processes]]), []
        for part, sent in zip(self._ids(numbers), self.system.sent(here), strict=True):
            sending = tables.sendings.number((setting, part))
            if sending == p.MISSING:
                tables.told.append(self._told.number(self.system.told(sent, liars)))
                tables.letters.append([self._letters.number(letter) for letter in sent or [None] * self.processes])
                sending = tables.sendings.enter((setting, part))
            told.append(int(tables.told.array[sending]))
        return told

    def _enter_entries(self, here: RoundConfiguration) -> None:
        self._enter_turn(here)
        for round_ in self.system.possible_rounds(here):
            look()
            world = self._world(self.system.following(here, round_, here.parts))
            families = self.system.choices.families(round_)
            for place, family in enumerate(families):
                self.tables.entries.append((world, EVERYBODY, place == 0, len(families) > 1))
                self.tables.kinds.append(self._kinds_of(round_, family))
            self.tables.told_apart |= len(families) > 1

    def _kinds_of(self, round_: Round, family: HeardSets) -> list[int]:
        """Return for each process that it stays, that it crashes, or of which kind its row is."""
        kinds = [p.STAYS] * self.processes
        for index in round_.crashing:
            kinds[index] = p.CRASHES
        for index in round_.receivers:
            kinds[index] = self._kinds.number(self.system.choices.kind(round_, index, family))
        return kinds

    # Rows.

    def _enter_rows(self, here: RoundConfiguration, numbers: Sequence[int], entry: int) -> None:
        """Enter the rows of an entry, and what is left of those that crash in it."""
        ids = self._ids(numbers)
        letters = self._letters_of(numbers, ids)
        for index, kind in enumerate(self.tables.kinds.array[entry].tolist()):
            part = here.parts[index]
            if kind == p.CRASHES:
                self.tables.parts.array[ids[index], p.CORPSE] = self._part(self.system.parts.corpse(part))
            elif kind != p.STAYS:
                self._enter_row(part, kind, [ids[index], *letters[:, index].tolist()])

    def _letters_of(self, numbers: Sequence[int], ids: Sequence[int]) -> Numbers:
        """int64[senders, receivers]: the letters of a round."""
        setting = int(self.tables.settings.array[numbers[self.processes]])
        sendings = [self.tables.sendings.number((setting, part)) for part in ids]
        letters: Numbers = self.tables.letters.array[sendings]
        return letters

    def _enter_row(self, part: RoundState, number: int, key: Sequence[int]) -> None:
        """Enter where a process may go, by the number of a kind and the letters to it."""
        tables, kind = self.tables, self._kinds.members[number]
        view = tables.views.number(key)
        view = tables.views.enter(key) if view == p.MISSING else view
        if tables.rows.number((number, view)) != p.MISSING:
            return
        letters: Utterances = tuple(self._letters.members[letter] for letter in key[1:])
        found = [self._part(entry.after) for entry in self.system.choices.row(part, letters, kind)]
        first = tables.afters.count
        for after in found:
            tables.afters.append(after)
        tables.spans.append((first, tables.afters.count))
        tables.rows.enter((number, view))

    # What was found.

    def configurations(self, layout: k.Layout, width: int, states: NDArray[np.uint64]) -> PackedRounds:
        """Return packed configurations, each decoded when it is looked at."""
        return PackedRounds(self, layout, width, states)

    def confined(self, configurations: Sequence[Configuration]) -> Bools:
        """bool[n]: none lies outside a constraint, which general protocols alone have."""
        return np.zeros(len(configurations), np.bool_)

    def look(self, bit: Callable[[Hashable], int]) -> RoundLook:
        """Return what a watcher sees of packed configurations, given the bits of decision values."""
        return RoundLook(self, bit)

    # Checkpoints: the questions, which are put again in their order, and then everything has the same numbers.

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what a checkpoint depends on: the words of liars."""
        return self.system.speech.fingerprint

    def met(self) -> tuple[int, int, int, int]:
        """Return how many questions were put, and how many parts and worlds were met."""
        return 0, len(self.questions), sum(map(len, self.parts)), len(self.worlds)

    def recorded(self, first: Sequence[int], last: Sequence[int]) -> dict[str, NDArray[Any]]:
        """Return the questions that were put between two answers of `met`."""
        questions, nothing = np.array(self.questions[first[1] : last[1]], np.int64).ravel(), np.zeros(0, np.int64)
        return {"questions": questions, "locals": nothing, "sizes": nothing, "runs": nothing}

    def relearn(self, search: NativeSearch, _: int, __: Sequence[Any], questions: Numbers) -> bool:
        """Put questions again."""
        for missing, source, _row in questions.tolist():
            self._ask(search, missing, source)
        return True
