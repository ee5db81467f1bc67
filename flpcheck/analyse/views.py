"""Evaluating an author's predicate on millions of configurations: once for each combination of what it reads.

A predicate sees a `View`.  Which parts of it were looked at is recorded; configurations that agree in these parts get
the same answer.  If some representative makes the predicate look further, the grouping is refined and done again, so
the answers are those of asking everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.field_reads import FieldReads, asks_for_identity, field_reads
from flpcheck.authoring.property import Reading, View, read
from flpcheck.authoring.values import key
from flpcheck.budget import afford, look, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools
from flpcheck.system import System
from flpcheck.system.components import Crashed
from flpcheck.system.interface import WORLD

LARGEST = 2**62
SAMPLE = 64
"""Number of answers that are compared with what a plain view gets."""
SORTING = 2e-7
"""Seconds per configuration for sorting millions of them."""


class ViewPart(NamedTuple):
    """A part of a view: which of its fields, of which process (or observer) by position, and what is read in it.

    Of a state, its class (and whether there is one) and each field are parts, too.  Who is faulty depends on all
    processes, each a part `crashed`, and on the world, which is the owner `WORLD`.
    """

    field: str
    owner: int
    reading: Reading = ""


class _Noted(Mapping[Any, Any]):
    """A mapping by process that notes which entries are looked at; of states, perhaps, which of their fields."""

    def __init__(
        self,
        inner: Mapping[Any, Any],
        field: str,
        names: tuple[str, ...],
        seen: dict[ViewPart, None],
        reads: FieldReads | None = None,
    ) -> None:
        self._inner, self._field, self._names, self._seen, self._reads = inner, field, names, seen, reads
        self._copies: dict[Any, Any] = {}

    def __getitem__(self, name: Any) -> Any:
        if self._reads is not None and name in self._names:
            return self._copy(name, self._reads)
        owners = [self._names.index(name)] if name in self._names else range(len(self._names))
        self._seen.update(dict.fromkeys(ViewPart(self._field, owner) for owner in owners))
        return self._inner[name]

    def _copy(self, name: Any, reads: FieldReads) -> Any:
        """Return a state whose fields are noted as they are read; that there is one, and its class, is noted now."""
        owner = self._names.index(name)
        self._seen[ViewPart("class", owner)] = None
        state = self._inner[name]
        if not reads.may_follow(state):
            self._seen[ViewPart("states", owner)] = None
            return state
        if name not in self._copies:
            self._copies[name] = reads.copy_of(state, partial(self._note, owner))
        return self._copies[name]

    def _note(self, owner: int, name: str) -> None:
        self._seen[ViewPart("field", owner, name) if name else ViewPart("states", owner)] = None

    def _note_keys(self) -> None:
        field = "class" if self._reads is not None else self._field
        self._seen.update(dict.fromkeys(ViewPart(field, owner) for owner in range(len(self._names))))

    def __iter__(self) -> Iterator[Any]:
        self._note_keys()
        return iter(self._inner)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __len__(self) -> int:
        self._note_keys()
        return len(self._inner)


class _NotedView(View[Any]):
    """A view that notes which of its parts are looked at."""

    def each(self, reading: Reading) -> dict[Any, Any]:
        """Return what a reading finds; noted as a look at no more than that, if the reading can be told from others."""
        plain, seen, names = (object.__getattribute__(self, name) for name in ("_plain", "_seen", "_names"))
        if not _is_plain(reading) and object.__getattribute__(self, "_reads") is not None:
            return super().each(reading)
        field = "reading" if _is_plain(reading) else "states"
        known = reading if field == "reading" else ""
        seen.update(dict.fromkeys(ViewPart(field, owner, known) for owner in range(len(names))))
        return plain.each(reading)  # type: ignore[no-any-return]

    def backwards(self) -> View[Any]:
        """Return the view backwards, the parts that are looked at in it noted in the same place."""
        plain: View[Any] = object.__getattribute__(self, "_plain")
        return self._noted(plain.backwards())

    def _noted(self, other: View[Any]) -> View[Any]:
        return noted(
            other, *(object.__getattribute__(self, name) for name in ("_names", "_observers", "_seen", "_reads"))
        )

    def choices(self) -> Iterator[View[Any]]:
        """Yield the view for each choice of decisions; noted as a look at those that the predicate looks at."""
        plain: View[Any] = object.__getattribute__(self, "_plain")
        for one in plain.choices() if plain.several else ():
            yield self._noted(one)
        if not plain.several:
            yield self

    def __getattribute__(self, name: str) -> Any:
        if name in {"crashed", "faulty"}:
            seen, names = object.__getattribute__(self, "_seen"), object.__getattribute__(self, "_names")
            seen.update(dict.fromkeys(ViewPart("crashed", owner) for owner in range(len(names))))
            seen.update({ViewPart("faulty", WORLD): None} if name == "faulty" else {})
        return object.__getattribute__(self, name)


def _is_plain(reading: Reading) -> bool:
    """Whether a reading is the same thing whenever a predicate uses it: not a function that is made on each call."""
    return isinstance(reading, str) or "<locals>" not in getattr(reading, "__qualname__", "<locals>")


def noted(
    view: View[Any],
    names: tuple[str, ...],
    observers: tuple[str, ...],
    seen: dict[ViewPart, None],
    reads: FieldReads | None = None,
) -> View[Any]:
    """Return a view that notes which of its parts are looked at, in the order in which they are.

    With `reads` it notes single fields of local states.
    """
    wrapped: dict[str, Any] = {
        name: _Noted(getattr(view, name), name, names, seen) for name in ("outputs", "inputs", "mail")
    }
    wrapped["states"] = _Noted(view.states, "states", names, seen, reads)
    watching = _Noted(view.observers, "observers", observers, seen)
    several = _Noted(view.several, "outputs", names, seen)
    made = _NotedView(**wrapped, crashed=view.crashed, observers=watching, faulty=view.faulty, several=several)
    hidden = {"_plain": view, "_seen": seen, "_names": names, "_observers": observers, "_reads": reads}
    for name, value in hidden.items():
        object.__setattr__(made, name, value)
    return made


def predicate_answers(
    system: System,
    columns: Columned,
    ask: Callable[[Any, int], bool],
    looked: dict[ViewPart, None] | None = None,
    predicate: Callable[..., Any] | None = None,
) -> Bools:
    """Return what a predicate answers in every configuration.

    Parameters
    ----------
    system, columns
        What was explored, and its configurations.
    ask
        `ask(view, number)` puts the question in one configuration.
    looked
        What the predicate is known to look at; what it looks at besides is added.
    predicate
        The author's function, if it is to be noted which fields of states it reads.

    Returns
    -------
    bool[n]
        Cost: a sort of the configurations by what the predicate looks at, and one question per combination.
    """
    looked = {} if looked is None else looked  # in the order in which they were first looked at
    if predicate is not None and not asks_for_identity(predicate):
        with field_reads() as reads:
            found = _answers(system, columns, ask, looked, reads)
        if _is_confirmed(system, columns, ask, found):
            return found
        looked.clear()
    return _answers(system, columns, ask, looked, None)


def _answers(
    system: System,
    columns: Columned,
    ask: Callable[[Any, int], bool],
    looked: dict[ViewPart, None],
    reads: FieldReads | None,
) -> Bools:
    observers = tuple(observer.name for observer in system.observers)
    while True:
        first, group = _grouped(columns, list(looked))
        found, seen = np.zeros(len(first), np.bool_), dict(looked)
        for place, number in enumerate(first.tolist()):
            view = system.view(columns[number])
            found[place] = ask(noted(view, system.names, observers, seen, reads), number)
            if reads is not None:
                reads.forget()
            if seen != looked:
                break
        if seen == looked:
            answer: Bools = found[group]
            return answer
        looked.update(seen)


def _is_confirmed(system: System, columns: Columned, ask: Callable[[Any, int], bool], found: Bools) -> bool:
    """Return whether a sample of the answers is what a plain view gets."""
    numbers = np.unique(np.linspace(0, len(columns) - 1, min(len(columns), SAMPLE)).astype(np.int64)).tolist()
    return all(ask(system.view(columns[number]), number) == found[number] for number in numbers)


def _grouped(columns: Columned, parts: list[ViewPart]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a representative of each group of configurations that agree in some parts, and the group of each."""
    code, size = np.zeros(len(columns), np.int64), 1
    for part in parts:
        look(32 * len(columns))
        kinds = column_kinds(columns, part)
        count = int(kinds.max()) + 1 if len(kinds) else 1
        if size * count > LARGEST:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
            size = int(code.max()) + 1
        code = code * count + kinds[columns.column(part.owner, observer=part.field == "observers")]
        size *= count
    afford(SORTING * len(code), 24 * len(code))
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    return first, group


