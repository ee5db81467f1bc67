"""`flpcheck init`: a first spec to start from."""

from __future__ import annotations

from pathlib import Path

import click

from flpcheck.cli.console import say

TEMPLATE = '''"""{title}: the first value that a quorum votes for is decided.

Asynchronous, reliable delivery.  Change a rule, run `flpcheck explore {file}` and see what happens.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, asynchronous, protocol, record,
    replace, termination, to_others, validity,
)  # fmt: skip


@record
class Vote:
    """Process -> all others: I vote for this value."""

    value: int


@record
class Voter:
    """The local state of a process; its field `decision` is its write-once output."""

    input: int | None
    votes: frozenset[tuple[Pid, int]] = frozenset()  # who has voted for what, its own vote included
    decision: int | None = None


@protocol
class {name}:
    """Each process votes once, for the first value heard.  Fields are parameters: try -p quorum=1."""

    n: int = 3
    quorum: int = 2

    def processes(self) -> Processes[Vote]:
        candidates = [Process(f"p{{i}}", self.voter, inputs={{v: Voter(v) for v in (0, 1)}}) for i in range(2)]
        return [*candidates, *(Process(f"p{{i}}", self.voter, start=Voter(None)) for i in range(2, self.n))]

    def voter(self, at: At, s: Voter, event: Start | Vote) -> Step[Voter, Vote]:
        match event:
            case Start() if s.input is not None and not s.votes:  # 1. a candidate votes for its own input
                return self.count(s, at.me, s.input), to_others(Vote(s.input))
            case Vote(value) if not s.votes:  # 2. vote for the first value heard
                return self.count(self.count(s, at.sender, value), at.me, value), to_others(Vote(value))
            case Vote(value):  # 3. count the vote
                return self.count(s, at.sender, value), ()
            case Start():
                return s, ()

    def count(self, s: Voter, voter: Pid, value: int) -> Voter:
        """Return the state with one more vote; a quorum of equal votes decides."""
        votes = s.votes | {{(voter, value)}}
        decided = sum(voted == value for _, voted in votes) >= self.quorum and s.decision is None
        return replace(s, votes=votes, decision=value if decided else s.decision)


INSTANCES = (
    Instance("no crash", {name}(), asynchronous(), {{agreement: HOLDS, validity: HOLDS, termination: HOLDS}}),
    Instance(
        "one crash", {name}(), asynchronous(crashes=1), {{agreement: HOLDS, validity: HOLDS, termination: VIOLATED}}
    ),
    Instance("no quorum", {name}(quorum=1), asynchronous(), {{agreement: VIOLATED, validity: HOLDS}}),
)
'''


@click.command("init")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--from", "source", metavar="NAME", help="Copy this bundled spec instead, such as `paxos`.")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def command(file: str, source: str | None, *, force: bool) -> int:
    """Write a first spec to FILE: a small voting protocol that runs, to be changed."""
    from flpcheck.errors import BadRequest
    from flpcheck.spec import file_of

    path = Path(file if file.endswith(".py") else f"{file}.py")
    if path.exists() and not force:
        raise BadRequest(f"{path} exists", next_step="choose another name, or overwrite it with --force")
    if source is not None:
        return _written(path, Path(file_of(source)).read_text(encoding="utf-8"))
    words = [word for word in path.stem.replace("-", "_").split("_") if word.isidentifier()]
    name = "".join(word.capitalize() for word in words) or "Protocol"
    name += "Protocol" if name in {"Vote", "Voter"} else ""  # the names of the template's records
    return _written(path, TEMPLATE.format(title=" ".join(words).capitalize() or "Protocol", file=path, name=name))


def _written(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    say(f"wrote {path}; now run: flpcheck explore {path}")
    return 0
