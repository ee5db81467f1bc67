"""Each distinct case of stale mail is asked once, and refused for whatever its delivery does."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from flpcheck import (
    DEFER,
    At,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    asynchronous,
    load,
    note,
    protocol,
    record,
    reply,
    restart_timer,
    send,
    system_of,
)
from flpcheck.authoring.values import key
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Quotient, reduced


@record
class Ping:
    n: int = 0


@record
class Pong:
    pass


@record
class Place:
    n: int = 0


@protocol
class Pinging:
    """`a` sends two pings to `b`, who does something with them that is declared to be nothing."""

    does: str = "nothing"

    def processes(self) -> Processes[Any]:
        return [Process("a", self.ping, start=Place()), Process("b", self.take, start=Place(9))]

    def ping(self, _: At, s: Place, event: Start | Pong) -> Step[Place, Any]:
        match event:
            case Start():
                return Place(1), (send(Ping(0), to="b"), send(Ping(1), to="b"))
            case Pong():
                return s, ()

    def take(self, at: At, s: Place, _: Ping) -> Step[Place, Any]:
        match self.does:
            case "notes":
                return s, note(at.me)
            case "restarts":
                return s, restart_timer()
            case "defers":
                return DEFER
            case "answers":
                return s, reply(Pong()) if at.sender == "a" else ()
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(self.stale)]

    def stale(self, receiver: Place, sender: Place, message: Any) -> bool:
        return isinstance(message, Ping) and message.n < receiver.n and sender.n > 0


def quotient(does: str) -> Quotient:
    system = reduced(system_of(Pinging(does), asynchronous()))
    assert isinstance(system, Quotient)
    return system


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("notes", "it leads to"),
        ("restarts", "it restarts the timer of b"),
        ("defers", "it is deferred here"),
        ("answers", "which is not stale"),
    ],
)
def test_mail_that_does_something_is_refused(does: str, words: str) -> None:
    with pytest.raises(ReductionRefused) as refused:
        explore(quotient(does))
    assert words in str(refused.value)


def test_a_message_is_delivered_once_to_each_local_state_whatever_it_is_a_renaming_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = reduced(system_of(load("paxos_duel").protocol(acceptors=1), asynchronous(), {"p0": 0, "p1": 1}))
    assert isinstance(system, Quotient)
    table = system.verifier.table
    assert table is not None
    asked = Mock(side_effect=table.ask)
    monkeypatch.setattr(table, "ask", asked)
    explore(system)
    names = [(owner, key(local), key(event), sender) for (owner, local, event, sender), _ in asked.call_args_list]
    assert 100 < len(names) == len(set(names))


def test_what_is_stale_depends_on_receiver_sender_and_message() -> None:
    system = quotient("nothing")
    table, envelope = system.verifier.table, system.plain.parts.envelope
    assert table is not None
    assert table.stale(1, Place(9), Place(1), envelope(0, Ping(0)))
    assert not table.stale(1, Place(9), Place(0), envelope(0, Ping(0)))
    assert not table.stale(1, Place(0), Place(1), envelope(0, Ping(0)))
    assert not table.stale(1, Place(9), Place(1), envelope(0, Ping(9)))
    assert table.stale(1, Place(9), Place(1), envelope(0, Ping(1)))
