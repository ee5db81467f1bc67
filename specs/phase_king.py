"""Phase king, the simple version: f + 1 phases, each with a king whose value counts where there is no clear majority.

Berman, Garay, Perry, "Towards Optimal Distributed Consensus" (1989), the algorithm for n > 4f with messages of one bit.
Synchronous rounds, n processes with binary inputs, at most f of them Byzantine; messages are not signed.

A value held by enough processes that f liars cannot hide it stays; otherwise all take the king's, and one of the f + 1
kings is correct.  With n = 4 and f = 1 a liar can show a clear majority to one process and none to another one, in the
last phase, after the honest king.
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, RoundProcess, agreement, broadcast, correct_unanimity, integrity,
    protocol, record, replace, synchronous, termination,
)  # fmt: skip


@record
class State:
    """The value, and between the two rounds of a phase the majority value with its count."""

    value: int
    majority: int | None = None
    count: int = 0
    decision: int | None = None


@protocol
class PhaseKing:
    """n processes, f of them Byzantine; the king of phase k is process k."""

    n: int = 5
    f: int = 1

    @property
    def rounds(self) -> int:
        return 2 * (self.f + 1)

    @property
    def clear(self) -> int:
        return self.n // 2 + self.f + 1  # a majority that f liars cannot hide

    def processes(self) -> list[RoundProcess[State, int]]:
        inputs = {value: State(value) for value in (0, 1)}
        names = [f"p{i}" for i in range(self.n)]
        return [
            RoundProcess(name, self.send, self.receive, inputs=inputs, lies=self.lies, silence=0) for name in names
        ]  # a message is one bit, and none is the bit 0

    def king(self, round: int) -> str:
        return f"p{(round - 1) // 2}"

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        if round % 2:
            return broadcast(s.value)  # 1. all exchange their values
        return (
            broadcast(s.majority) if at.me == self.king(round) and s.majority is not None else ()
        )  # 2. the king speaks

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        if round % 2:
            ones = sum(heard.values())
            majority = 1 if 2 * ones > self.n else 0
            count = ones if majority else len(heard) - ones
            return replace(s, majority=majority, count=count)  # 3. the most frequent value, and its count
        value = (
            s.majority if s.count >= self.clear else heard[self.king(round)]
        )  # 4. keep a clear majority, or else take the king's
        assert value is not None
        return State(value, decision=value if round == self.rounds else None)  # 5. decide after the last phase

    def lies(self, at: At, round: int) -> Iterator[int]:
        if round % 2 or at.me == self.king(round):
            yield from (0, 1)


SOLVED = {agreement: HOLDS, correct_unanimity: HOLDS, integrity: HOLDS, termination: HOLDS}


SOLVED = {agreement: HOLDS, correct_unanimity: HOLDS, integrity: HOLDS, termination: HOLDS}

INSTANCES = (
    Instance(
        "king lies", PhaseKing(), synchronous(byzantine=("p0",)), SOLVED,
        configurations=546, transitions=2984, depth=4,
        bivalent=204, univalent={0: 171, 1: 171}, none=0, critical=6, disagreeing=0,
        within=4, chain=3, flp="outside",
        about="The first king lies; the second one is correct.",
    ),
    Instance(
        "second king lies", PhaseKing(), synchronous(byzantine=("p1",)), SOLVED,
        configurations=308, transitions=576, depth=4,
        bivalent=6, univalent={0: 151, 1: 151}, none=0, critical=6, disagreeing=0,
        within=4, chain=1, flp="outside",
        about="The first king is correct, and from then on there is a majority that one liar cannot hide.",
    ),
    Instance(
        "subject lies", PhaseKing(), synchronous(byzantine=("p4",)), SOLVED,
        configurations=308, transitions=576, depth=4,
        bivalent=6, univalent={0: 151, 1: 151}, none=0, critical=6, disagreeing=0,
        within=4, chain=1, flp="outside",
        about="A liar that never becomes king.",
    ),
    Instance(
        "n4, king lies", PhaseKing(n=4), synchronous(byzantine=("p0",)), SOLVED | {correct_unanimity: VIOLATED},
        configurations=146, transitions=630, depth=4,
        bivalent=70, univalent={0: 53, 1: 23}, none=0, critical=3, disagreeing=0,
        counterexample={correct_unanimity: 4}, within=4, chain=3, flp="outside",
        about="Four are too few: three correct ones are never a clear majority, so the lying king overrules them all.",
    ),
    Instance(
        "n4, second king lies", PhaseKing(n=4), synchronous(byzantine=("p1",)),
        SOLVED | {agreement: VIOLATED, correct_unanimity: VIOLATED},
        configurations=98, transitions=198, depth=4,
        bivalent=94, univalent={0: 2, 1: 2}, none=0, critical=0, disagreeing=6,
        counterexample={agreement: 4, correct_unanimity: 4}, within=4, chain=4, flp=("disagrees", "outside"),
        about="The lying king comes last, and says different things to different processes.",
    ),
    Instance(
        "n4, subject lies", PhaseKing(n=4), synchronous(byzantine=("p2",)), SOLVED,
        configurations=92, transitions=160, depth=4,
        bivalent=3, univalent={0: 58, 1: 31}, none=0, critical=3, disagreeing=0,
        within=4, chain=1, flp="outside",
        about="With two correct kings even four processes agree.",
    ),
)  # fmt: skip
