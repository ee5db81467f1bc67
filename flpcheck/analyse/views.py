"""Views that note which of their parts an author's predicate looks at, and what it can distinguish in each part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import Any, NamedTuple

from flpcheck.analyse.field_reads import FieldReads
from flpcheck.authoring.property import Reading, View, read
from flpcheck.authoring.values import key
from flpcheck.system.components import Crashed
from flpcheck.system.interface import WORLD


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

    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        """Return a plain mapping for copies and pickles, which look at every entry."""
        return dict, (dict(self),)

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

    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        """Return a plain view for copies and pickles, which look at everything."""
        whole = (getattr(self, field.name) for field in fields(View))
        return View, tuple(dict(part) if isinstance(part, Mapping) else part for part in whole)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":  # of which `dataclasses.replace` makes the other view, with parts that go on noting
            return View
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


def noted_in(view: Any) -> dict[ViewPart, None] | None:
    """Return where it is noted which parts of a view are looked at; None if it is not."""
    if not isinstance(view, _NotedView):
        return None
    seen: dict[ViewPart, None] = object.__getattribute__(view, "_seen")
    return seen


def look_at(field: str, member: Any) -> Any:
    """Return a key of what a predicate that reads a field of the view can distinguish in a component."""
    return _LOOKS[field](member, "")


def look_in(part: ViewPart, member: Any) -> Any:
    """Return the same for a part of the view; of an observer, for its state."""
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
