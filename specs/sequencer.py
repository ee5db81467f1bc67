"""Sequencer: the value that reaches a third process first is the decision of all.

Fischer, Lynch, Paterson, "Impossibility of Distributed Consensus with One Faulty Process" (1985): a protocol whose
decision is made in one step of one process, so that the bivalence of the proof can be seen on one page.  Asynchronous,
reliable delivery; two processes have binary inputs, the sequencer has none.

While both values are on their way to the sequencer, or could still be sent, the configuration is bivalent: 8 of 96.
When both wait in its mailbox, the configuration is critical: whichever it receives, the next configuration is
univalent.  There are two, one for each way to give the processes different inputs, and the sequencer is their pivot.
Lemma 3 of the paper fails there, and so the theorem's other horn must apply: silence the sequencer, and the others
wait for ever.

A process receives only after its own start and keeps its input; the sequencer remembers whom it heard first.  (The
paper's own buffer, in which messages carry no sender and may be received before the start, gives 96, 8 and 2 as well.)
"""

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, any_input_validity,
    asynchronous, integrity, non_triviality, protocol, record, replace, send, termination, validity,
)  # fmt: skip


@record
class Propose:
    """Process -> sequencer: my input."""

    value: int


@record
class Decide:
    """Sequencer -> processes: the first value."""

    value: int


Message = Propose | Decide


@record
class Client:
    """The registers of a process with an input."""

    input: int
    started: bool = False
    decision: int | None = None


@record
class Sequencer:
    """Which process it heard first, and what it decided."""

    first: Pid | None = None
    decision: int | None = None


@protocol
class FirstValueWins:
    """The first value that reaches the sequencer wins."""

    clients: int = 2

    @property
    def pids(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.clients)]

    def processes(self) -> Processes[Message]:
        clients = [Process(pid, self.client, inputs={v: Client(v) for v in (0, 1)}) for pid in self.pids]
        return [*clients, Process("sequencer", self.sequencer, start=Sequencer())]

    def client(self, at: At, s: Client, event: Start | Decide) -> Step[Client, Message]:
        match event:
            case Start() if not s.started:  # 1. propose its own input to the sequencer
                return replace(s, started=True), send(Propose(s.input), to="sequencer")
            case Decide() if not s.started:  # not started: a process receives only after its own start
                return DEFER
            case Decide(value):  # 3. decide what the sequencer has decided
                return replace(s, decision=value), ()
            case Start():
                return s, ()

    def sequencer(self, at: At, s: Sequencer, event: Propose) -> Step[Sequencer, Message]:
        match event:
            case Propose(value) if s.first is None:  # 2. decide the first value received, and send it to all
                return Sequencer(at.sender, value), send(Decide(value), to=self.pids)
            case Propose():  # too late
                return s, ()


KEPT = {agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS, non_triviality: HOLDS}

INSTANCES = (
    Instance(
        "no crash", FirstValueWins(), asynchronous(), KEPT | {termination: HOLDS},
        configurations=96, transitions=152, depth=6,
        bivalent=8, univalent={0: 44, 1: 44}, none=0, critical=2, disagreeing=0,
        flp="outside",
        about="Eight bivalent configurations, two of them critical: the sequencer's next step decides for all.",
    ),
    Instance(
        "one crash", FirstValueWins(), asynchronous(crashes=1), KEPT | {termination: VIOLATED},
        configurations=328, transitions=696, depth=7,
        bivalent=16, univalent={0: 148, 1: 148}, none=16, critical=6, disagreeing=0,
        flp="blocks",
        delays={"decision": (1, 3), "all decisions": (2, 4)},
        about="The pivot crashes before its step, and the others wait for ever.",
    ),
)  # fmt: skip
