"""Interactive consistency by exponential information gathering (EIG): all agree on a vector of everybody's inputs.

Pease, Shostak, Lamport, "Reaching Agreement in the Presence of Faults" (1980); Lynch, "Distributed Algorithms" (1996),
sections 6.2.3 and 6.3.2.  Synchronous rounds, n processes with binary inputs, at most f of them faulty.  In f + 1 rounds
everybody tells what it has heard who has said that who has said...; the tree of all that is resolved from the leaves.

Crashes: f + 1 rounds are enough for any n, f are not if n >= f + 2.  Byzantine processes: n > 3f is needed as well.  The
vector is right about every correct process; about a faulty one it only has to be the same everywhere.
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
    """What a process tells: the level of its tree that it has filled last."""

    values: tuple[tuple[Path, Value], ...]


@record
class State:
    """What was said by whom about whom, the own input first; and the vector in the end."""

    tree: tuple[tuple[Path, Value], ...]
    decision: tuple[Value, ...] | None = None


@protocol
class InteractiveConsistency:
    """n processes, so many rounds; `byzantine` says whether majorities resolve the tree, or whatever was heard."""

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
        return broadcast(Level(tuple(last)))  # 1. tell the level that was filled last

    def receive(self, at: At, s: State, round: int, heard: Heard[Level]) -> State:
        said = {(*path, pid): value for pid, level in heard.items() for path, value in level.values}
        tree = (*s.tree, *((path, said.get(path)) for path in self.paths(round)))
        if round < self.rounds:
            return State(tree)  # 2. fill the next level
        known = dict(tree)
        return State((), tuple(self.resolve(known, (name,)) for name in self.names))  # 3. decide the vector that the tree resolves to

    def paths(self, length: int) -> list[Path]:
        """Return the nodes of a level: sequences of different processes."""
        return [path for path in product(self.names, repeat=length) if len(set(path)) == length]

    def resolve(self, tree: dict[Path, Value], path: Path) -> Value:
        """Return the value of a node, from those below it."""
        below = [self.resolve(tree, (*path, name)) for name in self.names if (*path, name) in tree]
        if not below:
            return tree[path]
        if not self.byzantine:  # crashes: nobody lies, so anything that was heard is true
            return next((value for value in (tree[path], *below) if value is not None), None)
        value, votes = Counter(below).most_common(1)[0]
        return value if 2 * votes > len(below) else 0

    def lies(self, at: At, round: int) -> Iterator[Level]:
        paths = [path for path in self.paths(round - 1) if at.me not in path]
        for values in product((0, 1), repeat=len(paths)):
            yield Level(tuple(zip(paths, values, strict=True)))


KEPT = {agreement: HOLDS, interactive_consistency: HOLDS, integrity: HOLDS, termination: HOLDS}
INSTANCES = (
    Instance("crash", InteractiveConsistency(), synchronous(crashes=1), KEPT, about="x"),
    Instance("crash f2", InteractiveConsistency(n=4, rounds=3), synchronous(crashes=2), KEPT, about="x"),
    Instance("crash, f rounds", InteractiveConsistency(rounds=1), synchronous(crashes=1), KEPT|{agreement: VIOLATED}, about="x"),
    Instance("byzantine", InteractiveConsistency(n=4, byzantine=True), synchronous(byzantine=("p0",)), KEPT, about="x"),
    Instance("byzantine n3", InteractiveConsistency(n=3, byzantine=True), synchronous(byzantine=("p0",)), KEPT|{agreement: VIOLATED, interactive_consistency: VIOLATED}, about="x"),
)
