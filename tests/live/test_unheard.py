"""Passive learners where mail is lost: verdicts are those of a process that receives, and no letter lost decides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from generators.protocols import RandomTables, random_protocol, random_world

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    UNLIMITED,
    VIOLATED,
    At,
    Bounds,
    Fairness,
    Letter,
    Mail,
    PassiveLearner,
    Process,
    Step,
    Timeout,
    World,
    always_eventually,
    asynchronous,
    eventually,
    eventually_always,
    for_each,
    leads_to,
    protocol,
    record,
    send,
    system_of,
    termination,
    until,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.live.unheard import losing, violates
from flpcheck.authoring.temporal import (
    ALWAYS_EVENTUALLY,
    EVENTUALLY,
    EVENTUALLY_ALWAYS,
    LEADS_TO,
    UNTIL,
    Temporal,
)
from flpcheck.errors import BadWorld
from flpcheck.explore import StateGraph, explore

ENGINES = ("reference", "kernel")


@record
class Vote:
    """A vote for the learner."""

    number: int = 0


@record
class Turn:
    """Which vote comes next."""

    number: int = 0


@protocol
class Voting:
    """A process sends its votes to a learner again and again; the learner decides when it has them all."""

    votes: int = 1
    begins: int = 0

    def processes(self) -> list[Any]:
        return [Process("p", self.votes_on, start=Turn(self.begins)), PassiveLearner("learner", self.learn)]

    def votes_on(self, at: At, s: Turn, event: Timeout) -> Step[Turn, Vote]:
        return Turn((s.number + 1) % max(2, self.votes)), send(Vote(s.number % self.votes), to="learner")

    def learn(self, mail: Mail[Vote]) -> frozenset[int]:
        return frozenset({1} if len({letter.message for letter in mail}) == self.votes else ())


def decided(view: Any, pid: str) -> bool:
    """It has decided."""
    return pid in view.outputs


def learner_decided(view: Any) -> bool:
    """The learner has decided."""
    return "learner" in view.outputs


def somewhere(view: Any) -> bool:
    """Some process is in the second place."""
    return any(getattr(state, "place", 0) == 1 for state in view.states.values())


def anything(_: Any) -> bool:
    """Anything."""
    return True


CLAIMS = [
    eventually(learner_decided, name="once"),
    always_eventually(learner_decided, name="again"),
    eventually_always(learner_decided, name="stays"),
    leads_to(somewhere, learner_decided, name="follows"),
    until(anything, learner_decided, name="until_it_has"),
]


def verdicts(graph: StateGraph, claims: list[Any]) -> list[Any]:
    return [finding.verdict for finding in analyse(graph, claims).findings]


FAIR = asynchronous(network="set", loss=UNLIMITED, fairness=Fairness(letters="strong"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("votes", [1, 2])
@pytest.mark.parametrize(
    ("world", "verdict"),
    [
        (asynchronous(network="set"), HOLDS),
        (asynchronous(network="set", loss=1), HOLDS),
        (asynchronous(network="set", loss=UNLIMITED), VIOLATED),
        (asynchronous(network="set", loss="fair"), HOLDS),
        (FAIR, HOLDS),
    ],
)
def test_a_learner_whose_mail_is_lost_every_time_never_decides(
    votes: int, world: World, verdict: Any, engine: str
) -> None:
    graph = explore(system_of(Voting(votes), world), engine=engine)
    each = for_each(eventually(decided), among=("learner",))
    assert verdicts(graph, [termination, each, *CLAIMS[:3]]) == [verdict] * 5
    finding = analyse(graph, [each]).findings[0]
    if verdict is VIOLATED:
        assert "Vote(0) from p is lost every time" in finding.because


def test_fair_links_are_refused_where_a_learner_receives_nothing() -> None:
    with pytest.raises(BadWorld, match="learner"):
        system_of(Voting(), asynchronous(network="set", loss="fair-links"))


@record
class Heard:
    """What a learner has received."""

    letters: frozenset[Letter[Any]] = frozenset()
    decision: int | None = None


@protocol
class Receiving(RandomTables):
    """The same tables with a learner that receives its mail, one letter at a time."""

    def processes(self) -> list[Any]:
        return [
            Process("learner", self.hears, start=Heard(), virtual=True) if isinstance(one, PassiveLearner) else one
            for one in super().processes()
        ]

    def hears(self, at: At, s: Heard, event: Any) -> Step[Heard, Any]:
        if type(event).__name__ != "Ping":
            return s, ()
        letters = s.letters | {Letter(at.sender, event)}
        return Heard(letters, min(letter.message.kind for letter in letters)), ()


def random_learning(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol with a learner, in a world that loses mail, more often than not from sets."""
    at, plain, world = Random(seed), random_protocol(seed), random_world(seed)
    network = replace(
        world.network,
        kind=at.choice(["set", "set", world.network.kind]),
        duplication=0,
        loss=at.choice([0, 1, 2, UNLIMITED]),
    )
    cells = {cell: answer for cell, answer in plain.table.items() if cell[2] != "gather"}
    shape = plain.shape._replace(learner=True, observer=False, gathers=None)
    return replace(plain, table=cells, shape=shape), replace(world, network=network)


