"""Evaluating an author's predicate on millions of configurations: once for each combination of what it reads.

A predicate sees a `View`.  Which parts of it were looked at is recorded; configurations that agree in these parts get
the same answer.  If some representative makes the predicate look further, the grouping is refined and done again, so
the answers are those of asking everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.property import Reading, View, read
from flpcheck.authoring.values import key
from flpcheck.budget import afford, look, looking
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import Bools
from flpcheck.system import System
from flpcheck.system.components import Crashed
from flpcheck.system.interface import WORLD

LARGEST = 2**62
SORTING = 2e-7
"""Seconds per configuration for sorting millions of them."""


class ViewPart(NamedTuple):
    """A part of a view: which of its fields, of which process (or observer) by position, and what is read in it.

    Who is faulty depends on all processes, each a part `crashed`, and on the world, which is the owner `WORLD`.
    """

    field: str
    owner: int
    reading: Reading = ""


class _Noted(Mapping[Any, Any]):
    """A mapping by process that notes which entries are looked at."""

    def __init__(
        self, inner: Mapping[Any, Any], field: str, names: tuple[str, ...], seen: dict[ViewPart, None]
    ) -> None:
        self._inner, self._field, self._names, self._seen = inner, field, names, seen

    def __getitem__(self, name: Any) -> Any:
        owners = [self._names.index(name)] if name in self._names else range(len(self._names))
        self._seen.update(dict.fromkeys(ViewPart(self._field, owner) for owner in owners))
        return self._inner[name]

    def __iter__(self) -> Iterator[Any]:
        self._seen.update(dict.fromkeys(ViewPart(self._field, owner) for owner in range(len(self._names))))
        return iter(self._inner)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __len__(self) -> int:
        self._seen.update(dict.fromkeys(ViewPart(self._field, owner) for owner in range(len(self._names))))
        return len(self._inner)


class _NotedView(View[Any]):
    """A view that notes which of its parts are looked at."""

    def each(self, reading: Reading) -> dict[Any, Any]:
        """Return what a reading finds; noted as a look at no more than that, if the reading can be told from others."""
        plain, seen, names = (object.__getattribute__(self, name) for name in ("_plain", "_seen", "_names"))
        field = "reading" if _is_plain(reading) else "states"
        known = reading if field == "reading" else ""
        seen.update(dict.fromkeys(ViewPart(field, owner, known) for owner in range(len(names))))
        return plain.each(reading)  # type: ignore[no-any-return]

    def backwards(self) -> View[Any]:
        """Return the view backwards, the parts that are looked at in it noted in the same place."""
        plain, seen, names = (object.__getattribute__(self, name) for name in ("_plain", "_seen", "_names"))
        return noted(plain.backwards(), names, object.__getattribute__(self, "_observers"), seen)

    def choices(self) -> Iterator[View[Any]]:
        """Yield the view for each choice of decisions; noted as a look at those that the predicate looks at."""
        plain, seen, names = (object.__getattribute__(self, name) for name in ("_plain", "_seen", "_names"))
        for one in plain.choices() if plain.several else ():
            yield noted(one, names, object.__getattribute__(self, "_observers"), seen)
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


def noted(view: View[Any], names: tuple[str, ...], observers: tuple[str, ...], seen: dict[ViewPart, None]) -> View[Any]:
    """Return a view that notes which of its parts are looked at, in the order in which they are."""
    wrapped: dict[str, Any] = {
        name: _Noted(getattr(view, name), name, names, seen) for name in ("states", "outputs", "inputs", "mail")
    }
    watching = _Noted(view.observers, "observers", observers, seen)
    several = _Noted(view.several, "outputs", names, seen)
    made = _NotedView(**wrapped, crashed=view.crashed, observers=watching, faulty=view.faulty, several=several)
    for name, value in (("_plain", view), ("_seen", seen), ("_names", names), ("_observers", observers)):
        object.__setattr__(made, name, value)
    return made


def predicate_answers(
    system: System, columns: Columned, ask: Callable[[Any, int], bool], looked: dict[ViewPart, None] | None = None
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

    Returns
    -------
    bool[n]
        Cost: a sort of the configurations by what the predicate looks at, and one question per combination.
    """
    observers = tuple(observer.name for observer in system.observers)
    looked = {} if looked is None else looked  # in the order in which they were first looked at
    while True:
        first, group = _grouped(columns, list(looked))
        found, seen = np.zeros(len(first), np.bool_), dict(looked)
        for place, number in enumerate(first.tolist()):
            view = system.view(columns[number])
            found[place] = ask(noted(view, system.names, observers, seen), number)
            if seen != looked:
                break
        if seen == looked:
            answer: Bools = found[group]
            return answer
        looked.update(seen)


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
    "reading": lambda member, reading: key(None if member.crashed else read(reading, member.local)),
    "mail": lambda member, _: member.mailbox,
    "outputs": lambda member, _: key(member.decisions),
    "crashed": lambda member, _: isinstance(member.local, Crashed),
    "faulty": lambda world, _: world.faulty,
    "inputs": lambda member, _: key(getattr(member.local, "input", None)),
}
