"""The naive enumerator of rounds: plain loops over what the adversary may do, sharing nothing but the author's classes.

Written from the definition of a round: some processes crash and reach some of the others, each other one is heard by
whom the communication predicate allows, faulty processes lose messages or lie.  A liar says what `lies` lists, or
what correct processes ever send (walked through again and again until nothing is new), or nothing.  Predicates are
filters here, over tuples of heard sets; a configuration is a tuple of plain values.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain, combinations, product
from typing import Any, NamedTuple

from flpcheck.authoring.rounds import OneOf
from flpcheck.authoring.step import At
from flpcheck.authoring.values import key
from oracle.enumeration import TooLarge


class Pause(NamedTuple):
    """A configuration between rounds."""

    number: int
    early: int
    stable: bool
    held: tuple[tuple[Any, ...], ...]  # ("live", state, faulty), ("crashed", decision, input, faulty) or ("liar",)
    signed: frozenset[Any] = frozenset()


Heard = frozenset[int]
ENOUGH = 3000


def subsets(items: Iterable[Any]) -> list[tuple[Any, ...]]:
    found = list(items)
    return list(chain.from_iterable(combinations(found, size) for size in range(len(found) + 1)))


def alone(name: str, heard: Heard, senders: Heard, n: int) -> bool:
    """Whether one process may hear this, as far as the predicate speaks of one process."""
    if name == "complete":
        return heard == senders
    if name == "majority":
        return len(heard) > n / 2
    if name == "two_thirds":
        return len(heard) > 2 * n / 3
    return True


def together(name: str, all_heard: tuple[Heard, ...]) -> bool:
    """Whether these may be heard together, as far as the predicate speaks of several processes."""
    if name == "uniform":
        return len(set(all_heard)) <= 1 and all(all_heard)
    if name == "kernel":
        return not all_heard or bool(frozenset.intersection(*all_heard))
    if name == "no_split":
        return all(one & other for one in all_heard for other in all_heard)
    return True


class InRoundsNaively:
    """A protocol in rounds, in a world of rounds."""

    def __init__(self, protocol: Any, world: Any, inputs: dict[str, Any] | None = None) -> None:
        self.protocol, self.world, self.rounds, self.inputs = protocol, world, world.rounds, inputs or {}
        self.members = list(protocol.processes())
        self.names = tuple(member.name for member in self.members)
        limits = [limit for limit in (getattr(protocol, "rounds", None), self.rounds.most) if limit]
        self.last = min(limits) if limits else None
        self.period = getattr(protocol, "period", None) if self.last is None else None
        self.lying = self.rounds.faults == "byzantine"
        self.spoken: dict[frozenset[int], dict[Any, Any]] = {}  # by who lies: what correct processes ever send

    # -- the beginning

    def initial(self) -> list[Pause]:
        if self.lying and self.rounds.faulty and not self.spoken:
            while self.listen():  # the more liars can say, the more correct processes may say
                pass
        return self.beginnings()

    def listen(self) -> bool:
        """Walk through everything, and let liars say what was sent on the way; return whether that was new."""
        seen = set(self.beginnings())
        waiting, new = list(seen), False
        while waiting:
            now = waiting.pop()
            said = self.spoken.setdefault(self.liars(now), {})
            for message in [] if self.over(now) else self.letters(now).values():
                new |= key(message) not in said
                said[key(message)] = message
            for _, after, _ in self.events(now):
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
            if len(seen) > ENOUGH:
                raise TooLarge
        return new

    def beginnings(self) -> list[Pause]:
        found = [self.beginning(vector, faulty) for faulty in self.faulty_sets() for vector in self.vectors(faulty)]
        return [c for place, c in enumerate(found) if c not in found[:place]]

    def faulty_sets(self) -> list[tuple[int, ...]]:
        faulty = self.rounds.faulty
        if isinstance(faulty, tuple):
            return [tuple(self.names.index(name) for name in faulty)]
        return [some for some in subsets(range(len(self.names))) if len(some) <= faulty]

    def vectors(self, faulty: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
        options: list[list[Any]] = []
        for i, member in enumerate(self.members):
            fixed = member.name in self.inputs
            states = [s for v, s in member.starts if not fixed or v == self.inputs[member.name]]
            options.append([None] if i in faulty and self.lying else states)
        return product(*options)

    def beginning(self, vector: tuple[Any, ...], faulty: tuple[int, ...]) -> Pause:
        held = tuple(("liar",) if s is None else ("live", s, i in faulty) for i, s in enumerate(vector))
        return Pause(0 if self.period == 1 else 1, 0, stable=False, held=held)

    # -- what happens

    def events(self, now: Pause) -> Iterator[tuple[Hashable, Pause, str | None]]:
        if self.over(now):
            return
        if self.rounds.stabilises and not now.stable:
            yield ("stabilise",), now._replace(stable=True, early=0), None
            if self.rounds.unstable is not None and now.early >= self.rounds.unstable:
                return
        letters = self.letters(now)
        number = {None: now.number + 1, 1: 0}.get(self.period, now.number % (self.period or 1) + 1)
        early = now.early + (self.rounds.unstable is not None and not now.stable)
        for crashing in self.crashes(now):
            signed = self.signed_after(now, letters, () if self.world.failures.mid_broadcast else crashing)
            for held in self.surviving(now, letters, crashing, signed if self.rounds.rushing else now.signed):
                yield ("round",), Pause(number, early, now.stable, held, signed), "everybody"

    def over(self, now: Pause) -> bool:
        if self.last is not None and now.number > self.last:
            return True
        correct = [part[1] for part in now.held if part[0] == "live" and not part[2]]
        return bool(self.rounds.stabilises) and all(getattr(s, "decision", None) is not None for s in correct)

    def live(self, now: Pause) -> list[int]:
        return [i for i, part in enumerate(now.held) if part[0] == "live"]

    def liars(self, now: Pause) -> frozenset[int]:
        return frozenset(i for i, part in enumerate(now.held) if part == ("liar",))

    def letters(self, now: Pause) -> dict[tuple[int, int], Any]:
        """Return who sends what to whom."""
        letters: dict[tuple[int, int], Any] = {}
        for i in self.live(now):
            effects = self.members[i].send(At(self.names[i], None, self.names), now.held[i][1], max(now.number, 1))
            for item in effects if isinstance(effects, tuple) else (effects,):
                others = [name for name in self.names if name != self.names[i]]
                for to in {"": item.to, "everyone": self.names, "others": others}[item.group]:
                    letters[i, self.names.index(to)] = item.message
        return letters

    def signed_after(self, now: Pause, letters: dict[tuple[int, int], Any], mute: tuple[int, ...]) -> frozenset[Any]:
        """Return what liars have seen signed when a round is over, of whose senders some crash before they send."""
        signed = now.signed
        if self.rounds.authenticated:
            for message in (m for (i, to), m in letters.items() if to in self.liars(now) and i not in mute):
                signed |= {(who, key(what)) for who, what in self.protocol.signatures(message)}
        return signed

    def crashes(self, now: Pause) -> list[tuple[int, ...]]:
        """Return who may crash in a round."""
        left = self.world.failures.crashes - sum(part[0] == "crashed" for part in now.held)
        return [crashing for crashing in subsets(self.live(now)) if len(crashing) <= left]

    def surviving(
        self, now: Pause, sent: dict[tuple[int, int], Any], crashing: tuple[int, ...], known: frozenset[Any]
    ) -> Iterator[tuple[tuple[Any, ...], ...]]:
        receivers = [i for i in self.live(now) if i not in crashing]
        names = ["complete"] if now.stable else self.rounds.predicate.split("+")
        senders, n = frozenset(receivers), len(self.members)
        options = [
            [frozenset(h) for h in subsets(receivers) if all(alone(p, frozenset(h), senders, n) for p in names)]
            for _ in receivers
        ]
        joint = any(name in {"uniform", "kernel", "no_split"} for name in names)
        groups = product(*options) if joint else [None]
        for chosen in groups:
            if chosen is not None and not all(together(name, chosen) for name in names):
                continue
            sets = options if chosen is None else [[heard] for heard in chosen]
            after = [
                self.next_of(now, sent, i, crashing, heard, known) for i, heard in zip(receivers, sets, strict=True)
            ]
            for states in product(*after):
                yield self.held_after(now, crashing, dict(zip(receivers, states, strict=True)))

    def held_after(self, now: Pause, crashing: tuple[int, ...], states: dict[int, Any]) -> tuple[tuple[Any, ...], ...]:
        held = list(now.held)
        for i in crashing:
            _, state, faulty = held[i]
            held[i] = ("crashed", getattr(state, "decision", None), getattr(state, "input", None), faulty)
        for i, state in states.items():
            held[i] = ("live", state, now.held[i][2])
        return tuple(held)

    def next_of(
        self,
        now: Pause,
        sent: dict[tuple[int, int], Any],
        i: int,
        crashing: tuple[int, ...],
        sets: list[Heard],
        known: frozenset[Any],
    ) -> list[Any]:
        """Return the states in which a process may be after the round."""
        found: dict[Any, Any] = {}
        at = At(self.names[i], None, self.names)
        for heard in sets:
            for lost in subsets(self.unsure(now, i, heard)):
                for last in subsets(crashing) if self.world.failures.mid_broadcast else [()]:
                    for lies in self.lies(now, known, self.members[i].silence):
                        senders = (heard - set(lost)) | set(last)
                        mail = {j: sent[j, i] for j in senders if (j, i) in sent} | lies
                        named = {self.names[j]: mail[j] for j in sorted(mail)}
                        after = self.members[i].receive(at, now.held[i][1], max(now.number, 1), named)
                        for state in after.states if isinstance(after, OneOf) else (after,):
                            found[key(state)] = state
        return list(found.values())

    def unsure(self, now: Pause, i: int, heard: Heard) -> list[int]:
        """Return whose messages may get lost on the way to a process although they live on."""
        faults = self.rounds.faults
        loses = {j for j in heard if now.held[j][2] and faults in {"send_omission", "omission"}}
        misses = heard if now.held[i][2] and faults in {"receive_omission", "omission"} else set()
        return sorted((loses | set(misses)) - {i})

    def lies(self, now: Pause, known: frozenset[Any], silence: Any) -> list[dict[int, Any]]:
        """Return what the liars may say to one process: of each a message or nothing, as which `silence` counts."""
        liars = sorted(self.liars(now))
        names = {self.names[i] for i in liars}
        options = []
        for i in liars:
            words = list(self.members[i].lies(At(self.names[i], None, self.names), max(now.number, 1)))
            words += self.spoken[self.liars(now)].values()
            options.append([None, *(w for w in words if w is not None and self.may_say(w, known, names))])
        heard = [[silence if word is None else word for word in words] for words in product(*options)]
        return [{i: word for i, word in zip(liars, words, strict=True) if word is not None} for words in heard]

    def may_say(self, message: Any, signed: frozenset[Any], liars: set[str]) -> bool:
        if not self.rounds.authenticated:
            return True
        return all(who in liars or (who, key(what)) in signed for who, what in self.protocol.signatures(message))

    # -- what is to be seen

    def outputs(self, now: Pause) -> dict[str, frozenset[Any]]:
        found = {}
        for name, part in zip(self.names, now.held, strict=True):
            decision = getattr(part[1], "decision", None) if part[0] == "live" else part[1] if len(part) > 1 else None
            if decision is not None:
                found[name] = frozenset({decision})
        return found

    def crashed(self, now: Pause) -> frozenset[str]:
        """Return who is not correct."""
        parts = zip(self.names, now.held, strict=True)
        return frozenset(name for name, part in parts if part[0] != "live" or part[2])

    def deciders(self) -> frozenset[str]:
        return frozenset(m.name for m in self.members if any(hasattr(state, "decision") for _, state in m.starts))
