"""What goes wrong beyond crashes, for the naive enumerator: recoveries, lies, omissions, losses, duplications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from itertools import combinations
from typing import Any, get_type_hints

from naive_mail import receivable, received, thaw, twice, without
from naive_steps import idle, takes

from flpcheck.authoring.events import Gather, Letter
from flpcheck.authoring.stable import Stable
from flpcheck.authoring.step import At
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
    reachable: Callable[..., bool]
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
            if now.locals[i][0] != "live":
                continue
            for message in self.sayable(now, i, liar):
                if takes(self.members[i].step, type(message)):
                    for number, outcome in self.ask(i, now.locals[i][1], message, liar):
                        label = ("lie", name, liar, message, number)
                        yield label, self.after(now, i, outcome, now.mail[i]), None
            if liar == min(now.faulty, key=self.names.index):
                yield from self.gathered_lies(now, i)

    def sayable(self, now: Any, i: int, liar: str) -> list[Any]:
        """Return what a liar can say to a process now."""
        if liar == self.names[i] or self.held_up(now, i, liar):
            return []
        if not self.network.heals and self.apart(liar, self.names[i]):
            return []
        said = self.alphabet[now.faulty]
        return [m for m in said if all(s[0] in now.faulty or s in now.signed for s in self.signatures(m))]

    def gathered_lies(self, now: Any, i: int) -> Iterator[tuple[Hashable, Any, None]]:
        """A lie is a letter that is always there, once; only mail is consumed."""
        guard, state, box = self.members[i].gather, now.locals[i][1], now.mail[i]
        lies = [(liar, message) for liar in now.faulty for message in self.sayable(now, i, liar)]
        if guard is None or not lies:
            return
        seen = []
        everything = tuple(Letter(*letter) for letter in [*thaw(self.kind, box), *lies])
        for group in guard(At(self.names[i], None, self.names), state, everything):
            counted = Counter((letter.sender, letter.message) for letter in group)
            mail = Counter(letter for letter in counted.elements() if letter[0] not in now.faulty)
            if counted == mail or counted in seen or not self.reachable(mail, thaw(self.kind, box)):
                continue
            seen.append(counted)
            rest = box
            for letter in mail.elements():
                rest = received(self.kind, rest, letter)
            taken = Gather(tuple(Letter(*letter) for letter in counted.elements()))
            for number, outcome in self.ask(i, state, taken, None):
                if not idle(state, outcome) and not any(self.held_up(now, i, sender) for sender, _ in counted):
                    label = ("gather", self.names[i], frozenset(counted.items()), number)
                    yield label, self.after(now, i, outcome, rest), None

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
