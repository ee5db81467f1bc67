"""Chandra-Toueg: consensus with a rotating coordinator and a failure detector that may be wrong for a while.

Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems" (1996), section 6.2, figure 6.
Asynchronous, reliable channels, a majority of correct processes, failure detector diamond-S: crashed processes are
suspected for ever, and eventually some correct process is suspected by none.  Safe whatever the detector says, because
two majorities have a member in common; live because eventually that process is the coordinator.

Departures from the figure, all of which make it smaller.  A process receives at once what it sends to itself.  The
first coordinator asks for no estimates, since none has been adopted.  A process that has adopted a proposal waits for
the outcome of the round instead of running ahead.  A broadcast is one step, so no relaying: that it is never cut short
is an assumption; the instance `cut short` is without it.
"""

from collections.abc import Iterator

from flpcheck import (
    DEFER, HOLDS, INCOMPLETE, VIOLATED, At, Gather, Instance, Mail, Pid, Process, Processes, Send, Start,
    Step, Suspect, View, agreement, any_input_validity, asynchronous, for_each, gather_quorum, integrity, leads_to,
    majority, protocol, record, replace, reply, send, termination, to_others, uniform_agreement, validity,
)  # fmt: skip


@record
class Estimate:
    """Process -> coordinator: my estimate of the decision, and the round in which I adopted it."""

    round: int
    value: int
    adopted: int


@record
class Propose:
    """Coordinator -> all: adopt this value."""

    round: int
    value: int


@record
class Ack:
    """Process -> coordinator: adopted."""

    round: int


@record
class Nack:
    """Process -> coordinator: I have given you up."""

    round: int


@record
class Retry:
    """Coordinator -> all: this round failed."""

    round: int


@record
class Decide:
    """Coordinator -> all: this is decided."""

    value: int


Message = Estimate | Propose | Ack | Nack | Retry | Decide
FIRST, OVER = 1, -1  # the first round; no round any more, after the decision
ESTIMATES, PROPOSAL, REPLIES, OUTCOME = "estimates", "a proposal", "replies", "the outcome"


@record
class State:
    """The variables of figure 6."""

    estimate: int
    adopted: int = 0  # ts: the round in which the estimate was adopted
    round: int = 0  # r; 0 before the start
    waits_for: str = ""  # nothing before the start, and after the decision
    decision: int | None = None


