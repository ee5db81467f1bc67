"""The front end of general protocols: rules traced, answers kept in tries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from flpcheck.budget import look
from flpcheck.errors import InternalError, SpecError
from flpcheck.explore.graph import Bools
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.explore.kernel.fields import FieldRenamings
from flpcheck.explore.kernel.search import Limits
from flpcheck.explore.kernel.tries import RuleTables, expand_tries
from flpcheck.explore.layout import with_fields
from flpcheck.explore.limits import TRIES, TooWide
from flpcheck.explore.native_errors import raise_with_schedule
from flpcheck.explore.tries.building import Forest, TrieOutcome
from flpcheck.explore.tries.packed import PATIENCE, SHARE, PackedGeneral, Query, TrieLook
from flpcheck.explore.tries.proxies import Reads
from flpcheck.explore.tries.shape import Broken, ConfigurationShape, ShapePlace
from flpcheck.explore.tries.tracing import Tracer, Untraceable, after, reads_of_predicate
from flpcheck.system import Configuration, System, Transition
from flpcheck.system.general import General, GeneralConfiguration, Situation

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

MOST_PROCESSES = 31
"""Maximum number of processes that may crash: one bit each, in one field."""
LEAST_COMPARED, ONE_IN = 4, 4096
"""Minimum number of configurations of a level, and the share beyond that, whose transitions are compared with the plain
answer; the answers of a rule are compared when they are given, too (`Tracer`)."""


class TrieFront:
    """Fields, tries and questions of one search.

    Parameters
    ----------
    system
        What is explored.
    shape
        The places of its configurations.
    patient
        Whether to go on where rows do not pay.
    """

    fixed = frozenset({0})
    sleeps = False
    renames = False
    side_by_side = False
    code = TRIES

    def __init__(self, system: General, shape: ConfigurationShape, *, patient: bool = True) -> None:
        self.system: System = system
        self.plain = system
        self.shape = shape
        self.patient = patient
        self.tracer = Tracer(system, shape)
        self.constraints = int(system.constrained)
        self.forest = Forest(self.constraints + len(system.actions))
        self.decided, self.within = Query(self, self._decisions), Query(self, self._within)
        self._queries: dict[Callable[[Any], Any], Query] = {query.ask: query for query in (self.decided, self.within)}
        self.questions: list[tuple[int, int, int]] = []
        self._most = [0] * self.forest.groups
        self._compared = 0
        self._due = PATIENCE
        failures = system.world.failures
        self.crashes = failures.crashes if failures.events == "explicit" else 0
        self.processes = len(system.names) if self.crashes else 0
        if self.processes > MOST_PROCESSES:
            raise TooWide(f"more than {MOST_PROCESSES} processes may crash")

    def refined(self, broken: ShapePlace) -> TrieFront:
        """Return a front end that knows nothing but that a place is a field."""
        return TrieFront(self.plain, self.shape.refined(broken), patient=self.patient)

    def begun_again(self) -> NoReturn:
        """No letter is dropped where there are no mailboxes."""
        raise InternalError("a letter was dropped that does not exist")

    def _within(self, shared: Any) -> Any:
        return self.plain.protocol.constraint(shared) if self.constraints else True

    def _decisions(self, shared: Any) -> Any:
        found = self.plain.protocol.decisions(shared) if hasattr(self.plain.protocol, "decisions") else {}
        return tuple(found.items())

    # Numbers.

    def numbers(self, configurations: Sequence[GeneralConfiguration]) -> list[list[int]]:
        """Return the number in each field of some configurations."""
        found = [(configuration, self.shape.encode(configuration.situation.shared)) for configuration in configurations]
        return [self._row(configuration, fields) for configuration, fields in found]

    def _row(self, configuration: GeneralConfiguration, fields: dict[int, int]) -> list[int]:
        crashed = sum(1 << index for index in configuration.crashed)
        return [crashed, *(fields.get(field, 0) for field in range(1, len(self.shape.values)))]

    def decoded(self, row: Sequence[int]) -> GeneralConfiguration:
        """Return the configuration whose fields have these numbers."""
        situation = self.plain.situation(self.shape.decode(row))
        return GeneralConfiguration(situation, frozenset(i for i in range(row[0].bit_length()) if row[0] >> i & 1))

    def widths(self) -> list[int]:
        """Return how many bits each field needs."""
        return [self.processes, *self.shape.widths()]

    @property
    def degree(self) -> int:
        """Maximum number of transitions of a configuration, as far as is known."""
        return sum(self._most) + self.processes

    @property
    def largest(self) -> int:
        """Nothing has to be told apart."""
        return 0

    def grow(self) -> None:
        """Tables grow where something is entered."""

    def _of(self, search: NativeSearch) -> PackedGeneral:
        return PackedGeneral(self, search.layout, search.width, search.space.states)

    # The search.

    def prepare(self, search: NativeSearch) -> None:
        """Compare some of the configurations of the last level with the plain answer."""
        count = search.next - self._compared
        numbers = np.linspace(
            self._compared, search.next - 1, min(count, LEAST_COMPARED + count // ONE_IN), dtype=np.int64
        )
        for number in numbers.tolist():
            look()
            try:
                self._compare(search, number)
            except SpecError:
                raise_with_schedule(search, number)
        self._compared = search.next

    def finish(self, search: NativeSearch) -> None:
        """Do as before each level."""
        self.prepare(search)

    def heard(self, _: NativeSearch) -> Iterator[tuple[int, Any]]:
        """Yield nothing: liars are the author's own."""
        return iter(())

    def _compare(self, search: NativeSearch, number: int) -> None:
        """Compare what the tries say of a configuration with what the author's functions do."""
        configurations = self._of(search)
        row, configuration = configurations.row(number), configurations[number]
        outside = self.plain.confined(configuration)
        if outside != bool(self.constraints and self.forest.is_closed(0, row)):
            raise Untraceable("what its constraint reads could not be traced")
        if outside:
            return
        traced = [(mover, there) for mover, there in self._told(row) if mover < 0 or not row[0] >> mover & 1]
        steps = [step for step in self.plain.applicable(configuration) if step.successor != configuration]
        if traced != self._plain(steps):
            self.tracer.refute(configuration.situation.shared)

    def _told(self, row: list[int]) -> list[tuple[int, list[int]]]:
        """Return who moves, and where that leads, by what the tries say; a missing leaf says nothing."""
        outcomes = [outcome for group in range(self.forest.groups) for outcome in self.forest.outcomes_of(group, row)]
        found = [(outcome.mover, after(row, outcome, self.shape)) for outcome in outcomes]
        return [(mover, there) for mover, there in found if there != row]

    def _plain(self, steps: Sequence[Transition]) -> list[tuple[int, list[int]]] | None:
        """Return the same of plain transitions; None if what they lead to does not fit."""
        try:
            return [(step.mover, self.numbers([step.successor])[0]) for step in steps]
        except Broken:
            return None

    def limits(self, limits: Limits) -> Limits:
        """Return limits with how many processes may crash."""
        return limits._replace(crashes=self.crashes)

    def expand(
        self, layout: k.Layout, space: k.Space, batch: k.Batch, limits: Limits, until: int, shape: tuple[Any, ...]
    ) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""
        layout = with_fields(layout, len(self.shape.values))  # elements may have been met since
        tries = self.forest.pack(layout, len(shape))
        return int(expand_tries(layout, RuleTables(tries, self.renamings()), space, batch, limits, until, shape))

    def renamings(self) -> FieldRenamings | None:
        """Return the renamings that lead to representatives; none without symmetry."""
        return None

    def ask(self, search: NativeSearch, space: k.Space) -> None:
        """Ask all groups that the kernel has missed in a configuration."""
        count, source = space.tally[[k.MISS_FIELD, k.MISS_COMPONENT]].tolist()
        groups = self.forest.tries.missed[:count].tolist()
        for group in groups[:1] if groups[0] < self.constraints else groups:  # outside a constraint no rule is asked
            self.ask_group(search, group, source)
        if self.forest.rows >= self._due and not self.patient:
            self._weigh(search.next)

    def ask_group(self, search: NativeSearch, group: int, source: int) -> None:
        """Ask what a group does in a configuration."""
        self.questions.append((group, source, 0))
        self.ask_row(group, self._of(search).row(source))

    def ask_row(self, group: int, row: list[int]) -> None:
        """Ask what a group does where fields have these numbers; elements that are met are in no set of it."""
        look()
        reads, outcomes = self._answer(group, row)
        self.shape.extend(row)
        self.meet()
        self.forest.reads_whole(group, reads.whole)
        self.forest.enter(group, reads.fields, row.__getitem__, outcomes)
        self._most[group] = max(self._most[group], len(outcomes or ()))

    def _answer(self, group: int, row: list[int]) -> tuple[Reads, list[TrieOutcome] | None]:
        """Return what a group reads and does; a constraint does nothing, or lets nothing happen."""
        if group >= self.constraints:
            return self.tracer.trace(self.plain.actions[group - self.constraints], row)
        reads = reads_of_predicate(self.shape, self._within, row)
        outside = self.plain.confined(GeneralConfiguration(Situation(self.shape.decode(row)), frozenset()))
        return reads, None if outside else []

    def confined(self, configurations: Sequence[Configuration]) -> Bools:
        """bool[n]: which of some packed configurations lie outside the constraint."""
        assert isinstance(configurations, PackedGeneral)
        if not self.constraints:
            return np.zeros(len(configurations), np.bool_)
        _, first, which = np.unique(self.within.leaves(configurations), return_index=True, return_inverse=True)
        outside: Bools = np.array([self.plain.confined(configurations[number]) for number in first.tolist()], np.bool_)
        return outside[which]

    def query(self, ask: Callable[[Any], Any]) -> Query:
        """Return what is known of the reads of a function of configurations."""
        if ask not in self._queries:
            self._queries[ask] = Query(self, ask)
        return self._queries[ask]

    def meet(self) -> None:
        """Let all tries know which elements of sets were met just now."""
        while self.shape.fresh:
            met = self.shape.fresh.pop()
            for forest in (self.forest, *(query.forest for query in self._queries.values())):
                forest.meet(*met)

    def _weigh(self, expanded: int) -> None:
        """Give up where a plain search would ask hardly more often."""
        self._due += PATIENCE // 2
        if self.forest.rows > SHARE * expanded:
            told = f"{self.forest.rows:,} rows for {expanded:,} configurations"
            raise Untraceable(f"its rules read too much: {told}")

    # What was found.

    def configurations(self, layout: k.Layout, width: int, states: NDArray[np.uint64]) -> PackedGeneral:
        """Return packed configurations, each decoded when it is looked at."""
        return PackedGeneral(self, layout, width, states)

    def look(self, _: Callable[[Hashable], int]) -> TrieLook:
        """Return the masks that a watcher sees."""
        return TrieLook(self)

    # Checkpoints: the questions, which are put again in their order, and then everything has the same numbers.

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what a checkpoint depends on: which places are fields."""
        return f"fields {sorted(self.shape.flat)}"

    def met(self) -> tuple[int, int, int, int]:
        """Return how many questions were put."""
        return 0, len(self.questions), 0, 0

    def recorded(self, first: Sequence[int], last: Sequence[int]) -> dict[str, NDArray[Any]]:
        """Return the questions that were put between two answers of `met`."""
        questions, nothing = np.array(self.questions[first[1] : last[1]], np.int64).ravel(), np.zeros(0, np.int64)
        return {"questions": questions, "locals": nothing, "sizes": nothing, "runs": nothing}

    def relearn(self, search: NativeSearch, _: int, __: Sequence[Any], questions: Numbers) -> bool:
        """Put questions again."""
        for group, source, _row in questions.tolist():
            self.ask_group(search, group, source)
        return True
