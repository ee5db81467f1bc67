"""Random protocols of identical processes: orbits against the plain system; one that is not identical is refused."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from flpcheck import (
    At,
    Interchangeable,
    Pid,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    agreement,
    asynchronous,
    choose,
    integrity,
    protocol,
    record,
    replace,
    reply,
    system_of,
    to_others,
)
from flpcheck.analyse import Valence, analyse
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.reduce import Orbits, reduced

PLACES, NAMES, VALUES = 3, ("p0", "p1", "p2"), ("x", "y")
BOUND = 3_000


@record
class Word:
    """A value, perhaps about a process."""

    value: str
    about: Pid | None


@record
class Local:
    """A place in the table, what was heard last and of whom, and whether there is a decision."""

    input: str
    place: int = 0
    last: Pid | None = None
    decision: str | None = None


@protocol
class Alike:
    """A table drawn from a seed, the same for all processes; one name or one value may be treated `unlike` the rest."""

    seed: int = 0
    unlike: str = ""

    def processes(self) -> Processes[Word]:
        return [Process(name, self.step, inputs={v: Local(v) for v in VALUES}) for name in NAMES]

    def step(self, at: At, s: Local, event: Start | Word) -> Step[Local, Word]:
        match event:
            case Start() if s.place > 0:
                return s, ()
            case Start():
                return choose(*(self.way(at, s, s.input, n) for n in range(self.pick(1, 2, "ways"))))
            case Word(value, about):
                if self.unlike == "name" and at.me == "p1":
                    return replace(s, last="p1"), ()
                if self.unlike == "value" and value == "x":
                    return replace(s, decision="y"), ()
                if self.unlike == "sender" and (at.sender_or_none or "") < at.me:
                    return replace(s, place=9), ()
                return self.way(at, s, value, 2 + (about == at.me) + (at.sender_or_none == s.last))

    def pick(self, low: int, high: int, *place: Any) -> int:
        """Return an entry of the table."""
        return Random(f"{self.seed} {place}").randint(low, high)

    def way(self, at: At, s: Local, value: str, kind: int) -> tuple[Local, Any]:
        place = min(s.place + 1, PLACES) if s.place < PLACES else PLACES
        who = (None, at.me, at.sender_or_none, s.last)[self.pick(0, 3, "who", s.place, kind)]
        kept = (value, s.input)[self.pick(0, 1, "kept", s.place, kind)]
        decides = s.decision is None and self.pick(0, 2, "decide", s.place, kind) == 0
        after = replace(s, place=place, last=at.sender_or_none, decision=kept if decides else s.decision)
        sends = self.pick(0, 2, "send", s.place, kind) if s.place < PLACES else 0
        if sends == 0 or (sends == 1 and at.sender_or_none is None):
            return after, ()
        return after, reply(Word(kept, who)) if sends == 1 else to_others(Word(kept, who))

    def reductions(self) -> list[Reduction]:
        return [Symmetric(NAMES), Interchangeable(VALUES)]


def explored(model: Any) -> tuple[StateGraph, Orbits, StateGraph] | None:
    """Return both graphs if the plain one is small enough."""
    world = asynchronous(crashes=model.seed % 2)
    system = reduced(system_of(model, world))
    assert isinstance(system, Orbits)
    whole = explore(system.plain, Bounds(configurations=BOUND), engine="reference")
    return (explore(system), system, whole) if whole.complete else None


def test_orbits_of_random_protocols_are_those_of_the_plain_system() -> None:
    done = 0
    for seed in range(60):
        found = explored(Alike(seed=seed))
        if found is None:
            continue
        graph, system, whole = found
        assert {system.least(configuration)[0] for configuration in whole.configurations} == set(graph.configurations)
        assert sum(map(system.orbit_size, graph.configurations)) == len(whole)
        verdicts = [[f.verdict for f in analyse(g, [agreement, integrity]).findings] for g in (graph, whole)]
        assert verdicts[0] == verdicts[1]
        number = {configuration: n for n, configuration in enumerate(whole.configurations)}
        mine, theirs = Valence.of(graph), Valence.of(whole)
        for n, configuration in enumerate(graph.configurations):
            assert mine.name(n) == theirs.name(number[configuration])
        done += 1
        if done == 8:
            return
    pytest.fail(f"only {done} of the random protocols are small")


@pytest.mark.parametrize(
    ("unlike", "words"),
    [
        (
            "name",
            [
                "does not treat the declared names symmetrically",
                "expected",
                "found",
                "called",
                "receives Word(",
                "test_alike.py:",
            ],
        ),
        ("value", ["does not treat the declared names symmetrically", "Local('x'"]),
        ("sender", ["does not treat the declared names symmetrically", "from p"]),
    ],
)
def test_a_process_or_value_that_is_not_like_the_others_is_refused_with_its_row(unlike: str, words: list[str]) -> None:
    for seed in range(20):
        system = reduced(system_of(Alike(seed=seed, unlike=unlike), asynchronous()))
        try:
            explore(system, Bounds(configurations=300))
        except ReductionRefused as refused:
            text = str(refused)
            assert [word for word in words if word not in text] == []
            assert "--no-reduction" in text
            return
    pytest.fail("it was not noticed")
