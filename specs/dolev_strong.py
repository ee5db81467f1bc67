"""Dolev-Strong broadcast: with signatures, a value counts in round r if r processes have signed it.

Dolev, Strong, "Authenticated Algorithms for Byzantine Agreement" (1983), section 3.  Synchronous rounds, a sender with
a binary value and n - 1 receivers, at most f of the n Byzantine; nobody can forge a signature.

A receiver that accepts a value with r signatures adds its own and passes it on, so that everybody accepts it in the
next round; after f + 1 rounds one of the signers is correct and has done so in time.  With f rounds a value can be
shown to one receiver in the last round, when it is too late to pass it on: by the sender itself for f = 1, by a
receiver that is in league with it for f = 2.
"""

from collections.abc import Iterable, Iterator
from itertools import permutations

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Pid, RoundProcess, agreement, correct_unanimity, integrity, protocol,
    record, replace, synchronous, termination, to_others,
)  # fmt: skip


@record
class Signed:
    """A value with the signatures of processes, that of the sender first."""

    value: int
    chain: tuple[Pid, ...]


Message = frozenset[Signed]


@record
class State:
    """What a process has extracted, and what of it it has still to pass on."""

    extracted: frozenset[int] = frozenset()
    fresh: frozenset[Signed] = frozenset()
    decision: int | None = None


@protocol
class DolevStrong:
    """A sender, n - 1 receivers, so many rounds."""

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
        return State(extracted, frozenset(new.values()), decision=min(extracted) if len(extracted) == 1 else 0)  # 3. decide

    def convincing(self, m: Signed, round: int) -> bool:
        """Whether a value bears the signatures of so many processes as there were rounds, the sender's first."""
        return m.chain[:1] == ("sender",) and len(m.chain) == len(set(m.chain)) == round

    def signatures(self, message: Message) -> Iterable[tuple[Pid, Signed]]:
        """Each signer has signed the value with the signatures before its own."""
        return [(pid, Signed(m.value, m.chain[:i])) for m in message for i, pid in enumerate(m.chain)]

    def lies(self, at: At, round: int) -> Iterator[Message]:
        """Everything that is convincing in this round, whoever is said to have signed it: a chain for each value."""
        others = [pid for pid in at.everyone if pid != "sender"]
        chains = [("sender", *rest) for rest in permutations(others, round - 1)]
        yield frozenset()
        yield from (frozenset({Signed(value, chain)}) for value in (0, 1) for chain in chains)
        yield from (frozenset({Signed(0, zero), Signed(1, one)}) for zero in chains for one in chains)


HOLDING = {agreement: HOLDS, correct_unanimity: HOLDS, termination: HOLDS}
SENDER = ("sender",)
INSTANCES = (
    Instance("n3", DolevStrong(), synchronous(byzantine=SENDER, authenticated=True), HOLDING, configurations=33, about="x"),
    Instance("n4", DolevStrong(n=4), synchronous(byzantine=SENDER, authenticated=True), HOLDING, configurations=129, about="x"),
    Instance("n3 r1", DolevStrong(rounds=1), synchronous(byzantine=SENDER, authenticated=True), HOLDING|{agreement: VIOLATED}, configurations=17, about="x"),
    Instance("n4 r1", DolevStrong(n=4, rounds=1), synchronous(byzantine=SENDER, authenticated=True), HOLDING|{agreement: VIOLATED}, configurations=65, about="x"),
    Instance("n4 f2 r2", DolevStrong(n=4, rounds=2), synchronous(byzantine=("sender","r3"), authenticated=True), HOLDING|{agreement: VIOLATED}, about="x"),
    Instance("n4 f2 r3", DolevStrong(n=4, rounds=3), synchronous(byzantine=("sender","r3"), authenticated=True), HOLDING, about="x"),
    Instance("n4 f1 receiver", DolevStrong(n=4, rounds=2), synchronous(byzantine=1, authenticated=True), HOLDING, about="x"),
    Instance("unsigned", DolevStrong(n=4, rounds=2), synchronous(byzantine=1), HOLDING, about="x"),
)  # fmt: skip
