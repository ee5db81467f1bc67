"""Guess on timeout: what to do about a silent process?  Wait for ever, or guess and disagree.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985), as lectures teach it.
Asynchronous, reliable delivery, n processes with binary inputs, and every process has a timer.  No clock measures
anything here: a timer may fire at any time after the start, whether a process has crashed or is merely slow, and
no process can tell which.

With `guess=False` a timeout is noted and the process waits on: agreement is kept, and one crash blocks the others.
With `guess=True` a timeout makes the process decide by what it has heard: no process ever waits in vain, and a timer
that fires too early makes two processes disagree, even without a crash.  The theorem says that there is no third way
to fill in rule 3.

In the synchronous world a timer is longer than any delay.  Then a timeout means a crash, whatever the silent process
had sent has arrived, and guessing is right: it is the assumption about time that the theorem does without.
"""

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, Timeout, agreement, any_input_validity,
    asynchronous, integrity, protocol, record, replace, synchronous, termination, to_others, uniform_agreement,
    validity,
)  # fmt: skip


@record
class Value:
    """Process -> all others: my input."""

    value: int


@record
class State:
    """The registers of a process."""

    input: int
    heard: frozenset[tuple[Pid, int]] = frozenset()  # whose inputs are known; empty before the start
    timed_out: bool = False
    decision: int | None = None


def smallest(heard: frozenset[tuple[Pid, int]]) -> int:
    """Return the smallest input that is known: the decision, and the guess."""
    return min(value for _, value in heard)


@protocol
class GuessOnTimeout:
    """Each process waits for all, but not without a limit."""

    n: int = 2
    guess: bool = True

    def processes(self) -> Processes[Value]:
        return [Process(f"p{i}", self.process, inputs={v: State(v) for v in (0, 1)}) for i in range(self.n)]

    def process(self, at: At, s: State, event: Start | Value | Timeout) -> Step[State, Value]:
        match event:
            case Start() if not s.heard:  # 1. send its input to all others
                return replace(s, heard=frozenset({(at.me, s.input)})), to_others(Value(s.input))
            case Value() if not s.heard:  # not started: a process receives only after its own start
                return DEFER
            case Value(value) if s.decision is None:  # 2. collect the inputs and decide when all are there
                heard = s.heard | {(at.sender, value)}
                return replace(s, heard=heard, decision=smallest(heard) if len(heard) == self.n else None), ()
            case Timeout() if s.heard and s.decision is None:  # 3. timeout: guess, or wait on
                return replace(s, timed_out=True, decision=smallest(s.heard) if self.guess else None), ()
            case Start() | Value() | Timeout():  # started, decided
                return s, ()


WAITS = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
GUESSES = {
    agreement: VIOLATED, uniform_agreement: VIOLATED, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS,
    termination: HOLDS,
}  # fmt: skip

INSTANCES = (
    Instance(
        "wait, one crash", GuessOnTimeout(guess=False), asynchronous(crashes=1), WAITS | {termination: VIOLATED},
        configurations=180, transitions=368, depth=6,
        bivalent=0, univalent={0: 117, 1: 39}, none=24, critical=0, disagreeing=0,
        flp="blocks",
        about="First horn: a process that keeps waiting after a timeout waits for ever once the other one has crashed.",
    ),
    Instance(
        "guess, one crash", GuessOnTimeout(guess=True), asynchronous(crashes=1), GUESSES,
        configurations=188, transitions=382, depth=6,
        bivalent=56, univalent={0: 79, 1: 53}, none=0, critical=2, disagreeing=22,
        counterexample={agreement: 4, uniform_agreement: 4}, flp="disagrees",
        about="Second horn: a process that guesses is right after a crash, and wrong when the other one was only slow.",
    ),
    Instance(
        "wait, no crash", GuessOnTimeout(guess=False), asynchronous(), WAITS | {termination: HOLDS},
        configurations=84, transitions=128, depth=6,
        bivalent=0, univalent={0: 63, 1: 21}, none=0, critical=0, disagreeing=0,
        flp="outside",
        about="Without a crash it is right to wait: timeouts happen and do no harm.",
    ),
    Instance(
        "guess, no crash", GuessOnTimeout(guess=True), asynchronous(), GUESSES,
        configurations=84, transitions=128, depth=6,
        bivalent=34, univalent={0: 29, 1: 21}, none=0, critical=0, disagreeing=12,
        counterexample={agreement: 4, uniform_agreement: 4},
        flp=("disagrees", "outside"),
        about="A false timeout is enough: two processes guess differently although none has crashed.",
    ),
    Instance(
        "synchronous, one crash", GuessOnTimeout(guess=True), synchronous(crashes=1),
        GUESSES | {agreement: HOLDS, uniform_agreement: HOLDS},
        configurations=92, transitions=144, depth=5,
        bivalent=4, univalent={0: 59, 1: 29}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Where a timer fires only after a real crash, guessing keeps agreement and always terminates.",
    ),
    Instance(
        "synchronous, three", GuessOnTimeout(n=3, guess=True), synchronous(crashes=1), GUESSES,
        configurations=2392, transitions=7152, depth=10,
        bivalent=99, univalent={0: 1964, 1: 329}, none=0, critical=3, disagreeing=6,
        counterexample={agreement: 7, uniform_agreement: 7}, flp=("disagrees", "outside"),
        about="Three processes need another round: a crash in mid-broadcast informs one survivor and not the other.",
    ),
)  # fmt: skip
