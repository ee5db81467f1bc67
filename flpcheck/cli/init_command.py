"""`flpcheck init`: a first spec to start from."""

from __future__ import annotations

from pathlib import Path

import click

TEMPLATE = '''"""{title}: the first proposal that a quorum votes for is decided.

Asynchronous, reliable delivery.  Change a rule, run `flpcheck explore {file}` and see what happens.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, agreement, asynchronous, broadcast, protocol,
    record, replace, termination, validity,
)  # fmt: skip


@record
class Propose:
    """Candidate -> all."""

    value: int


@record
class Vote:
    """Voter -> all."""

    value: int


Message = Propose | Vote


@record
class Voter:
    """The local state of a process; its field `decision` is its write-once output."""

    proposal: int | None  # its input; None once sent, or without one
    voted: bool = False
    votes: frozenset[tuple[Pid, int]] = frozenset()
    decision: int | None = None


@protocol
class {name}:
    """Everybody votes for the first proposal heard.  Fields are parameters: try -p quorum=1."""

    n: int = 3
    quorum: int = 2

    def processes(self) -> Processes[Message]:
        candidates = [Process(f"p{{i}}", self.voter, inputs={{v: Voter(v) for v in (0, 1)}}) for i in range(2)]
        return [*candidates, *(Process(f"p{{i}}", self.voter, start=Voter(None)) for i in range(2, self.n))]

    def voter(self, at: At, s: Voter, event: Start | Message) -> Step[Voter, Message]:
        match event:
            case Start() if s.proposal is not None:  # 1. a candidate proposes
                return replace(s, proposal=None), broadcast(Propose(s.proposal))
            case Propose(value) if not s.voted:  # 2. vote for the first proposal heard
                return replace(s, voted=True), broadcast(Vote(value))
            case Vote(value) if s.decision is None:  # 3. decide on a quorum of equal votes
                votes = s.votes | {{(at.sender, value)}}
                if sum(voted == value for _, voted in votes) < self.quorum:
                    return replace(s, votes=votes), ()
                return replace(s, votes=frozenset(), decision=value), ()
            case Start() | Propose() | Vote():  # nothing to propose, voted, decided
                return s, ()


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
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def command(file: str, *, force: bool) -> int:
    """Write a first spec to FILE: a small voting protocol that runs, to be changed."""
    from flpcheck.errors import BadRequest

    path = Path(file if file.endswith(".py") else f"{file}.py")
    if path.exists() and not force:
        raise BadRequest(f"{path} exists", next_step="choose another name, or overwrite it with --force")
    words = [word for word in path.stem.replace("-", "_").split("_") if word.isidentifier()]
    name = "".join(word.capitalize() for word in words) or "Protocol"
    name += "Protocol" if name in {"Propose", "Vote", "Voter"} else ""  # the names of the template's records
    path.parent.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.format(title=" ".join(words).capitalize() or "Protocol", file=path, name=name)
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {path}; now run: flpcheck explore {path}")
    return 0
