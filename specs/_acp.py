"""Atomic commitment by a coordinator in shared memory: what the public TLA+ models `acp` have in common.

Babaoglu, Toueg, "Non-Blocking Atomic Commitment" (1993), figures 1 and 4; the models are Stephan Merz's.  Any process
may crash at any time, and every process can see which ones have.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from flpcheck import Action, Event, Pid, invariant, put, record, replace

Steps = Iterator[tuple[Event, "Committee"]]


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

    def coordinated(self, **changes: Any) -> "Committee":
        """Return the same after changes of the coordinator."""
        return replace(self, coordinator=replace(self.coordinator, **changes))

    def but(self, i: int, **changes: Any) -> "Committee":
        """Return the same after changes of participant i."""
        return replace(self, participants=put(self.participants, i, replace(self.participants[i], **changes)))

    def forwarded(self, i: int, j: int, value: str | None) -> "Committee":
        """Return the same after i has sent j a value."""
        return replace(self, forward=put(self.forward, i, put(self.forward[i], j, value)))


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

    def actions(self) -> Iterator[Action]:
        yield Action(self.coordinator_dies)
        for i in range(self.n):
            yield from (Action(rule, i) for rule in (self.asks, self.hears, self.misses, self.tells))
        yield Action(self.coordinator_decides)
        for i in range(self.n):
            yield from (Action(rule, i) for rule in (self.dies, self.votes, self.refuses, self.stays_unasked))
            yield from self.spread(i)

    # The coordinator.

    def coordinator_dies(self, c: Committee) -> Steps:
        if c.coordinator.alive:
            yield Event("dies", "coordinator", world=True), c.coordinated(alive=False)

    def asks(self, c: Committee, i: int) -> Steps:
        """Ask for the vote."""
        s = c.coordinator
        if s.alive and not s.asked[i]:
            yield Event(f"asks p{i}", "coordinator"), c.coordinated(asked=put(s.asked, i, True))

    def awaits(self, s: Coordinator, i: int) -> bool:
        return s.alive and s.decision is None and all(s.asked) and s.votes[i] is None

    def hears(self, c: Committee, i: int) -> Steps:
        """Take the vote."""
        s, participant = c.coordinator, c.participants[i]
        if self.awaits(s, i) and participant.sent:
            yield Event(f"hears p{i}", "coordinator"), c.coordinated(votes=put(s.votes, i, participant.vote))

    def misses(self, c: Committee, i: int) -> Steps:
        """A crashed participant will not vote."""
        participant = c.participants[i]
        if self.awaits(c.coordinator, i) and not participant.sent and not participant.alive:
            yield Event(f"misses p{i}", "coordinator"), c.coordinated(decision="abort")

    def tells(self, c: Committee, i: int) -> Steps:
        """Send the decision, one participant at a time."""
        s = c.coordinator
        if s.alive and s.decision is not None and s.told[i] is None:
            yield Event(f"tells p{i}", "coordinator"), c.coordinated(told=put(s.told, i, s.decision))

    def coordinator_decides(self, c: Committee) -> Steps:
        s = c.coordinator
        if s.alive and s.decision is None and None not in s.votes:
            decision = "abort" if "no" in s.votes else "commit"
            yield Event("decides", "coordinator"), c.coordinated(decision=decision)

    # A participant.

    def dies(self, c: Committee, i: int) -> Steps:
        if c.participants[i].alive:
            yield Event("dies", f"p{i}", world=True), c.but(i, alive=False)

    def votes(self, c: Committee, i: int) -> Steps:
        """Send the vote."""
        if c.participants[i].alive and c.coordinator.asked[i]:
            yield Event("votes", f"p{i}"), c.but(i, sent=True)

    def refuses(self, c: Committee, i: int) -> Steps:
        """After a no it may abort."""
        participant = c.participants[i]
        if participant.alive and participant.decision is None and participant.sent and participant.vote == "no":
            yield Event("aborts", f"p{i}"), c.but(i, decision="abort")

    def stays_unasked(self, c: Committee, i: int) -> Steps:
        """No one will ask."""
        participant, coordinator = c.participants[i], c.coordinator
        if participant.alive and participant.decision is None and not coordinator.alive and not coordinator.asked[i]:
            yield Event("aborts", f"p{i}"), c.but(i, decision="abort")

    def spread(self, i: int) -> Iterator[Action]:
        """Yield how a participant reaches a decision from what others send it."""
        raise NotImplementedError

    def obeys(self, c: Committee, i: int) -> Steps:
        """Simple broadcast: a participant decides what the coordinator has sent it."""
        participant = c.participants[i]
        if participant.alive and participant.decision is None and c.coordinator.told[i] is not None:
            yield Event("obeys", f"p{i}"), c.but(i, decision=c.coordinator.told[i])

    def gives_up(self, c: Committee, i: int) -> Steps:
        """Abort if the coordinator has crashed, no live one has its decision, and no crashed one can pass it on."""
        participant = c.participants[i]
        if participant.alive and participant.decision is None and not c.coordinator.alive and self.hopeless(c):
            yield Event("gives up", f"p{i}"), c.but(i, decision="abort")

    def hopeless(self, c: Committee) -> bool:
        told = c.coordinator.told
        dead = [j for j, p in enumerate(c.participants) if not p.alive]
        live = [j for j, p in enumerate(c.participants) if p.alive]
        return all(told[j] is None for j in live) and all(c.forward[j][k] is None for j in dead for k in live)

    def decisions(self, c: Committee) -> Mapping[Pid, str | None]:
        return {f"p{i}": participant.decision for i, participant in enumerate(c.participants)}

    def inputs(self, c: Committee) -> Mapping[Pid, str]:
        return {f"p{i}": participant.vote for i, participant in enumerate(c.participants)}

    def at_rest(self, c: Committee) -> bool:
        """Return whether nothing but crashes can happen any more."""
        steps = (step for action in self.actions() for step in action(c))
        return all(event.kind == "dies" or after == c for event, after in steps)


@invariant
def ac2(c: Committee) -> bool:
    """A participant commits only if all have voted yes."""
    return all(p.vote == "yes" for p in c.participants) or all(p.decision != "commit" for p in c.participants)


@invariant
def ac3(c: Committee) -> bool:
    """A participant aborts only if some participant has voted no or has crashed."""
    good = c.coordinator.alive and all(p.alive and p.vote == "yes" for p in c.participants)
    return not good or all(p.decision != "abort" for p in c.participants)
