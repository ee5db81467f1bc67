"""What goes wrong beyond crashes, for the naive enumerator: recoveries, lies, omissions, losses, duplications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from itertools import combinations
from typing import Any

from flpcheck.authoring.events import Gather, Letter
from flpcheck.authoring.step import At
from flpcheck.authoring.values import key
from oracle.mail import freeze, receivable, received, thaw, twice, without
from oracle.steps import idle, put_at, takes

UNLIMITED = -1


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
    connected: Callable[..., bool]
    learns: Callable[..., bool]
    held_up: Callable[..., bool]
    reachable: Callable[..., bool]
    alphabet: dict[frozenset[str], set[Any]]  # what liars can say, for each choice of liars

    def lies(self, now: Any, liar: str) -> Iterator[tuple[Hashable, Any, None]]:
        """Every process may hear everything from a liar, at any time; it leaves the mailbox as it is."""
        for i, name in enumerate(self.names):
            for message, number, outcome in self.told(now, i, liar):
                yield ("lie", name, liar, message, number), self.after(now, i, outcome, now.mail[i]), None
            if self.learns(i):
                yield from self.learnt_lies(now, i, liar)
            if now.locals[i][0] == "live" and liar == min(now.faulty, key=self.names.index):
                for label, outcome, rest in self.gathered_lies(now, i):
                    yield label, self.after(now, i, outcome, rest), None

    def learnt_lies(self, now: Any, i: int, liar: str) -> Iterator[tuple[Hashable, Any, None]]:
        """What a passive learner receives stays there, once."""
        box = thaw(self.kind, now.mail[i])
        for message in self.sayable(now, i, liar):
            if (liar, message) not in box:
                more = freeze(self.kind, [*box, (liar, message)])
                yield ("lie", self.names[i], liar, message, 0), now._replace(mail=put_at(now.mail, i, more)), None

    def told(self, now: Any, i: int, liar: str) -> Iterator[tuple[Any, int, Any]]:
        """Yield what a live process may hear from a liar, and what it does then."""
        if now.locals[i][0] != "live":
            return
        for message in self.sayable(now, i, liar):
            if takes(self.members[i].step, type(message)):
                for number, outcome in self.ask(i, now.locals[i][1], message, liar):
                    yield message, number, outcome

    def heard_lies(self, now: Any, i: int) -> list[tuple[Any, Any, Any]]:
        """Return the steps that lies make a process take: (outcome, mailbox, configuration)."""
        if not self.failures.byzantine or now.locals[i][0] != "live":
            return []
        alone = [(outcome, now.mail[i], now) for liar in now.faulty for _, _, outcome in self.told(now, i, liar)]
        return alone + [(outcome, rest, now) for _, outcome, rest in self.gathered_lies(now, i)]

    def sayable(self, now: Any, i: int, liar: str) -> list[Any]:
        """Return what a liar can say to a process now."""
        if liar == self.names[i] or self.held_up(now, i, liar) or not self.connected(liar, self.names[i]):
            return []
        said = self.alphabet[now.faulty]
        return [m for m in said if all(s[0] in now.faulty or s in now.signed for s in self.signatures(m))]

    def gathered_lies(self, now: Any, i: int) -> Iterator[tuple[Hashable, Any, Any]]:
        """Yield (label, outcome, mailbox): a lie is a letter that is always there, once; only mail is consumed."""
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
                    yield ("gather", self.names[i], frozenset(counted.items()), number), outcome, rest

    def signatures(self, message: Any) -> frozenset[Any]:
        """Return what a message bears, where messages are signed."""
        if not self.failures.authenticated:
            return frozenset()
        return frozenset((who, key(what)) for who, what in self.protocol.signatures(message))

    def learnt(self, now: Any, message: Any, *, late: bool) -> Any:
        """Liars know a signature from when it is sent to them, if any message that they can say bears it."""
        useful: set[Any] = set()
        for liar in now.faulty:
            for i, name in enumerate(self.names):
                near = name != liar and self.connected(liar, name)
                for said in self.alphabet[now.faulty] if near else ():
                    heeded = self.learns(i) or takes(self.members[i].step, type(said))
                    useful |= self.signatures(said) if heeded else set()
        found = self.signatures(message) & useful
        if late:
            return now._replace(waiting=now.waiting | found - now.signed)
        return now._replace(signed=now.signed | found, waiting=now.waiting - found)

    def omissions(self, now: Any, name: str) -> Iterator[tuple[Hashable, Any, None]]:
        """A step sends only a part of its messages, or a message is not received."""
        i = self.names.index(name)
        for _, outcome, box, told in self.possible(now, i):
            through = [(to, m) for to, m in outcome.sends if self.connected(name, to)]
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
