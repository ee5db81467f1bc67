"""The basic algorithm of Dwork, Lynch and Stockmeyer: safe in any rounds, and done soon after the network is stable.

Dwork, Lynch, Stockmeyer, "Consensus in the Presence of Partial Synchrony" (1988), section 3.1, algorithm 1.  Basic
rounds with an unknown global stabilisation time (GST): before it any message may be lost, after it none between correct
processes.  Crashes or omissions, n > 2t.  A phase has four rounds and an owner, process k mod n in phase k: three to
try a value, one to release locks.

A process locks the value that an owner proposes, and releases it only for a lock that is no earlier: so once t + 1 have
locked a value and it is decided, no owner ever finds n - t processes to which another value is acceptable.  Each
process decides in a phase that it owns, within 4 (n + 1) rounds after GST.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Next, RoundProcess, agreement, any_input_validity, broadcast,
    heard_of, integrity, one_of, partially_synchronous, protocol, record, replace, send, termination, validity,
)  # fmt: skip

Proper = frozenset[int]
Locks = frozenset[tuple[int, int]]


@record
class Message:
    """What a process sends, and its set of proper values, which goes with every message."""

    proper: Proper
    acceptable: Proper = frozenset()  # round 1, to the owner
    proposal: int | None = None  # round 2, from the owner
    ack: bool = False  # round 3, to the owner
    locks: Locks = frozenset()  # round 4, to all


@record
class State:
    """The locked values with their phases, the proper values, and what the owner of a phase is doing."""

    proper: Proper
    locks: Locks = frozenset()
    proposal: int | None = None
    decision: int | None = None


@protocol
class DlsRounds:
    """n processes of which at most t fail, and as many phases as it takes."""

    n: int = 3
    t: int = 1

    def processes(self) -> list[RoundProcess[State, Message]]:
        inputs = {value: State(frozenset({value})) for value in (0, 1)}
        return [RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs) for i in range(self.n)]

    def owner(self, round: int) -> str:
        return f"p{self.phase(round) % self.n}"

    def phase(self, round: int) -> int:
        return (round - 1) // 4 + 1

    def acceptable(self, s: State) -> Proper:
        """A value is acceptable if no other one is locked; only proper ones are of interest."""
        return frozenset(v for v in s.proper if all(v == locked for locked, _ in s.locks))

    def send(self, at: At, s: State, round: int) -> Effects[Message]:
        owner = self.owner(round)
        match (round - 1) % 4 + 1:
            case 1:
                return send(Message(s.proper, acceptable=self.acceptable(s)), to=owner)
            case 2 if at.me == owner and s.proposal is not None:
                return broadcast(Message(s.proper, proposal=s.proposal))
            case 3 if any(phase == self.phase(round) for _, phase in s.locks):
                return send(Message(s.proper, ack=True), to=owner)
            case 4:
                return broadcast(Message(s.proper, locks=s.locks))
        return ()

    def receive(self, at: At, s: State, round: int, heard: Heard[Message]) -> Next[State]:
        s = replace(s, proper=s.proper.union(*(m.proper for m in heard.values())))  # proper for others is proper
        match (round - 1) % 4 + 1:
            case 1 if at.me == self.owner(round):
                lists = [m.acceptable for m in heard.values()]
                values = [v for v in sorted(s.proper) if sum(v in some for some in lists) >= self.n - self.t]
                return one_of(replace(s, proposal=v) for v in values) if values else s  # 1. propose an acceptable value
            case 2:
                proposed = {m.proposal for m in heard.values()}
                return self.lock(s, proposed.pop(), round) if proposed else s  # 2. lock what is proposed
            case 3:
                acks = sum(m.ack for m in heard.values())
                decided = s.proposal if acks > self.t and s.decision is None else s.decision
                return replace(s, proposal=None, decision=decided)  # 3. decide what t + 1 have locked
            case 4:
                later = [lock for m in heard.values() for lock in m.locks]
                return replace(s, locks=self.kept(s.locks, later))  # 4. release locks that are no later than others
        return s

    def lock(self, s: State, value: int | None, round: int) -> State:
        """Lock a value in the phase of a round; an earlier lock on the same value is released, others are not."""
        assert value is not None
        others = {(v, phase) for v, phase in s.locks if v != value}
        return replace(s, locks=frozenset({*others, (value, self.phase(round))}))

    def kept(self, locks: Locks, heard_of: list[tuple[int, int]]) -> Locks:
        """Return the locks for which no lock on another value, at least as late, was heard of."""
        return frozenset((v, h) for v, h in locks if not any(w != v and later >= h for w, later in heard_of))


SAFE = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "two phases", DlsRounds(), heard_of("any", rounds=8), SAFE | {termination: VIOLATED},
        configurations=3537, transitions=6252, depth=8,
        bivalent=149, univalent={0: 837, 1: 837}, none=1714, critical=0, disagreeing=0,
        counterexample={termination: 0}, chain=5, flp="blocks",
        about="No two disagree, for any heard-of sets; but two phases have two owners, and the third decides nothing.",
    ),
    Instance(
        "GST", DlsRounds(), partially_synchronous(crashes=1, unstable=4), SAFE | {termination: HOLDS},
        configurations=3190, transitions=8753, depth=20,
        bivalent=562, univalent={0: 1314, 1: 1314}, none=0, critical=17, disagreeing=0,
        within=15, chain=14, flp="outside",
        delays={"decision": (3, 5), "all decisions": (11, 29)},
        about="After GST: the rest of a phase, and one for each owner, which the paper bounds by 4 (n + 1) rounds.",
    ),
    Instance(
        "GST, omission", DlsRounds(), partially_synchronous(omission=("p0",), unstable=2), SAFE | {termination: HOLDS},
        configurations=1321, transitions=2078, depth=16,
        bivalent=197, univalent={0: 562, 1: 562}, none=0, critical=31, disagreeing=0,
        within=15, chain=6, flp="outside",
        about="p0 may fail to send and to receive for ever, even after GST: the two others decide all the same.",
    ),
    Instance(
        "n = 2t", DlsRounds(n=2), partially_synchronous(crashes=1, unstable=1, rounds=9),
        SAFE | {termination: VIOLATED},
        configurations=291, transitions=421, depth=10,
        bivalent=13, univalent={0: 74, 1: 74}, none=130, critical=0, disagreeing=0,
        counterexample={termination: 1}, chain=6, flp=("blocks", "outside"),
        about="With two processes, both have to lock: a crash leaves the other one waiting for ever.",
    ),
)  # fmt: skip
