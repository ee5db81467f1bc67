"""Random protocols that show how many have signed something: as sets of signers, or as certificates without them.

A process goes through places; what it does there when something happens is drawn.  It counts signed votes, from their
voters or passed on, and shows a quorum of them to others, at once or when it starts; quorums differ from process to
process.
"""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

from flpcheck import At, Certificate, Pid, Process, Start, Step, World, asynchronous, protocol, record, replace, send

PLACES = 3
MOST = 3  # votes that a process counts


@record
class Vote:
    """A signed vote."""

    kind: int
    voter: Pid


@record
class Proof:
    """A quorum of votes."""

    kind: int
    proof: Any


@record
class Place:
    """A place in the table, the votes that count, what is still to be shown, and what was shown last."""

    number: int = 0
    heard: frozenset[tuple[int, Pid]] = frozenset()
    kept: Proof | None = None
    decision: int | None = None


@protocol
class Certified:
    """What a table says: (process, place, event) -> (next place, decision, (message, receivers) pairs)."""

    table: Any = None
    traits: Any = None  # by process: quorum, needed, passes on, signs in what it shows, shows at once
    certificates: bool = True
    listed: tuple[tuple[int, int], ...] = ()  # of which quorums any set of signers is among what liars can say

    def processes(self) -> list[Process[Place, Any]]:
        return [Process(f"p{i}", self.step, start=Place()) for i in range(len(self.traits))]

    def step(self, at: At, s: Place, event: Start | Vote | Proof) -> Step[Place, Any]:
        quorum, needed, trusts, *_ = self.traits[int(at.me[1:])]
        match event:
            case Start() if s.kept is not None:
                return replace(s, kept=None), send(s.kept, to=self.others(at))
            case Start():
                return self.look_up(at, s, "start", None)
            case Vote(kind, voter) if (
                (trusts or voter == at.sender) and (kind, voter) not in s.heard and len(s.heard) < MOST
            ):
                return self.count(at, replace(s, heard=s.heard | {(kind, voter)}), kind, quorum)
            case Proof(kind, proof) if self.size(proof) >= needed:
                return self.look_up(at, s, f"proof {kind}", event)
            case _:
                return s, ()

    def count(self, at: At, s: Place, kind: int, quorum: int) -> Step[Place, Any]:
        *_, signs, at_once = self.traits[int(at.me[1:])]
        signers = {voter for other, voter in s.heard if other == kind} | ({at.me} if signs else set())
        if len(signers) != quorum or s.kept is not None:
            return self.look_up(at, s, f"vote {kind}", None)
        shown = Proof(kind, Certificate(kind, signers) if self.certificates else frozenset(signers))
        return (s, send(shown, to=self.others(at))) if at_once else (replace(s, kept=shown), ())

    def look_up(self, at: At, s: Place, happened: str, shown: Proof | None) -> Step[Place, Any]:
        number, decision, actions = self.table.get((at.me, s.number, happened), (s.number, None, ()))
        after = replace(s, number=number, decision=decision if s.decision is None else s.decision)
        sends: list[Any] = []
        for what, to in actions:
            message = shown if what == "relay" else Vote(what, at.me)
            sends += [send(message, to=to)] if message is not None else []
        return after, tuple(sends)

    def others(self, at: At) -> tuple[Pid, ...]:
        return tuple(f"p{i}" for i in range(len(self.traits)) if f"p{i}" != at.me)

    def size(self, proof: Any) -> int:
        return proof.size if isinstance(proof, Certificate) else len(proof)

    def lies(self, liar: Pid) -> list[Proof]:
        everyone = [f"p{i}" for i in range(len(self.traits))]
        return [Proof(kind, frozenset(some)) for kind, size in self.listed for some in combinations(everyone, size)]

    def signatures(self, message: Any) -> list[Any]:
        if isinstance(message, Vote):
            return [(message.voter, message.kind)]
        return [message.proof] if self.certificates else [(voter, message.kind) for voter in message.proof]


def random_certified(seed: int) -> tuple[Certified, World]:
    """Return a protocol of three or four processes with certificates, in a world in which one of them lies."""
    at = Random(seed)
    names = [f"p{i}" for i in range(at.choice([3, 3, 4]))]
    kinds = at.choice([1, 1, 2]) if len(names) == 3 else 1
    table: dict[Any, Any] = {}
    for name in names:
        for place in range(PLACES):
            for event in ("start", "vote 0", "vote 1", "proof 0", "proof 1"):
                if (place, event) == (0, "start") or at.random() < 0.4:
                    relay = ["relay"] * event.startswith("proof")
                    actions = tuple(
                        (at.choice([0, 0, kinds - 1, *relay]), at.choice(names)) for _ in range(at.choice([0, 1, 2]))
                    )
                    goes = at.randrange(place + 1, PLACES) if place + 1 < PLACES else place
                    decides = at.choice([None, 0, 1])
                    table[name, place, event] = (goes, decides, actions if goes > place else ())
    traits = tuple(
        (at.choice([2, 2, 3]), at.choice([2, 3]), at.random() < 0.3, at.random() < 0.3, at.random() < 0.6)
        for _ in names
    )
    liar = at.choice(names)
    world = asynchronous(byzantine=(liar,), authenticated=True, network=at.choice(["multiset", "set"]), ignored="stays")
    return Certified(table, traits), world
