"""Message delays against an enumerator that goes through all runs and measures their chains of messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from generators.protocols import random_protocol
from oracle.enumeration import Messages, TooLarge
from oracle.mail import thaw

from flpcheck import (
    At,
    Letter,
    Process,
    Processes,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    send,
    system_of,
)  # fmt: skip
from flpcheck.analyse.message_delays import MessageDelays, message_delays
from flpcheck.examine import examine
from flpcheck.explore import explore
from flpcheck.settle import Overrides, settle

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
        now, _, letters, _ = run
        for label, later, by in self.model.events(now):
            if by is not None and later != now:
                for taken, rest in self.takings(label, letters[self.names.index(by)]):
                    yield self.moved(run, self.names.index(by), later, taken, rest)

    def takings(self, label: Any, mine: tuple[Any, ...]) -> list[tuple[list[Any], tuple[Any, ...]]]:
        """Return the copies that an event may take, and the letters that are left: of a queue only the oldest."""
        posts = [tuple(label[2:4])] if label[0] == "deliver" else []
        posts = list(Counter(dict(label[2])).elements()) if label[0] == "gather" else posts
        ways: list[tuple[list[Any], tuple[Any, ...]]] = [([], mine)]
        for post in posts:
            ways = [way for taken, rest in ways for way in self.taking(post, taken, rest)]
        return ways

    def taking(self, post: Any, taken: list[Any], rest: tuple[Any, ...]) -> list[tuple[list[Any], tuple[Any, ...]]]:
        copies = [place for place, letter in enumerate(rest) if letter[:2] == post]
        left = {place: rest if self.kind == "set" else rest[:place] + rest[place + 1 :] for place in copies}
        return [([*taken, rest[p]], left[p]) for p in (copies[:1] if self.kind == "fifo" else copies)]

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
                found.update((name, length) for length in reversed(lengths) if self.learned(i, letters[i], length))
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
        cell: answer
        if isinstance(answer, str)
        else tuple(o if "ping" in cell[2] and cell[1] else o._replace(decide=None) for o in answer)
        for cell, answer in made.table.items()
    }
    return replace(made, table=table)


def world_of(seed: int) -> World:
    kind = ("multiset", "set", "fifo")[seed % 3]
    return asynchronous(network=kind, ignored="stays" if kind == "set" else "consumed")


@pytest.mark.parametrize("seed", [12, 16, 18, 25, 41, 45])
def test_a_random_protocol_decides_after_the_shortest_chain_of_all_runs(seed: int) -> None:
    assert agree(decides_on_mail(seed), world_of(seed))


@pytest.mark.long
def test_random_protocols_decide_after_the_shortest_chain_of_all_runs() -> None:
    assert sum(agree(decides_on_mail(seed // 3), world_of(seed)) for seed in range(90)) > 15


def found_in(name: str, instance: str, **options: Any) -> MessageDelays:
    request = settle(load(name), Overrides(instance=instance))
    found = message_delays(request.system, request.system.deciders, **options)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "instance"), [("one_third_rule", "any"), ("floodset", "n3 f2"), ("last_voting", "one phase")]
)
def test_in_rounds_a_delay_is_a_round(name: str, instance: str) -> None:
    found, graph = found_in(name, instance), explore(settle(load(name), Overrides(instance=instance)).system)
    decided = [int(graph.depth[n]) for n, c in enumerate(graph.configurations) if graph.system.marks(c).decided]
    assert found.first is not None
    assert found.first.delays == min(decided)


@record
class Ping:
    """The same message each time."""


@record
class Heard:
    steps: int = 0
    decision: int | None = None


@protocol
class Pings:
    """One process sends two pings, one by one, and the other decides when it has received some."""

    needed: int = 1

    def processes(self) -> Processes[Ping]:
        return [Process("a", self.tells, start=Heard(), decides=False), Process("b", self.hears, start=Heard())]

    def tells(self, at: At, s: Heard, event: Start | Timeout) -> Step[Heard, Ping]:
        return (replace(s, steps=s.steps + 1), send(Ping(), to="b")) if s.steps < 2 else (s, ())

    def hears(self, at: At, s: Heard, event: Ping) -> Step[Heard, Ping]:
        return Heard(s.steps + 1, s.decision or (1 if s.steps + 1 >= self.needed else None)), ()


@pytest.mark.parametrize(("needed", "expected"), [(1, (1, 1)), (2, (1, 2)), (3, None)])
def test_copies_of_a_message_are_told_apart_and_none_is_made_by_the_world(needed: int, expected: Any) -> None:
    for timers in ("any-time", "after-messages"):
        system = system_of(Pings(needed), asynchronous(duplication=1, timers=timers))
        found = message_delays(system, system.deciders)
        assert found is not None
        assert (found.first and (found.first.delays, found.first.sent)) == expected


def test_failures_and_what_a_process_sends_to_itself_take_no_part() -> None:
    found = found_in("paxos", "crash events")
    assert found.first is not None
    assert found.first.delays == 4
    assert found.slowest is None
    assert not any(transition.event.world for transition in found.first.schedule.transitions)


def test_a_stable_leader_skips_phase_1() -> None:
    request = settle(load("multi_paxos"), Overrides(instance="calm"))
    figures = {"decision": (4, 10), "all decisions": (4, 10), "entry 1": (4, 10), "entry 2": (2, 5)}
    found = examine(request).delays
    assert found is not None
    assert found.figures == figures


def test_a_bound_leaves_a_number_out_rather_than_wrong() -> None:
    found = found_in("paxos", "messages that stay", most=500)
    assert (found.first, found.worst, found.everyone, found.cut) == (None, None, None, True)
    later = found_in("paxos", "messages that stay", most=11_000)
    assert later.first is not None
    assert (later.first.delays, later.everyone, later.cut) == (4, None, True)


@pytest.mark.parametrize("name", ["memory/peterson", "tla/consensus"])
def test_without_messages_there_is_nothing_to_count(name: str) -> None:
    assert message_delays(settle(load(name), Overrides()).system, 1) is None


def test_an_instance_that_expects_other_delays_differs() -> None:
    request = settle(load("wait_for_all"), Overrides())
    assert request.instance is not None
    for expected, differs in (({"decision": (1, 2), "all decisions": (1, 2)}, False), ({"decision": (2, 2)}, True)):
        examination = examine(replace(request, instance=replace(request.instance, delays=expected)))
        assert any("message delays" in str(one) for one in examination.differences) is differs


def test_the_slowest_inputs_are_reported() -> None:
    """Where a process votes no it knows the outcome; where all vote yes the coordinator has to hear of it."""
    found = found_in("two_phase_commit", "patient, one crash")
    assert found.first is not None
    assert found.slowest is not None
    assert (found.first.delays, found.slowest.delays) == (0, 1)
