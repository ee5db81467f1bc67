"""Consensus although some processes are dead from the start, as long as none crashes later.

Fischer, Lynch, Paterson (1985), section 4 (Theorem 2): a majority of the processes is alive, but none knows which.
Each process listens to L - 1 others, L being a majority.  Which process heard which is a graph; its transitive closure
has exactly one initial clique, and all live processes come to know the inputs of the clique.
"""

from collections.abc import Iterable, Mapping

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, any_input_validity,
    asynchronous, integrity, majority, non_triviality, protocol, record, replace, termination, to_others,
)  # fmt: skip


@record
class Alive:
    """Stage 1, to all others: I am alive."""


@record
class Heard:
    """Stage 2, to all others: my input, and whom I have heard in stage 1."""

    input: int
    parents: frozenset[Pid]


Message = Alive | Heard


@record
class Member:
    """Whom a process has heard in stage 1, and what the others have said in stage 2; all is forgotten on deciding."""

    input: int | None
    stage: int = 0
    heard: frozenset[Pid] = frozenset()
    reports: frozenset[tuple[Pid, Heard]] = frozenset()
    decision: int | None = None


@protocol
class InitiallyDead:
    """The protocol of Theorem 2."""

    n: int = 3

    def processes(self) -> Processes[Message]:
        return [Process(f"p{i}", self.step, inputs={v: Member(v) for v in (0, 1)}) for i in range(self.n)]

    def step(self, at: At, s: Member, event: Start | Alive | Heard) -> Step[Member, Message]:
        match event:
            case Start() if s.stage == 0 and s.decision is None:
                return replace(s, stage=1), to_others(Alive())  # Stage 1: announce being alive
            case Alive() | Heard() if s.stage == 0 and s.decision is None:
                return DEFER
            case Alive() if s.stage == 1:  # Stage 1: listen to L - 1 others
                heard = s.heard | {at.sender}
                if len(heard) < majority(self.n) - 1:
                    return replace(s, heard=heard), ()
                assert s.input is not None
                after = self.concluded(at.me, replace(s, stage=2, heard=heard))
                return after, to_others(Heard(s.input, heard))  # Stage 2: report which processes were heard
            case Heard() if s.decision is None:  # Stage 2: wait for the report of every known ancestor
                return self.concluded(at.me, replace(s, reports=s.reports | {(at.sender, event)})), ()
            case Start() | Alive() | Heard():  # begun, heard enough, decided
                return s, ()

    def concluded(self, me: Pid, s: Member) -> Member:
        """Decide once all ancestors have reported."""
        if s.stage < 2 or s.input is None:
            return s
        reports = {**dict(s.reports), me: Heard(s.input, s.heard)}
        family = ancestors(reports, me) | {me}
        if not family <= set(reports):
            return s
        clique = [k for k in sorted(family) if all(k in ancestors(reports, j) for j in ancestors(reports, k))]
        return Member(None, decision=min(reports[k].input for k in clique))  # any fixed rule on the clique's inputs


def ancestors(reports: Mapping[Pid, Heard], process: Pid) -> set[Pid]:
    """Whom a process has heard, directly or through others, as far as reports go."""
    found: set[Pid] = set()
    waiting: Iterable[Pid] = reports[process].parents
    while waiting := set(waiting) - found:
        found |= waiting
        waiting = {p for q in waiting if q in reports for p in reports[q].parents}
    return found


SAFE = {agreement: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "nobody dies",
        InitiallyDead(),
        asynchronous(),
        SAFE | {non_triviality: HOLDS, termination: HOLDS},
        configurations=38518,
        none=0,
        disagreeing=0,
        about="Three processes, all alive: what each decides depends on which process it hears first.",
    ),
    Instance(
        "one dead from the start",
        InitiallyDead(),
        asynchronous(initially_dead=("p2",)),
        SAFE | {termination: HOLDS},
        configurations=92,
        bivalent=0,
        none=0,
        about="The two live ones form a majority: they hear each other and decide, without knowing which one is dead.",
    ),
    Instance(
        "one dies later",
        InitiallyDead(),
        asynchronous(crashes=1, crash_events="elided"),
        SAFE | {termination: VIOLATED},
        configurations=38518,
        flp="blocks",
        about="A process that was heard and then crashes is awaited in vain: the theorem needs crashes at the start.",
    ),
    Instance(
        "two dead from the start",
        InitiallyDead(),
        asynchronous(initially_dead=("p1", "p2")),
        {agreement: HOLDS, termination: VIOLATED},
        configurations=16,
        none=16,
        about="One live process of three is no majority: it waits for a message, whatever the inputs.",
    ),
)
