"""Dolev-Strong broadcast: with signatures, a value counts in round r if r processes have signed it.

Dolev, Strong, "Authenticated Algorithms for Byzantine Agreement" (1983), section 3.  Synchronous rounds, a sender with
a binary value and n - 1 receivers, at most f of the n Byzantine; no process can forge a signature.

A receiver that accepts a value with r signatures adds its own and passes it on, so that all accept it in the
next round; after f + 1 rounds one of the signers is correct and has done so in time.  With f rounds a value can be
shown to one receiver in the last round, when it is too late to pass it on: by the sender itself for f = 1, by a
receiver that colludes with it for f = 2.
"""

from collections.abc import Iterable, Iterator
from itertools import permutations

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Pid, RoundProcess, agreement, correct_unanimity, integrity, protocol,
    record, synchronous, termination, to_others,
)  # fmt: skip


@record
class Signed:
    """A value with the signatures of processes, that of the sender first."""

    value: int
    chain: tuple[Pid, ...]


Message = frozenset[Signed]


@record
class State:
    """What a process has extracted, and which part of it is still to be relayed."""

    extracted: frozenset[int] = frozenset()
    fresh: frozenset[Signed] = frozenset()
    decision: int | None = None


@protocol
class DolevStrong:
    """A sender, n - 1 receivers, and a number of rounds."""

    n: int = 3
    rounds: int = 2

    def processes(self) -> list[RoundProcess[State, Message]]:
        values = {v: State(frozenset({v}), frozenset({Signed(v, ())})) for v in (0, 1)}
        sender = RoundProcess("sender", self.send, self.receive, inputs=values, lies=self.lies)
        receivers = [f"r{i}" for i in range(1, self.n)]
        return [sender, *(RoundProcess(r, self.send, self.receive, State(), lies=self.lies) for r in receivers)]

    def send(self, at: At, s: State, round: int) -> Effects[Message]:
        if not s.fresh:
            return ()
        return to_others(frozenset(Signed(m.value, (*m.chain, at.me)) for m in s.fresh))  # 1. sign it and pass it on

    def receive(self, at: At, s: State, round: int, heard: Heard[Message]) -> State:
        arrived = sorted({m for message in heard.values() for m in message}, key=lambda m: (m.value, m.chain))
        valid = [m for m in arrived if self.convincing(m, round) and at.me not in m.chain]
        new = {m.value: m for m in reversed(valid) if m.value not in s.extracted}
        extracted = s.extracted | frozenset(new)  # 2. extract the values with enough signatures
        if round < self.rounds:
            return State(extracted, frozenset(new.values()))
        return State(
            extracted, frozenset(new.values()), decision=min(extracted) if len(extracted) == 1 else 0
        )  # 3. decide

    def convincing(self, m: Signed, round: int) -> bool:
        """Whether a value bears the signatures of as many processes as there were rounds, the sender's first."""
        return m.chain[:1] == ("sender",) and len(m.chain) == len(set(m.chain)) == round

    def signatures(self, message: Message) -> Iterable[tuple[Pid, Signed]]:
        """Each signer has signed the value with the signatures before its own."""
        return [(pid, Signed(m.value, m.chain[:i])) for m in message for i, pid in enumerate(m.chain)]

    def lies(self, at: At, round: int) -> Iterator[Message]:
        """Everything that is convincing in this round, with any signers: a chain for each value."""
        others = [pid for pid in at.everyone if pid != "sender"]
        chains = [("sender", *rest) for rest in permutations(others, round - 1)]
        yield frozenset()
        yield from (frozenset({Signed(value, chain)}) for value in (0, 1) for chain in chains)
        yield from (frozenset({Signed(0, zero), Signed(1, one)}) for zero in chains for one in chains)


SOLVED = {agreement: HOLDS, correct_unanimity: HOLDS, integrity: HOLDS, termination: HOLDS}


SOLVED = {agreement: HOLDS, correct_unanimity: HOLDS, integrity: HOLDS, termination: HOLDS}
SENDER = ("sender",)

INSTANCES = (
    Instance(
        "n3", DolevStrong(), synchronous(byzantine=SENDER, authenticated=True), SOLVED,
        configurations=33, transitions=32, depth=2,
        bivalent=1, univalent={0: 26, 1: 6}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="A lying sender sends two receivers two values; each shows the other what the sender has signed.",
    ),
    Instance(
        "n4", DolevStrong(n=4), synchronous(byzantine=SENDER, authenticated=True), SOLVED,
        configurations=129, transitions=128, depth=2,
        bivalent=1, univalent={0: 114, 1: 14}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Three receivers.",
    ),
    Instance(
        "n3, one round", DolevStrong(rounds=1), synchronous(byzantine=SENDER, authenticated=True),
        SOLVED | {agreement: VIOLATED},
        configurations=17, transitions=16, depth=1,
        bivalent=7, univalent={0: 9, 1: 1}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 1}, within=1, chain=1, flp=("disagrees", "outside"),
        about="With f rounds there is no time to compare: f + 1 are needed.",
    ),
    Instance(
        "n4, one round", DolevStrong(n=4, rounds=1), synchronous(byzantine=SENDER, authenticated=True),
        SOLVED | {agreement: VIOLATED},
        configurations=65, transitions=64, depth=1,
        bivalent=37, univalent={0: 27, 1: 1}, none=0, critical=0, disagreeing=36,
        counterexample={agreement: 1}, within=1, chain=1, flp=("disagrees", "outside"),
        about="The same with three receivers.",
    ),
    Instance(
        "n4, anybody", DolevStrong(n=4), synchronous(byzantine=1, authenticated=True), SOLVED,
        configurations=153, transitions=144, depth=2,
        bivalent=1, univalent={0: 126, 1: 26}, none=0, critical=1, disagreeing=0,
        within=2, chain=1, flp="outside",
        about="Any process may be faulty: a lying receiver cannot forge a value that the sender has not signed.",
    ),
    Instance(
        "n4 f2, two rounds", DolevStrong(n=4), synchronous(byzantine=("sender", "r3"), authenticated=True),
        SOLVED | {agreement: VIOLATED},
        configurations=66, transitions=65, depth=2,
        bivalent=17, univalent={0: 45, 1: 4}, none=0, critical=0, disagreeing=12,
        counterexample={agreement: 2}, within=2, chain=2, flp=("disagrees", "outside"),
        about="Two colluding liars: r3 withholds the signed value and shows it to one receiver in the last round.",
    ),
    Instance(
        "n4 f2", DolevStrong(n=4, rounds=3), synchronous(byzantine=("sender", "r3"), authenticated=True), SOLVED,
        configurations=115, transitions=114, depth=3,
        bivalent=5, univalent={0: 98, 1: 12}, none=0, critical=4, disagreeing=0,
        within=3, chain=2, flp="outside",
        about="A third round gives a correct receiver the time to pass it on.",
    ),
    Instance(
        "unsigned", DolevStrong(), synchronous(byzantine=1),
        SOLVED | {agreement: VIOLATED, correct_unanimity: VIOLATED},
        configurations=96, transitions=89, depth=2,
        bivalent=27, univalent={0: 60, 1: 9}, none=0, critical=0, disagreeing=16,
        counterexample={agreement: 2, correct_unanimity: 2}, within=2, chain=2, flp=("disagrees", "outside"),
        about="Where signatures can be forged, a lying receiver invents a second value of a correct sender.",
    ),
)  # fmt: skip
