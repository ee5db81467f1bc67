"""Gatherings under renamings: letters come in the order of the mailbox, by sender, and then in the order it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flpcheck import (
    At,
    Gather,
    Mail,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    World,
    asynchronous,
    choose,
    protocol,
    record,
    send,
    system_of,
)
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced


@record
class Word:
    text: str


@record
class Go:
    """That one is to speak."""


@record
class Heard:
    done: bool = False
    words: tuple[str, ...] = ()


Move = Step[Heard, Any]


@protocol
class OneSpeaks:
    """z lets a or b speak; c gathers the two words, and if they are from `misheard`, in the wrong order."""

    misheard: str = ""

    def processes(self) -> Processes[Any]:
        hearer = Process("c", self.hear, start=Heard(), gather=self.pair)
        return [
            Process("z", self.choose, start=Heard()),
            *(Process(p, self.speak, start=Heard()) for p in "ba"),
            hearer,
        ]

    def choose(self, at: At, s: Heard, event: Start) -> Move:
        return (s, ()) if s.done else choose(*((Heard(done=True), send(Go(), to=p)) for p in "ab"))

    def speak(self, at: At, s: Heard, event: Go) -> Move:
        return Heard(done=True), (send(Word("y"), to="c"), send(Word("x"), to="c"))

    def pair(self, at: At, s: Heard, mail: Mail[Word]) -> Iterator[Mail[Word]]:
        if len(mail) >= 2:
            yield mail[:2]

    def hear(self, at: At, s: Heard, event: Gather[Word]) -> Move:
        words = tuple(letter.message.text for letter in event.letters)
        if event.letters[0].sender == self.misheard:
            words = tuple(sorted(words))
        return Heard(done=True, words=words), ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


QUEUES = asynchronous(network="fifo")


@pytest.mark.parametrize("misheard", ["a", "b"])
def test_in_queues_a_gathering_is_asked_in_the_order_in_which_its_letters_were_sent(misheard: str) -> None:
    """Where only one of two senders is explored, the other one's letters are asked about in the same order."""
    with pytest.raises(ReductionRefused, match="does not treat the declared names symmetrically"):
        explore(reduced(system_of(OneSpeaks(misheard), QUEUES)))


@pytest.mark.parametrize("world", [QUEUES, asynchronous()], ids=["queues", "multisets"])
def test_a_step_may_use_the_order_in_which_letters_are_gathered(world: World) -> None:
    graph, whole = explore(reduced(system_of(OneSpeaks(), world))), explore(system_of(OneSpeaks(), world))
    assert isinstance(graph.system, Orbits)
    assert sum(map(graph.system.orbit_size, graph.configurations)) == len(whole)
    assert len(graph) < len(whole)


@record
class About:
    """A message about a process."""

    name: str


@protocol
class AllSpeak:
    """b and a each speak of both to c; it relies on the order of its mailbox: by sender (b first), then by message."""

    def processes(self) -> Processes[Any]:
        said = tuple(send(About(name), to="c") for name in "ab")
        speakers = [Process(name, self.idle, start=Heard(), sent=said) for name in "ba"]
        return [*speakers, Process("c", self.hear, start=Heard(), gather=self.all)]

    def idle(self, at: At, s: Heard, event: Start) -> Move:
        return s, ()

    def all(self, at: At, s: Heard, mail: Mail[About]) -> Iterator[Mail[About]]:
        if len(mail) >= 4:
            yield mail

    def hear(self, at: At, s: Heard, event: Gather[About]) -> Move:
        said = [letter.sender + letter.message.name for letter in event.letters]
        if said != ["ba", "bb", "aa", "ab"]:
            raise ValueError(said)
        return Heard(done=True), ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


def test_a_gathering_under_a_renaming_is_asked_in_the_order_of_the_mailbox() -> None:
    graph = explore(reduced(system_of(AllSpeak(), asynchronous())))
    assert isinstance(graph.system, Orbits)
    assert len(graph) == 2
