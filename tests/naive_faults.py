"""What goes wrong beyond crashes, for the naive enumerator: recoveries, lies, omissions, losses, duplications."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import combinations
from typing import Any, get_type_hints

from naive_mail import receivable, twice, without
from naive_steps import takes

from flpcheck.authoring.stable import Stable
from flpcheck.authoring.values import key

UNLIMITED = -1


def put_at(row: tuple[Any, ...], i: int, item: Any) -> tuple[Any, ...]:
    """Return the row with another item at a place."""
    return (*row[:i], item, *row[i + 1 :])


class Faults:
    """The part of the enumerator that knows these faults; the rest is in `naive.Messages`."""

    protocol: Any
    members: list[Any]
    names: tuple[str, ...]
    failures: Any
    kind: str
    ask: Callable[..., Any]
    after: Callable[..., Any]
    network: Any
    possible: Callable[..., Any]
    apart: Callable[..., bool]
    learns: Callable[..., bool]
    held_up: Callable[..., bool]
    alphabet: dict[frozenset[str], set[Any]]  # what liars can say, for each choice of liars

    def stable(self, i: int, state: Any) -> Any:
        """Return what a process would come back with: new, but for the stable fields and the registers."""
        if not self.failures.recoveries:
            return None
        fields = set(vars(state)) & {"input", "decision"}
        if self.members[i].stable is not None:
            fields |= set(self.members[i].stable)
        else:
            hints = get_type_hints(type(state), include_extras=True)
            mark = Stable[int].__metadata__  # type: ignore[attr-defined]
            fields |= {name for name, hint in hints.items() if getattr(hint, "__metadata__", None) == mark}
        return type(state)(**{name: value for name, value in vars(state).items() if name in fields})

    def recoveries(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        """The crashed come back, those that were dead from the start excepted; the mailbox is empty."""
        limit = self.failures.recoveries
        if limit != UNLIMITED and now.recovered >= limit:
            return
        for i, name in enumerate(self.names):
            if now.locals[i][0] == "crashed" and now.locals[i][3] is not None:
                back = put_at(now.locals, i, ("live", now.locals[i][3]))
                spent = now.recovered + (limit != UNLIMITED)
                yield ("recover", name), now._replace(locals=back, recovered=spent), None

    def lies(self, now: Any, liar: str) -> Iterator[tuple[Hashable, Any, None]]:
        """Everybody may hear everything from a liar, at any time; it leaves the mailbox as it is."""
        for i, name in enumerate(self.names):
            cut_off = self.held_up(now, i, liar) or (not self.network.heals and self.apart(liar, name))
            if now.locals[i][0] == "live" and not cut_off:
                for message in self.alphabet[now.faulty]:
                    known = all(
                        who in now.faulty or (who, what) in now.signed for who, what in self.signatures(message)
                    )
                    if known and takes(self.members[i].step, type(message)):
                        for number, outcome in self.ask(i, now.locals[i][1], message, liar):
                            label = ("lie", name, liar, message, number)
                            yield label, self.after(now, i, outcome, now.mail[i]), None

    def signatures(self, message: Any) -> frozenset[Any]:
        """Return what a message bears, where messages are signed."""
        if not self.failures.authenticated:
            return frozenset()
        return frozenset((who, key(what)) for who, what in self.protocol.signatures(message))

    def learnt(self, now: Any, message: Any, *, late: bool) -> Any:
        """Liars know a signature from when it is sent to them, if any message that they can say to anybody bears it."""
        useful: set[Any] = set()
        for liar in now.faulty:
            for i, name in enumerate(self.names):
                near = name != liar and (self.network.heals or not self.apart(liar, name))
                for said in self.alphabet[now.faulty] if near and not self.learns(i) else ():
                    useful |= self.signatures(said) if takes(self.members[i].step, type(said)) else set()
        found = self.signatures(message) & useful
        if late:
            return now._replace(waiting=now.waiting | found - now.signed)
        return now._replace(signed=now.signed | found, waiting=now.waiting - found)

    def omissions(self, now: Any, name: str) -> Iterator[tuple[Hashable, Any, None]]:
        """A step sends only a part of its messages, or a message is not received."""
        i = self.names.index(name)
        for _, outcome, box, told in self.possible(now, i):
            through = [(to, m) for to, m in outcome.sends if self.network.heals or not self.apart(name, to)]
            for size in range(len(through)):
                for sends in combinations(through, size):
                    yield ("omit", name), self.after(told, i, outcome._replace(sends=tuple(sends)), box), None
        if now.locals[i][0] == "live":
            for letter in receivable(self.kind, now.mail[i]):
                if not self.held_up(now, i, letter[0]):
                    box = without(self.kind, now.mail[i], letter)
                    yield ("omit", name), now._replace(mail=put_at(now.mail, i, box)), None

    def losses(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        limit = self.network.loss
        if limit != UNLIMITED and now.lost >= limit:
            return
        spent = now._replace(lost=now.lost + (limit != UNLIMITED))
        for i, name in enumerate(self.names):
            for sender, message in receivable(self.kind, now.mail[i]):
                box = without(self.kind, now.mail[i], (sender, message))
                yield ("lose", name, sender, message), spent._replace(mail=put_at(now.mail, i, box)), None

    def duplications(self, now: Any) -> Iterator[tuple[Hashable, Any, None]]:
        """A set holds every message for ever: there is nothing to duplicate."""
        limit = self.network.duplication
        if self.kind == "set" or (limit != UNLIMITED and now.duplicated >= limit):
            return
        spent = now._replace(duplicated=now.duplicated + (limit != UNLIMITED))
        for i, name in enumerate(self.names):
            for sender, message in receivable(self.kind, now.mail[i]):
                box = twice(self.kind, now.mail[i], (sender, message))
                yield ("duplicate", name, sender, message), spent._replace(mail=put_at(now.mail, i, box)), None
