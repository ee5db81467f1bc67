"""Equal states of a process that would count for ever, if it were asked what no search asks."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import At, Process, Start, Step, asynchronous, protocol, record, replace, send, system_of
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation
from flpcheck.reduce import bisimulation
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, without_dead_letters


@record
class Vote:
    """A message: a vote."""

    voter: str


@record
class Voter:
    """Whether it has voted."""

    voted: bool = False


@record
class Log:
    """The votes in the order in which they came; no property reads them."""

    votes: tuple[str, ...] = ()


@protocol
class Logged:
    """Voters, and a process that writes down every vote."""

    def processes(self) -> list[Process[Any, Vote]]:
        voters: list[Process[Any, Vote]] = [Process(name, self.vote, start=Voter()) for name in ("a", "b", "c")]
        return [*voters, Process("log", self.write, start=Log())]

    def vote(self, at: At, s: Voter, event: Start) -> Step[Voter, Vote]:
        return (s, ()) if s.voted else (Voter(voted=True), send(Vote(at.me), to="log"))

    def write(self, at: At, s: Log, event: Vote) -> Step[Log, Vote]:
        return replace(s, votes=(*s.votes, event.voter)), ()


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_pairs_that_follow_from_each_other_without_end_are_given_up(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each state that is merged would go on to a longer log, and that to another one."""
    monkeypatch.setattr(bisimulation, "MOST_PAIRS", 50)
    plain = system_of(Logged(), asynchronous())
    merging = without_dead_letters(plain, Observation())
    assert isinstance(merging, WithoutDeadLetters)
    found = examine_safety(merging, (), engine=engine)
    assert found.graph.complete
    assert not merging.dead_letters.merged
    assert len(found.graph) == len(examine_safety(plain, (), engine=engine).graph)
