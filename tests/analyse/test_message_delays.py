"""Message delays against an enumerator that goes through all runs and measures their chains of messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from generators.protocols import random_protocol
from oracle.enumeration import Messages, TooLarge
from oracle.mail import thaw

from flpcheck import Letter, World, asynchronous, load, replace, system_of
from flpcheck.analyse.message_delays import message_delays

Depths = tuple[tuple[Any, ...], ...]  # per process, its letters: (sender, message, length of the chain it ends)
Run = tuple[Any, tuple[int, ...], Depths, int]  # a configuration, chains by process, letters, messages sent so far
LIMIT = 700


class Chains:
    """Every run of a protocol, with the chain of messages that ends in each process and in each letter."""

    def __init__(self, protocol: Any, world: World) -> None:
        self.model = Messages(protocol, world)
        self.kind = world.network.kind
        self.names = self.model.names

    def beginnings(self) -> Iterator[Run]:
        for now in self.model.initial():
            letters = tuple(tuple((*post, 0) for post in self.letters(now, i)) for i in range(len(self.names)))
            yield now, (0,) * len(self.names), letters, 0

    def letters(self, now: Any, i: int) -> list[Any]:
        return thaw(self.kind, now.mail[i])

    def after(self, run: Run) -> Iterator[Run]:
        now, chains, letters, sent = run
        for label, later, by in self.model.events(now):
            if by is not None and later != now:
                for taken, rest in self.takings(label, letters[self.names.index(by)]):
                    yield self.moved(run, self.names.index(by), later, taken, rest)

    def takings(self, label: Any, mine: tuple[Any, ...]) -> list[tuple[list[Any], tuple[Any, ...]]]:
        """Return the copies that an event may take, and the letters that are left: of a queue only the oldest."""
        kinds = {"deliver": lambda: [tuple(label[2:4])], "gather": lambda: list(Counter(dict(label[2])).elements())}
        ways: list[tuple[list[Any], tuple[Any, ...]]] = [([], mine)]
        for post in kinds.get(label[0], list)():
            ways = [way for taken, rest in ways for way in self.taking(post, taken, rest)]
        return ways

    def taking(self, post: Any, taken: list[Any], rest: tuple[Any, ...]) -> list[tuple[list[Any], tuple[Any, ...]]]:
        copies = [place for place, letter in enumerate(rest) if letter[:2] == post]
        left = (lambda p: rest) if self.kind == "set" else (lambda p: rest[:p] + rest[p + 1 :])
        return [([*taken, rest[p]], left(p)) for p in (copies[:1] if self.kind == "fifo" else copies)]

    def moved(self, run: Run, i: int, later: Any, taken: list[Any], rest: tuple[Any, ...]) -> Run:
        _, chains, letters, sent = run
        chain = max([chains[i], *(length for *_, length in taken)])
        held = [*letters[:i], rest, *letters[i + 1 :]]
        for place in range(len(self.names)):
            new = Counter(self.letters(later, place)) - Counter(letter[:2] for letter in held[place])
            sent += new.total() * (place != i)
            held[place] += tuple((*post, chain + (place != i)) for post in new.elements())
        own = (*chains[:i], chain, *chains[i + 1 :])
        return later, own, tuple(map(self.ordered, held)), sent

    def ordered(self, letters: tuple[Any, ...]) -> tuple[Any, ...]:
        return letters if self.kind == "fifo" else tuple(sorted(letters, key=repr))

    def decisions(self, run: Run) -> dict[str, int]:
        """Return the chains that end in the decisions; a passive learner learns as soon as enough has arrived."""
        now, chains, letters, _ = run
        found = {}
        for i, name in enumerate(self.names):
            if not self.model.learns(i) and self.model.outputs(now).get(name):
                found[name] = chains[i]
            elif self.model.learns(i):
                lengths = sorted({0, *(length for *_, length in letters[i])})
                found |= {name: length for length in reversed(lengths) if self.learned(i, letters[i], length)}
        return found

    def learned(self, i: int, letters: tuple[Any, ...], length: int) -> bool:
        return bool(self.model.members[i].learn(tuple(Letter(s, m) for s, m, long in letters if long <= length)))


def least(protocol: Any, world: World) -> tuple[Any, Any]:
    """Return the least (delays, messages, events) to one decision and to all, over all runs; None if there is none."""
    chains, first, everyone = Chains(protocol, world), [], []
    deciders = chains.model.deciders()
    reached = dict.fromkeys(chains.beginnings(), 0)
    queue = list(reached)
    for run in queue:
        if found := chains.decisions(run):
            first.append((min(found.values()), run[3], reached[run]))
        if deciders and deciders <= found.keys():
            everyone.append((max(found[name] for name in deciders), run[3], reached[run]))
        for later in chains.after(run):
            if later not in reached:
                reached[later] = reached[run] + 1
                queue.append(later)
                if len(queue) > LIMIT:
                    raise TooLarge
    return min(first, default=None), min(everyone, default=None)


def agree(protocol: Any, world: World) -> bool:
    """Compare; return whether there was something to compare."""
    try:
        expected = least(protocol, world)
    except TooLarge:
        return False
    system = system_of(protocol, world)
    found = message_delays(system, system.deciders)
    assert found is not None
    runs = [(found.first), (found.everyone)]
    assert tuple(run and (run.delays, run.sent, len(run.schedule)) for run in runs) == expected
    return expected[0] is not None


@pytest.mark.parametrize("name", ["first_quorum", "sequencer", "wait_for_all", "two_phase_commit", "guess_on_timeout"])
def test_the_first_decision_of_a_spec_comes_after_the_shortest_chain_of_all_runs(name: str) -> None:
    assert agree(load(name).instances[0].protocol, asynchronous())


def decides_on_mail(seed: int) -> Any:
    """Return a random protocol in which only what is received leads to a decision."""
    made = random_protocol(seed)
    table = {
        cell: answer if isinstance(answer, str) else tuple(o if "ping" in cell[2] and cell[1] else o._replace(decide=None) for o in answer)
        for cell, answer in made.table.items()
    }
    return replace(made, table=table)


def test_random_protocols_decide_after_the_shortest_chain_of_all_runs() -> None:
    worlds = [asynchronous(network=kind, ignored="stays" if kind == "set" else "consumed") for kind in ("multiset", "set", "fifo")]
    compared = sum(agree(decides_on_mail(seed), worlds[seed % 3]) for seed in range(60))
    assert compared > 20
