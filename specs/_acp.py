"""Atomic commitment by a coordinator in shared memory: what the public TLA+ models `acp` have in common.

Babaoglu, Toueg, "Non-Blocking Atomic Commitment" (1993), figures 1 and 4; the models are Stephan Merz's.  Any process
may crash at any time, and every process can see which ones have.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TypeVar

from flpcheck import Event, Pid, invariant, record, replace

T = TypeVar("T")
Step = tuple[str, "Committee"]


@record
class Participant:
    """A participant: its vote, whether it has sent it, and its decision."""

    vote: str
    alive: bool = True
    sent: bool = False
    decision: str | None = None


@record
class Coordinator:
    """The coordinator: whom it has asked, whose votes it has received, and to whom it has sent its decision."""

    asked: tuple[bool, ...]
    votes: tuple[str | None, ...]
    told: tuple[str | None, ...]
    alive: bool = True
    decision: str | None = None


@record
class Committee:
    """All of them; and what each participant has sent to each other, its own pre-decision included."""

    coordinator: Coordinator
    participants: tuple[Participant, ...]
    forward: tuple[tuple[str | None, ...], ...]

    def but(self, i: int, participant: Participant) -> "Committee":
        """Return the same with another participant i."""
        return replace(self, participants=put(self.participants, i, participant))

    def forwarded(self, i: int, j: int, value: str | None) -> "Committee":
        """Return the same after i has sent j a value."""
        return replace(self, forward=put(self.forward, i, put(self.forward[i], j, value)))


def put(row: tuple[T, ...], i: int, item: T) -> tuple[T, ...]:
    """Return a row with another item in one place."""
    return (*row[:i], item, *row[i + 1 :])


class AtomicCommitment:
    """The coordinator, and what participants do in every version; subclasses say how decisions spread."""

    n: int = 3

    def names(self) -> list[Pid]:
        return ["coordinator", *(f"p{i}" for i in range(self.n))]

    def initial(self) -> Iterator[Committee]:
        nothing = (None,) * self.n
        for votes in product(("yes", "no"), repeat=self.n):
            coordinator = Coordinator((False,) * self.n, nothing, nothing)
            yield Committee(coordinator, tuple(map(Participant, votes)), (nothing,) * self.n)

    def successors(self, c: Committee) -> Iterator[tuple[Event, Committee]]:
        if c.coordinator.alive:
            yield Event("dies", "coordinator", world=True), replace(c, coordinator=replace(c.coordinator, alive=False))
            for what, coordinator in self.coordinate(c.coordinator, c.participants):
                yield Event(what, "coordinator"), replace(c, coordinator=coordinator)
        for i, participant in enumerate(c.participants):
            if participant.alive:
                yield Event("dies", f"p{i}", world=True), c.but(i, replace(participant, alive=False))
                for what, after in (*self.take_part(c, i), *self.spread(c, i)):
                    yield Event(what, f"p{i}"), after

    def coordinate(self, s: Coordinator, participants: tuple[Participant, ...]) -> Iterator[tuple[str, Coordinator]]:
        for i, participant in enumerate(participants):
            if not s.asked[i]:  # ask for the vote
                yield f"asks p{i}", replace(s, asked=put(s.asked, i, True))
            waiting = s.decision is None and all(s.asked) and s.votes[i] is None
            if waiting and participant.sent:  # take the vote
                yield f"hears p{i}", replace(s, votes=put(s.votes, i, participant.vote))
            if waiting and not participant.sent and not participant.alive:  # a crashed participant will not vote
                yield f"misses p{i}", replace(s, decision="abort")
            if s.decision is not None and s.told[i] is None:  # send the decision, one participant at a time
                yield f"tells p{i}", replace(s, told=put(s.told, i, s.decision))
        if s.decision is None and None not in s.votes:  # decide
            yield "decides", replace(s, decision="abort" if "no" in s.votes else "commit")

    def take_part(self, c: Committee, i: int) -> Iterator[Step]:
        participant, coordinator = c.participants[i], c.coordinator
        if coordinator.asked[i]:  # send the vote
            yield "votes", c.but(i, replace(participant, sent=True))
        if participant.decision is None and participant.sent and participant.vote == "no":  # after a no it may abort
            yield "aborts", c.but(i, replace(participant, decision="abort"))
        if participant.decision is None and not coordinator.alive and not coordinator.asked[i]:  # no one will ask
            yield "aborts", c.but(i, replace(participant, decision="abort"))

    def spread(self, c: Committee, i: int) -> Iterator[Step]:
        """Yield how a participant reaches a decision from what others send it."""
        raise NotImplementedError

    def obey(self, c: Committee, i: int) -> Iterator[Step]:
        """Simple broadcast: a participant decides what the coordinator has sent it."""
        if c.participants[i].decision is None and c.coordinator.told[i] is not None:
            yield "obeys", c.but(i, replace(c.participants[i], decision=c.coordinator.told[i]))

    def give_up(self, c: Committee, i: int, told: tuple[str | None, ...]) -> Iterator[Step]:
        """Abort if the coordinator has crashed, no live one has its decision, and no crashed one can pass it on."""
        dead = [j for j, p in enumerate(c.participants) if not p.alive]
        live = [j for j, p in enumerate(c.participants) if p.alive]
        unheard = all(c.forward[j][k] is None for j in dead for k in live)
        hopeless = not c.coordinator.alive and all(told[j] is None for j in live) and unheard
        if hopeless and c.participants[i].decision is None:
            yield "gives up", c.but(i, replace(c.participants[i], decision="abort"))

    def decisions(self, c: Committee) -> Mapping[Pid, str | None]:
        return {f"p{i}": participant.decision for i, participant in enumerate(c.participants)}

    def inputs(self, c: Committee) -> Mapping[Pid, str]:
        return {f"p{i}": participant.vote for i, participant in enumerate(c.participants)}

    def at_rest(self, c: Committee) -> bool:
        """Return whether nothing but crashes can happen any more."""
        return all(event.kind == "dies" or after == c for event, after in self.successors(c))


@invariant
def ac2(c: Committee) -> bool:
    """A participant commits only if all have voted yes."""
    return all(p.vote == "yes" for p in c.participants) or all(p.decision != "commit" for p in c.participants)


@invariant
def ac3(c: Committee) -> bool:
    """A participant aborts only if some participant has voted no or has crashed."""
    good = c.coordinator.alive and all(p.alive and p.vote == "yes" for p in c.participants)
    return not good or all(p.decision != "abort" for p in c.participants)
