"""Interactive consistency by exponential information gathering (EIG): all agree on a vector of all inputs.

Pease, Shostak, Lamport, "Reaching Agreement in the Presence of Faults" (1980); Lynch, "Distributed Algorithms" (1996),
sections 6.2.3 and 6.3.2.  Synchronous rounds, n processes with binary inputs, at most f of them faulty.  For f + 1
rounds all processes relay what they heard (p0 said that p1 said that ...); the tree of all these reports is resolved
from the leaves.

Crashes: f + 1 rounds are enough for any n, f are not if n >= f + 2.  Byzantine processes: n > 3f is needed as well.
The vector is right about every correct process; about a faulty one it only has to be the same everywhere.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from flpcheck import (
    HOLDS, VIOLATED, At, Effects, Heard, Instance, Pid, RoundProcess, agreement, broadcast, integrity,
    interactive_consistency, protocol, record, synchronous, termination,
)  # fmt: skip

Path = tuple[Pid, ...]  # (p0, p1): p1 said that p0 said
Value = int | None  # None: nothing was heard


@record
class Level:
    """What a process sends: the level of its tree that it has filled last."""

    values: tuple[tuple[Path, Value], ...]


@record
class State:
    """What was said by whom about whom, its own input first; and finally the vector."""

    tree: tuple[tuple[Path, Value], ...]
    decision: tuple[Value, ...] | None = None


@protocol
class InteractiveConsistency:
    """n processes, and a number of rounds; `byzantine`: majorities resolve the tree, not anything that was heard."""

    n: int = 3
    rounds: int = 2
    byzantine: bool = False

    @property
    def names(self) -> tuple[Pid, ...]:
        return tuple(f"p{i}" for i in range(self.n))

    def processes(self) -> list[RoundProcess[State, Level]]:
        inputs = {value: State((((), value),)) for value in (0, 1)}
        return [RoundProcess(name, self.send, self.receive, inputs=inputs, lies=self.lies) for name in self.names]

    def send(self, at: At, s: State, round: int) -> Effects[Level]:
        last = [(path, v) for path, v in s.tree if len(path) == round - 1 and at.me not in path]
        return broadcast(Level(tuple(last)))  # 1. send the level that was filled last

    def receive(self, at: At, s: State, round: int, heard: Heard[Level]) -> State:
        said = {(*path, pid): value for pid, level in heard.items() for path, value in level.values}
        tree = (*s.tree, *((path, said.get(path)) for path in self.paths(round)))
        if round < self.rounds:
            return State(tree)  # 2. fill the next level
        known = dict(tree)
        return State(
            (), tuple(self.resolve(known, (name,)) for name in self.names)
        )  # 3. decide the vector that the tree resolves to

    def paths(self, length: int) -> list[Path]:
        """Return the nodes of a level: sequences of different processes."""
        return [path for path in product(self.names, repeat=length) if len(set(path)) == length]

    def resolve(self, tree: dict[Path, Value], path: Path) -> Value:
        """Return the value of a node, from those below it."""
        below = [self.resolve(tree, (*path, name)) for name in self.names if (*path, name) in tree]
        if not below:
            return tree[path]
        if not self.byzantine:  # crashes: no process lies, so anything that was heard is true
            return next((value for value in (tree[path], *below) if value is not None), None)
        value, votes = Counter(below).most_common(1)[0]
        return value if 2 * votes > len(below) else 0

    def lies(self, at: At, round: int) -> Iterator[Level]:
        paths = [path for path in self.paths(round - 1) if at.me not in path]
        for values in product((0, 1), repeat=len(paths)):
            yield Level(tuple(zip(paths, values, strict=True)))


SOLVED = {agreement: HOLDS, interactive_consistency: HOLDS, integrity: HOLDS, termination: HOLDS}


SOLVED = {agreement: HOLDS, interactive_consistency: HOLDS, integrity: HOLDS, termination: HOLDS}

INSTANCES = (
    Instance(
        "crash", InteractiveConsistency(), synchronous(crashes=1), SOLVED,
        configurations=144, transitions=220, depth=2,
        bivalent=8, none=0, critical=8, disagreeing=0,
        within=2, chain=1,
        about="Two rounds for one crash, as in FloodSet.",
    ),
    Instance(
        "crash, one round", InteractiveConsistency(rounds=1), synchronous(crashes=1), SOLVED | {agreement: VIOLATED},
        configurations=100, transitions=104, depth=1,
        bivalent=56, none=0, critical=0, disagreeing=48,
        counterexample={agreement: 1}, within=1, chain=1,
        about="With f rounds the survivors do not agree on what the crashed process has said.",
    ),
    Instance(
        "n4 crash", InteractiveConsistency(n=4), synchronous(crashes=1), SOLVED,
        configurations=624, transitions=1088, depth=2,
        bivalent=16, none=0, critical=16, disagreeing=0,
        within=2, chain=1,
        delays={"decision": (2, 24), "all decisions": (2, 24)},
        about="Four processes.",
    ),
    Instance(
        "n4 Byzantine", InteractiveConsistency(n=4, byzantine=True), synchronous(byzantine=("p0",)), SOLVED,
        configurations=248, transitions=432, depth=2,
        bivalent=8, none=0, critical=8, disagreeing=0,
        within=2, chain=1,
        about="Four processes tolerate a liar: of three reports of what it said, two are right.",
    ),
    Instance(
        "n3 Byzantine", InteractiveConsistency(byzantine=True), synchronous(byzantine=("p0",)),
        SOLVED | {agreement: VIOLATED, interactive_consistency: VIOLATED},
        configurations=88, transitions=261, depth=2,
        bivalent=67, none=0, critical=1, disagreeing=36,
        counterexample={agreement: 2, interactive_consistency: 2}, within=2, chain=2,
        about="Three do not (n = 3f): the word of a correct process stands against that of a liar.",
    ),
)  # fmt: skip
