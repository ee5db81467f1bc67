"""Ballots under renamings: queues keep their order, and properties are asked about ballots that were not explored."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    At,
    Ballot,
    BallotShift,
    Bounds,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    View,
    asynchronous,
    invariant,
    protocol,
    record,
    replace,
    send,
    step_invariant,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Quotient, reduced
from flpcheck.reduce.rename import renamed


@record
class Bid:
    ballot: Ballot


@record
class Bidder:
    """The ballot of a process, the last one that it has heard, and whether it has taken a step."""

    ballot: Ballot = 0
    heard: Ballot = -1
    stepped: bool = False


@record
class Hearer:
    heard: Ballot = -1


def _current(state: Any) -> int | None:
    return state.ballot if isinstance(state, Bidder) else None


@protocol
class Falling:
    """p bids a ballot, and again the one before, when it goes on to the next: in its queue to c they fall and rise."""

    def processes(self) -> Processes[Bid]:
        return [Process("p", self.bid, start=Bidder()), Process("c", self.hear, start=Hearer())]

    def bid(self, at: At, s: Bidder, event: Start) -> Step[Bidder, Bid]:
        after = replace(s, ballot=s.ballot + 1, heard=s.ballot)
        return after, (send(Bid(after.ballot), to="c"), send(Bid(s.ballot), to="c"))

    def hear(self, at: At, s: Hearer, event: Bid) -> Step[Hearer, Bid]:
        return Hearer(event.ballot), ()

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, _current)]


def test_in_a_queue_renamed_ballots_stand_in_the_order_in_which_they_were_sent() -> None:
    system = reduced(system_of(Falling(), asynchronous(network="fifo")))
    assert isinstance(system, Quotient)
    fallen = 0
    for configuration in explore(system.plain, Bounds(configurations=60)).configurations:
        image, moved = system.canonical(configuration)
        for before, after in zip(configuration.components, image.components, strict=True):
            sent = [envelope.letter.message for envelope in before.mailbox]
            wanted = sent if moved is None else [renamed(message, moved.__getitem__) for message in sent]
            assert [envelope.letter.message for envelope in after.mailbox] == wanted
            fallen += moved is not None and sent != sorted(sent, key=lambda bid: bid.ballot)
    assert fallen > 0


@protocol
class Told:
    """p stays at ballot 0 and may hear of another one, which q has bid."""

    bids: bool = True

    def processes(self) -> Processes[Bid]:
        bid = send(Bid(5), to="p") if self.bids else ()
        return [Process("p", self.hear, start=Bidder()), Process("q", self.idle, start=Hearer(), sent=bid)]

    def hear(self, at: At, s: Bidder, event: Start | Bid) -> Step[Bidder, Bid]:
        match event:
            case Start():
                return replace(s, stepped=True), ()
            case Bid(ballot):
                return replace(s, heard=ballot), ()

    def idle(self, at: At, s: Hearer, event: Start) -> Step[Hearer, Bid]:
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, _current)]


@step_invariant
def hears_no_nine(before: Any, after: Any) -> bool:
    """No process hears of ballot 9."""
    return not getattr(before, "heard", -1) != getattr(after, "heard", -1) == 9


def test_a_property_of_steps_is_asked_about_ballots_that_occur_only_after_the_step() -> None:
    """Ballot 5 is in the state after the step and not in that before it; as ballot 9 it would be seen."""
    graph = explore(reduced(system_of(Told(), asynchronous())))
    with pytest.raises(ReductionRefused, match="property hears_no_nine depends on the absolute value of a ballot"):
        analyse(graph, [hears_no_nine])


@invariant
def never_seven(view: View[Any]) -> bool:
    """No process is at ballot 7."""
    return all(getattr(state, "ballot", -1) != 7 for state in view.states.values())


def test_a_property_is_asked_about_other_ballots_where_all_are_at_the_first_one() -> None:
    graph = explore(reduced(system_of(Told(bids=False), asynchronous())))
    with pytest.raises(ReductionRefused, match="property never_seven depends on the absolute value of a ballot"):
        analyse(graph, [never_seven])