def column_kinds(columns: Columned, part: ViewPart) -> NDArray[np.int64]:
    """Return, for each number in a column, a key of what a predicate that reads this part can distinguish."""
    known: dict[Any, int] = {}
    members, which = columns.members(part.owner, observer=part.field == "observers", mail=part.field == "mail")
    kinds = [known.setdefault(_look(part, member), len(known)) for member in looking(members)]
    return np.array(kinds, np.int64)[which]


def look_at(field: str, member: Any) -> Any:
    """Return a key of what a predicate that reads a field of the view can distinguish in a component."""
    return _LOOKS[field](member, "")


def _look(part: ViewPart, member: Any) -> Any:
    if part.field == "observers":
        return key(member.state)
    return _LOOKS[part.field](member, part.reading)


_LOOKS: dict[str, Callable[[Any, Reading], Any]] = {
    "states": lambda member, _: (member.crashed, key(member.local)),
    "class": lambda member, _: (member.crashed, type(member.local)),
    "field": lambda member, name: key(getattr(member.local, str(name), None)),
    "reading": lambda member, reading: key(None if member.crashed else read(reading, member.local)),
    "mail": lambda member, _: member.mailbox,
    "outputs": lambda member, _: key(member.decisions),
    "crashed": lambda member, _: isinstance(member.local, Crashed),
    "faulty": lambda world, _: world.faulty,
    "inputs": lambda member, _: key(getattr(member.local, "input", None)),
}
