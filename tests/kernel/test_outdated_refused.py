"""Declarations of stale mail and ballots that are wrong: both engines refuse them."""

from __future__ import annotations

from typing import Any

import pytest
from kernel.test_outdated import ONE_INPUT, Bid, Bidder, Bidding, Fading, quotient
from reduce.test_alike import Local, Word
from reduce.test_late_mail import Gathering, Race
from reduce.test_refused import Calling, Waking

from flpcheck import At, BallotShift, Reduction, Start, Step, asynchronous, protocol, replace, system_of
from flpcheck.errors import ReductionRefused
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import reduced

pytest.importorskip("numba")


@protocol
class Careless(Waking):
    """What was dropped in the second phase would be heeded in the third, where it is said to be stale as well."""

    def stale(self, receiver: Any, *_: Any) -> bool:
        return bool(receiver.number > 0)


REFUSED = {
    "a step that knows a ballot": Calling("literal"),
    "a step that knows odd ballots": Calling("parity"),
    "a ballot that falls": Calling("falls"),
    "a message that has an effect": Calling("effect"),
    "a message that has an effect after a step": Waking(),
    "a message that was dropped where it had none": Careless(),
    "an answer that has an effect": Race(late=3),
    "an answer that is stale for a while": Race(late=3, stale_for=2),
    "an answer that is stale by its distance": Race(stale_for=1),
    "a guard that knows a ballot": Gathering("guard"),
    "a learner that knows a ballot": Gathering("learner", looks=True),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_wrong_declaration_is_refused(why: str) -> None:
    for engine in ("reference", "kernel"):
        with pytest.raises(ReductionRefused, match=r"a declared reduction is wrong|when ballots are renumbered"):
            explore(quotient(REFUSED[why], asynchronous()), Bounds(configurations=300), engine=engine)


@protocol
class Partial(Fading):
    """Mail is not declared stale where one process was heard last."""

    def stale(self, receiver: Local, sender: Any, message: Word) -> bool:
        return super().stale(receiver, sender, message) and (receiver.last != "p1")


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize("seed", [0, 6, 8])
def test_what_is_stale_under_some_names_only_is_refused_modulo_symmetry(seed: int, engine: str) -> None:
    alone, alike = (
        reduced(system_of(Partial(seed, symmetric=symmetric), asynchronous(), ONE_INPUT)) for symmetric in (False, True)
    )
    explore(alone, Bounds(configurations=300), engine=engine)
    with pytest.raises(ReductionRefused, match="is stale under some names only"):
        explore(alike, Bounds(configurations=300), engine=engine)


@protocol
class Named(Bidding):
    """A process that has heard the first bid starts no other ballot if it is p1, it says, although all are alike."""

    symmetric: bool = True

    def step(self, at: At, s: Bidder, event: Start | Bid) -> Step[Bidder, Bid]:
        after = super().step(at, s, event)
        return (replace(s, ballot=0, decision=at.me), ()) if s.ballot < 0 else after

    def reductions(self) -> list[Reduction]:
        shift = BallotShift(1, lambda s: None if s.decision == "p1" else s.ballot)
        return [shift, *super().reductions()[1:]]


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_current_ballots_that_depend_on_names_are_refused_modulo_symmetry(engine: str) -> None:
    with pytest.raises(ReductionRefused, match="the current ballot of a state depends on names"):
        explore(reduced(system_of(Named(), asynchronous())), Bounds(configurations=50), engine=engine)
