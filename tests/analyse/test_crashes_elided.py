"""Crashes as events and silence say the same: properties, horns, the crash-free part, and what the survivors decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from generators.protocols import random_protocol

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    BallotShift,
    Bounds,
    Instance,
    StaleMail,
    View,
    World,
    asynchronous,
    eventually,
    for_each,
    invariant,
    load,
    possible_from_everywhere,
    sometimes,
    system_of,
    termination,
)
from flpcheck.analyse import analyse, standard_properties
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.schedule import same_event
from flpcheck.analyse.sweep import bits
from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.property import Property, Verdict, deadlock_freedom
from flpcheck.explore import StateGraph, explore
from flpcheck.reduce import Quotient, reduced
from flpcheck.spec import bundled
from flpcheck.world.failures import Failures

LIMIT = 3_000
FEW = 800
"""Configurations with crashes as events."""
TWO_LEADERS = {"leaders": 2, "acceptors": 1, "slots": 1}
TWO_REPLICAS = {"replicas": 2, "quorum": 2, "values": 2}
SMALLER: dict[str, dict[str, Any]] = {
    "abd_register": {"servers": 2, "readers": 1},
    "ben_or": {"n": 2, "f": 1, "enough": 1},
    "broken/abd_register_no_write_back": {"servers": 2, "readers": 1},
    "broken/epaxos_single_ballot": {"recoverers": 0},
    "broken/fast_paxos_small_quorums": {"acceptors": 2, "fast": 1, "classic": 1, "rounds": 1},
    "broken/lock_service_no_sequencer": {"clients": 1},
    "broken/multi_paxos_skips_phase_1": TWO_LEADERS,
    "broken/paxos_forgets_promise": {"acceptors": 1, "learners": 1},
    "broken/paxos_forgets_value": {"acceptors": 1, "learners": 1},
    "broken/paxos_small_quorum": {"acceptors": 1, "learners": 1},
    "broken/raft_counts_old_terms": {"servers": 2, "terms": 2, "candidates": "s0 s1", "commands": 1, "asked": "s0"},
    "broken/reliable_broadcast_no_relay": {"n": 3},
    "broken/signed_echo_few_signers": {"n": 3},
    "broken/state_machine_executes_over_gaps": {"leaders": 1, "acceptors": 1},
    "broken/zab_skips_synchronisation": {"leaders": "s0"},
    "initially_dead": {"n": 2},
    "lock_service": {"clients": 1},
    "multi_paxos": TWO_LEADERS,
    "paxos": {"proposers": 2, "acceptors": 1, "learners": 1},
    "state_machine_on_paxos": {"leaders": 1, "acceptors": 1},
    "tla/backup_tm": {"resource_managers": 2},
    "tla/fast_paxos": TWO_REPLICAS | {"fast_quorum": 2, "ballots": 3, "fast": frozenset({1})},
    "tla/paxos": {"acceptors": 2, "values": 1},
    "tla/paxos_commit": {"acceptors": 1},
    "tla/simplified_paxos": TWO_REPLICAS | {"ballots": 2},
}
"""Parameters with which a spec whose instances are all too large becomes small enough."""


def in_question(instance: Instance) -> bool:
    """Whether crashes may be elided, and the search ends.

    Who is not heard in a round has crashed in it, for all to see; and detectors tell of crashes.
    """
    return instance.world.rounds is None and not instance.world.oracle.kind and not instance.bounds


def small(name: str) -> Iterator[tuple[Any, World]]:
    """Yield the protocols of a spec that are small with crashes as events, in a world without crashes."""
    spec = load(name)
    for instance in spec.instances:
        if not in_question(instance):
            continue
        changed = SMALLER.get(name, {})
        network = replace(instance.world.network, partition=(), heals=False)
        calm = replace(instance.world, network=network, failures=Failures())
        yield replace(instance.protocol, **changed), calm


def crashing(world: World, crashes: int, events: str) -> World:
    return replace(world, failures=replace(world.failures, crashes=crashes, events=events))


def explored(protocol: Any, world: World) -> StateGraph:
    """Explore as far as `LIMIT`, modulo what makes the configurations finite, but with all names told apart."""
    system = system_of(protocol, world)
    unbounded = any(
        isinstance(reduction, BallotShift | StaleMail) for reduction in getattr(protocol, "reductions", list)()
    )
    return explore(reduced(system) if unbounded else system, Bounds(configurations=LIMIT))


@cache
def pairs(name: str) -> list[tuple[StateGraph, StateGraph]]:
    """Return (elided, explicit) graphs of the different small protocols of a spec, one crash each, and two of three."""
    found, seen = [], []
    for protocol, world in small(name):
        if (protocol, world) in seen:
            continue
        seen.append((protocol, world))
        for crashes in (1, 2):
            system = system_of(protocol, world)
            if len(system.crashable) <= crashes:
                continue
            explicit = explored(protocol, crashing(world, crashes, "explicit"))
            if not explicit.complete:  # nor would it be with more crashes
                break
            elided = explored(protocol, crashing(world, crashes, "elided"))
            if not (elided.movers < 0).any():  # no process can withhold an event of all
                found.append((elided, explicit))
    return found


def small_pairs(name: str) -> list[tuple[StateGraph, StateGraph]]:
    """Return those of them that are compared configuration by configuration: the smallest, and all below `FEW`."""
    by_size = sorted(pairs(name), key=lambda pair: len(pair[1]))
    return [pair for place, pair in enumerate(by_size) if place == 0 or len(pair[1]) <= FEW]


NAMES = list(bundled())
SHARED = {
    "ben_or_rounds", "broken/acp_nb_wrong", "broken/ben_or_hasty", "tla/acp_nb", "tla/acp_sb", "tla/nbac",
    "tla/nbac_detector", "tla/consensus", "replicated_log",
}  # fmt: skip
"""Their events are steps of several processes at once, which no crash of one could withhold, or tell of crashes."""
NOT_WHOLE = {"cas_paxos", "tla/ewd998", "broken/stop_and_wait_acknowledges_once"}
"""With a crash the graph is too large to be compared, or a constraint cuts it."""


@pytest.mark.long
def test_every_asynchronous_spec_is_compared() -> None:
    names = {name for name in NAMES if any(map(in_question, load(name).instances))}
    assert {name for name in names if not pairs(name)} == SHARED | NOT_WHOLE


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NAMES)
def test_verdicts_and_horns_agree(name: str) -> None:
    if not pairs(name):
        pytest.skip("no instance of it is asynchronous and small")
    for elided, explicit in pairs(name):
        claims = [*standard_properties(elided), deadlock_freedom]
        one, other = analyse(elided, claims), analyse(explicit, claims)
        assert [f.verdict for f in one.findings] == [f.verdict for f in other.findings]
        horns = [set(found.flp.verdicts) if found.flp else None for found in (one, other)]
        assert horns[0] == horns[1]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NAMES)
def test_the_part_without_a_crash_is_the_elided_graph(name: str) -> None:
    for elided, explicit in pairs(name):
        whole = np.flatnonzero(explicit.marks.crashed == 0)
        inside = (explicit.marks.crashed[explicit.sources] == 0) & (explicit.marks.crashed[explicit.targets] == 0)
        assert (len(whole), int(inside.sum())) == (len(elided), len(elided.targets))
    for elided, explicit in small_pairs(name):
        whole = np.flatnonzero(explicit.marks.crashed == 0)
        mine, theirs = Valence.of(elided), Valence.of(explicit)
        names = {elided.configurations[n]: mine.name(n) for n in range(len(elided))}
        texts = {str(elided.describe(n)): mine.name(n) for n in range(len(elided))}
        assert len(names) == len(texts) == len(whole)
        assert {str(explicit.describe(int(n))): theirs.name(int(n)) for n in whole} == texts


def without_crashes(elided: StateGraph, explicit: StateGraph) -> list[int]:
    """Return, for each explicit configuration, where the same schedule leads if its crashes are left out."""
    found = [-1] * len(explicit)
    for place, root in enumerate(explicit.roots):
        found[root] = elided.roots[place]
    for number in range(len(explicit)):
        parent = int(explicit.parent[number])
        if parent < 0:
            continue
        place = explicit.targets[explicit.out(parent)].tolist().index(number)
        step, here = explicit.transitions(parent)[place], found[parent]
        if step.mover < 0:
            found[number] = here
            continue
        out = zip(elided.transitions(here), elided.targets[elided.out(here)].tolist(), strict=True)
        found[number] = next((target for other, target in out if same_event(step, other)), here)
    return found


def compare_survivors(elided: StateGraph, explicit: StateGraph) -> int:
    """Assert that V of a configuration with K crashed is val(K, .) where K is silent instead; return how many."""
    silent, valence = SilentValence.of(elided), Valence.of(explicit)
    values = [[str(value) for value in graph.system.values] for graph in (elided, explicit)]
    for number, here in enumerate(without_crashes(elided, explicit)):
        crashed = tuple(bits(int(explicit.marks.crashed[number])))
        mine = {values[0][bit] for bit in bits(int(silent.low(crashed)[here]))}
        assert mine == {values[1][bit] for bit in bits(int(valence.low[number]))}
    return len(explicit)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", NAMES)
def test_survivors_of_a_crash_decide_what_those_decide_who_hear_nothing_more(name: str) -> None:
    for elided, explicit in small_pairs(name):
        if not isinstance(elided.system, Quotient):  # there schedules change their names on the way
            compare_survivors(elided, explicit)


@pytest.mark.long
def test_on_random_protocols() -> None:
    compared = 0
    for seed in range(150):
        protocol = random_protocol(seed)
        explicit = explore(system_of(protocol, asynchronous(1)), Bounds(configurations=300))
        if explicit.complete:
            elided = explore(system_of(protocol, asynchronous(1, crash_events="elided")))
            compared += compare_survivors(elided, explicit)
    assert compared > 2_000


def of_view(number: int) -> Any:
    """Return a predicate over views that is true of some and not of others, some of which only a crash shows."""
    at = Random(number)
    field, pid, size = (
        at.choice(["states", "crashed", "faulty", "outputs", "inputs", "mail"]),
        f"p{number % 3}",
        number % 4,
    )
    how = at.choice(["has", "as many", "more", "reads", "all read", "waits"])

    def predicate(view: View[Any]) -> bool:
        if how == "has":
            return pid in getattr(view, field)
        if how == "as many":
            return len(getattr(view, field)) != size
        if how == "more":
            return len(getattr(view, field)) < size
        if how == "reads":
            return len(view.each("place")) < 3
        if how == "all read":
            return any(place < size for place in view.each("place").values())
        return any(view.mail.values()) or len(view.states) > 1

    return predicate


@pytest.mark.sampled(1)
@pytest.mark.parametrize("mode", ["reference", "kernel", "safety"])
def test_a_predicate_that_crashes_would_break_does_not_hold_in_silence(mode: str) -> None:
    """As invariants: elided HOLDS where explicit HOLDS, and INCOMPLETE or VIOLATED elsewhere; likewise obligations."""
    met: Counter[tuple[Verdict, Verdict]] = Counter()
    for seed in range(24 if mode == "reference" else 10):
        model = random_protocol(seed)
        claims = [make(of_view(6 * seed + n)) for n in range(6) for make in (invariant, sometimes)]
        worlds = [asynchronous(1, crash_events=events) for events in ("explicit", "elided")]
        whole = explore(system_of(model, worlds[0]), Bounds(configurations=400))
        if not whole.complete:
            continue
        for claim in claims:
            (explicit,) = analyse(whole, [claim]).findings
            silent = system_of(model, worlds[1])
            if mode == "safety":
                (elided,) = examine_safety(silent, [claim], engine="reference").findings
            else:
                (elided,) = analyse(explore(silent, engine=mode), [claim]).findings
            bad = {"invariant": VIOLATED, "sometimes": HOLDS}[claim.kind]
            assert explicit.verdict is (bad if elided.verdict is INCOMPLETE else elided.verdict)
            met[explicit.verdict, elided.verdict] += 1
    assert {(HOLDS, HOLDS), (VIOLATED, VIOLATED), (VIOLATED, INCOMPLETE)} <= set(met)
    if mode == "reference":
        assert min(met.values()) > 2


@pytest.mark.long
def test_dead_ends_of_random_protocols_are_found_in_silence() -> None:
    met: Counter[Verdict] = Counter()
    for seed in range(60):
        found = [
            explore(system_of(random_protocol(seed), asynchronous(1, crash_events=events)), Bounds(configurations=300))
            for events in ("explicit", "elided")
        ]
        if found[0].complete:
            one, other = (analyse(graph, [deadlock_freedom]).findings[0] for graph in found)
            assert one.verdict is other.verdict
            met[one.verdict] += 1
    assert min(met[HOLDS], met[VIOLATED]) > 5


def has_decided(view: View[Any], pid: str) -> bool:
    """The process has decided."""
    return pid in view.outputs


DEAD_OR_CRASHED = [
    for_each(possible_from_everywhere(has_decided, name="each_can_decide")),
    for_each(eventually(has_decided, name="each_decides")),
    termination,
    deadlock_freedom,
]


@pytest.mark.parametrize("claim", DEAD_OR_CRASHED, ids=lambda claim: str(claim.name))
@pytest.mark.parametrize("events", ["elided", "explicit"])
def test_those_dead_from_the_start_use_up_crashes(claim: Property, events: str) -> None:
    """Two of three are enough: one may be dead or crash, and not one dead and another one crash."""
    world = asynchronous(crashes=1, crash_events=events, initially_dead=1)
    graph = explore(system_of(load("first_quorum").protocol(n=3, quorum=2), world))
    found = judge(Case(graph), claim)
    assert found.verdict is HOLDS, found.because