@protocol
class ChandraToueg:
    """The rotating coordinator."""

    n: int = 3

    def processes(self) -> Processes[Message]:
        return [Process(p, self.process, inputs={v: State(v) for v in (0, 1)}, gather=self.enough) for p in self.all]

    @property
    def all(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def counters(self) -> dict[str, int]:
        """Rounds are only compared with each other, and n rounds later the same process is the coordinator."""
        return {"round": self.n, "adopted": self.n}

    @property
    def quorum(self) -> int:
        return majority(self.n)

    def coordinator(self, round_: int) -> Pid:
        return self.all[(round_ - FIRST) % self.n]

    def process(
        self, at: At, s: State, event: Start | Suspect | Propose | Retry | Decide | Gather[Message]
    ) -> Step[State, Message]:
        match event:
            case Start() if s.round == 0:
                return self.enter(at, s, FIRST)  # Phase 1: the first round
            case Gather([(_, Estimate()), *_]):
                return self.propose(s, latest(s, event))  # Phase 2: propose the estimate that was adopted last
            case Propose(round_, _) if round_ > s.round and s.decision is None:
                return DEFER
            case Propose(round_, value) if round_ == s.round and s.waits_for == PROPOSAL:
                adopted = replace(s, estimate=value, adopted=round_, waits_for=OUTCOME)
                return adopted, reply(Ack(round_))  # Phase 3: adopt the proposal
            case Suspect(pid) if pid == self.coordinator(s.round) and s.waits_for == PROPOSAL:
                after, effects = self.enter(at, s, s.round + 1)
                return after, (send(Nack(s.round), to=pid), *effects)  # Phase 3: give the coordinator up
            case Suspect(pid) if pid == self.coordinator(s.round) and s.waits_for == OUTCOME:
                return self.enter(at, s, s.round + 1)  # Phase 3: the coordinator has its reply, and is given up
            case Gather([*replies]) if all(isinstance(message, Ack) for _, message in replies):
                return decided(s.estimate), to_others(Decide(s.estimate))  # Phase 4: a majority has adopted: decide
            case Gather():
                after, effects = self.enter(at, s, s.round + 1)
                return after, (to_others(Retry(s.round)), *effects)  # Phase 4: a process has given this coordinator up
            case Retry(round_) if round_ >= s.round and s.waits_for != OUTCOME and s.decision is None:
                return DEFER
            case Retry(round_) if round_ == s.round and s.decision is None:
                return self.enter(at, s, s.round + 1)  # Phase 4: the coordinator was given up
            case Decide(value) if s.decision is None:
                return decided(value), ()  # Decide what the coordinator has decided
            case Start() | Suspect() | Propose() | Retry() | Decide():  # started; another one; an old round; decided
                return s, ()

    def enter(self, at: At, s: State, round_: int) -> tuple[State, tuple[Send[Message], ...]]:
        """Phase 1: all send their estimates to the coordinator of the round."""
        leader, after = self.coordinator(round_), replace(s, round=round_)
        if at.me != leader:
            estimate = send(Estimate(round_, s.estimate, s.adopted), to=leader)
            return replace(after, waits_for=PROPOSAL), () if round_ == FIRST else (estimate,)
        return self.propose(after, s.estimate) if round_ == FIRST else (replace(after, waits_for=ESTIMATES), ())

    def propose(self, s: State, value: int) -> tuple[State, tuple[Send[Message], ...]]:
        """Phase 2: the coordinator adopts its proposal itself, and waits for a majority of replies."""
        adopted = replace(s, estimate=value, adopted=s.round, waits_for=REPLIES)
        return adopted, (to_others(Propose(s.round, value)),)

    def enough(self, at: At, s: State, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """Together with the coordinator, a majority: of estimates, and then of replies, of its round."""
        match s.waits_for:
            case "estimates":
                yield from gather_quorum(of_this_round(s, mail, Estimate), self.quorum - 1)
            case "replies":
                yield from gather_quorum(of_this_round(s, mail, Ack, Nack), self.quorum - 1)


def of_this_round(s: State, mail: Mail[Message], *kinds: type[Message]) -> Mail[Message]:
    """Return the letters of some kinds that belong to the round of a state."""
    return tuple(x for x in mail if isinstance(x.message, kinds) and getattr(x.message, "round", 0) == s.round)


def latest(s: State, gathered: Gather[Message]) -> int:
    """Return the estimate that was adopted last; the coordinator's own is among them."""
    others = [(e.adopted, e.value) for _, e in gathered.letters if isinstance(e, Estimate)]
    return max((s.adopted, s.estimate), *others)[1]


def decided(value: int) -> State:
    """Return the state of a process that has decided: it forgets everything else."""
    return State(value, round=OVER, decision=value)


def is_in_round_1(view: View[State], pid: Pid) -> bool:
    """The process is in round 1."""
    return view[pid].round == FIRST


def is_past_round_1(view: View[State], pid: Pid) -> bool:
    """The process has left round 1."""
    return view[pid].round not in (0, FIRST)


def some_has_decided(view: View[State], _: Pid) -> bool:
    """Some process has decided."""
    return bool(view.outputs)


def has_decided(view: View[State], pid: Pid) -> bool:
    """The process has decided."""
    return view[pid].decision is not None


waits_end = for_each(leads_to(is_in_round_1, is_past_round_1), name="waits_end")
decisions_spread = for_each(leads_to(some_has_decided, has_decided), name="decisions_spread")
LIVE = {termination: HOLDS, waits_end: HOLDS, decisions_spread: HOLDS}
SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}
INPUTS = {"p0": 0, "p1": 1, "p2": 1}

# All counts of complete searches are also those of the naive enumerator in tests/ (the larger ones were run by hand).
INSTANCES = (
    Instance(
        "accurate at last", ChandraToueg(), asynchronous(crashes=1, detector="diamond-S", ignored="stays"), SAFE | LIVE,
        configurations=13190, transitions=29870, depth=20,
        bivalent=174, univalent={0: 11184, 1: 1832}, none=0, critical=24, disagreeing=0,
        flp="outside", within=19, inputs=INPUTS, delays={"decision": (2, 5), "all decisions": (3, 5)},
        about="One process is never suspected, the others are from time to time: all decide.",
    ),
    Instance(
        "one mistake", ChandraToueg(), asynchronous(detector="diamond-S", mistakes=1, ignored="stays"),
        SAFE | {termination: HOLDS},
        configurations=26921, transitions=46211, depth=24,
        bivalent=110, univalent={0: 26043, 1: 768}, none=0, critical=8, disagreeing=0,
        flp="outside", within=21, inputs=INPUTS,
        about="Whatever is suspected before the detector stabilises, no property is violated and all decide.",
    ),
    Instance(
        "two processes", ChandraToueg(n=2), asynchronous(detector="diamond-S", mistakes=1, ignored="stays"),
        SAFE | LIVE,
        configurations=58, transitions=99, depth=12, bivalent=0, univalent={0: 58}, none=0, critical=0, disagreeing=0,
        flp=("outside", "trivial"), within=9, inputs={"p0": 0, "p1": 1},
        about="Two are a majority only together, so the first proposal is adopted by both or by neither.",
    ),
    Instance(
        "cut short", ChandraToueg(), asynchronous(crashes=1, crash_points="cut", detector="P", ignored="stays"),
        SAFE | {termination: VIOLATED, waits_end: HOLDS, decisions_spread: VIOLATED},
        configurations=419, transitions=786, depth=13,
        bivalent=28, univalent={0: 359, 1: 32}, none=0, critical=5, disagreeing=0,
        counterexample={termination: 5, decisions_spread: 6}, flp="outside", inputs=INPUTS,
        about="The coordinator crashes while it broadcasts its decision: one process decides, the other cannot.",
    ),
    Instance(
        "no detector", ChandraToueg(), asynchronous(crashes=1, ignored="stays"),
        SAFE | {termination: VIOLATED, waits_end: VIOLATED, decisions_spread: HOLDS},
        configurations=114, transitions=249, depth=9, bivalent=0, univalent={0: 101}, none=13, disagreeing=0,
        counterexample={termination: 1, waits_end: 3}, flp=("trivial", "blocks"), inputs=INPUTS,
        about="No process is ever suspected, so the others wait for a crashed coordinator for ever.",
    ),
    Instance(
        "never accurate", ChandraToueg(),
        asynchronous(crashes=1, detector="diamond-S", stabilises=False, ignored="stays"),
        dict.fromkeys((*SAFE, decisions_spread), INCOMPLETE) | {termination: VIOLATED, waits_end: VIOLATED},
        configurations=4998, flp="undecided_lasso", inputs=INPUTS, bounds={"max_configurations": 5000},
        about="All coordinators are given up, round after round; or one has crashed and is never suspected.",
    ),
)  # fmt: skip
