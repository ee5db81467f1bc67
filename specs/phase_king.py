"""Phase king, the simple version: f + 1 phases, each with a king whose word counts where there is no clear majority.

Berman, Garay, Perry, "Towards Optimal Distributed Consensus" (1989), the algorithm for n > 4f with messages of one bit.
Synchronous rounds, n processes with binary inputs, at most f of them Byzantine; messages are not signed.

A value held by so many that f liars cannot hide it stays; otherwise all take the king's, and one of the f + 1 kings is
correct.  With n = 4 and f = 1 a liar can show a clear majority to one process and none to another one, in the last
phase, after the honest king.
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

    def processes(self) -> list[RoundProcess[State, int]]:
        inputs = {value: State(value) for value in (0, 1)}
        names = [f"p{i}" for i in range(self.n)]
        return [RoundProcess(name, self.send, self.receive, inputs=inputs, lies=self.lies) for name in names]

    def king(self, round: int) -> str:
        return f"p{(round - 1) // 2}"

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        if round % 2:
            return broadcast(s.value)  # 1. all exchange their values
        return broadcast(s.majority) if at.me == self.king(round) and s.majority is not None else ()  # 2. the king speaks

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        if round % 2:
            ones = sum(heard.values())
            majority = 1 if 2 * ones > self.n else 0
            count = ones if majority else len(heard) - ones
            return replace(s, majority=majority, count=count)  # 3. the most frequent value, and how often it came
        clear = s.majority is not None and 2 * s.count > self.n + 2 * self.f
        value = s.majority if clear else heard[self.king(round)]  # 4. keep a clear majority, or else take the king's
        assert value is not None
        return State(value, decision=value if round == self.rounds else None)  # 5. decide after the last phase

    def lies(self, at: At, round: int) -> Iterator[int]:
        if round % 2 or at.me == self.king(round):
            yield from (0, 1)


HOLDING = {agreement: HOLDS, correct_unanimity: HOLDS, termination: HOLDS}
INSTANCES = (
    *(Instance(f"faulty p{i}", PhaseKing(), synchronous(byzantine=(f"p{i}",)), HOLDING, configurations=546 if i == 0 else 308, about="x") for i in range(5)),
    *(Instance(f"n4 faulty p{i}", PhaseKing(n=4), synchronous(byzantine=(f"p{i}",)), HOLDING, configurations=(146,98,92,92)[i], about="x") for i in range(4)),
)  # fmt: skip