def compared(seeds: range, engine: str) -> Counter[Any]:
    seen: Counter[Any] = Counter()
    for seed in seeds:
        model, world = random_learning(seed)
        hearing = Receiving(**{name: getattr(model, name) for name in ("table", "shape", "seed")})
        systems = (system_of(one, world) for one in (model, hearing))
        graphs = [explore(system, Bounds(configurations=2500), engine=engine) for system in systems]
        if not all(graph.complete for graph in graphs):
            continue
        one, other = (verdicts(graph, CLAIMS) for graph in graphs)
        pairs = zip(CLAIMS, one, other, strict=True)
        assert all(INCOMPLETE in pair or pair[0] is pair[1] for _, *pair in pairs), (seed, one, other, world)
        lossy = losing(graphs[0]) is not None
        seen.update([(lossy, verdict) for verdict in one])
    return seen


@pytest.mark.parametrize("engine", ENGINES)
def test_a_learner_decides_as_a_process_that_receives_would(engine: str) -> None:
    seen = compared(range(80), engine)
    assert min(seen[lossy, verdict] for lossy in (False, True) for verdict in (HOLDS, VIOLATED)) > 5, seen
    assert not seen[True, INCOMPLETE], seen


@pytest.mark.parametrize("engine", ENGINES)
def test_termination_is_that_learners_too_decide_eventually(engine: str) -> None:
    seen: Counter[Any] = Counter()
    for seed in range(160):
        model, world = random_learning(seed)
        graph = explore(system_of(model, world), Bounds(configurations=600), engine=engine)
        names = tuple(name for at, name in enumerate(graph.system.names) if graph.deciders >> at & 1)
        if not graph.complete or not names:
            continue
        finding, other = analyse(graph, [termination, for_each(eventually(decided), among=names)]).findings
        assert (finding.verdict, seed) == (other.verdict, seed), (finding.because, other.because, world)
        assert (len(finding.faulty), seed) == (len(other.faulty), seed) or finding.verdict is not VIOLATED
        seen[losing(graph) is not None, finding.verdict] += 1
    assert seen[True, VIOLATED] > 20, seen
    assert min(seen[True, HOLDS], seen[False, HOLDS], seen[False, VIOLATED]) > 0, seen


def meaning(operator: str, p: list[bool], q: list[bool], loop: int) -> bool:
    """Return whether a lasso is as an operator says, by walking on from each position until all has repeated."""
    turns = [*range(len(p)), *range(loop, len(p)), *range(loop, len(p))]
    later = {at: [*range(at, len(p)), *turns[len(p) :]] for at in range(len(p))}
    answers = {
        EVENTUALLY: lambda: any(p),
        ALWAYS_EVENTUALLY: lambda: all(any(p[j] for j in later[i]) for i in later),
        EVENTUALLY_ALWAYS: lambda: any(all(p[j] for j in later[i]) for i in later),
        LEADS_TO: lambda: all(not p[i] or any(q[j] for j in later[i]) for i in later),
        UNTIL: lambda: any(q[i] and all(p[:i]) for i in later),
    }
    return bool(answers[operator]())


@pytest.mark.parametrize("operator", [EVENTUALLY, ALWAYS_EVENTUALLY, EVENTUALLY_ALWAYS, LEADS_TO, UNTIL])
def test_what_a_lasso_violates(operator: str) -> None:
    at, seen = Random(1), Counter[bool]()
    for _ in range(300):
        size = at.randint(1, 5)
        p, q = ([at.random() < 0.5 for _ in range(size)] for _ in "pq")
        loop = at.randrange(size)
        found = violates(operator, p, q, loop)
        assert found is not meaning(operator, p, q, loop), (p, q, loop)
        seen[found] += 1
    assert min(seen.values()) > 20, seen


def together(view: Any) -> bool:
    """The learner has decided while the process is at its first vote."""
    return "learner" in view.outputs and view["p"].number == 0


@pytest.mark.parametrize("loss", [0, 1, UNLIMITED])
def test_what_depends_on_when_mail_arrives_is_never_held_wrongly(loss: int) -> None:
    graph = explore(system_of(Voting(2), asynchronous(network="set", loss=loss)))
    claims: list[Temporal] = [always_eventually(together), eventually(together), until(anything, together, name="u")]
    found = verdicts(graph, claims)
    assert found == ([VIOLATED] * 3 if loss == UNLIMITED else [HOLDS] * 3)


def test_a_letter_that_each_turn_of_a_loop_loses_is_never_received() -> None:
    graph = explore(system_of(Voting(begins=5), asynchronous(network="set", loss=UNLIMITED)))
    (finding,) = analyse(graph, [CLAIMS[1]]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop == 1


def by_turns(view: Any) -> bool:
    """The learner has decided at the first vote, or has not at the second."""
    return ("learner" in view.outputs) is (view["p"].number == 0)


def test_what_a_loss_may_make_true_or_false_is_left_open() -> None:
    """No run violates it: who has not decided at the first vote has not at the second, which regions do not show."""
    claims = [eventually(by_turns), until(anything, by_turns, name="until_by_turns")]
    for loss, verdict in ((0, HOLDS), (1, HOLDS), (UNLIMITED, INCOMPLETE)):
        findings = analyse(explore(system_of(Voting(), asynchronous(network="set", loss=loss))), claims).findings
        assert [finding.verdict for finding in findings] == [verdict] * 2, (loss, findings)
    assert "passive learner" in findings[0].because
