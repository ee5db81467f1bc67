"""What commands print as JSON is what the contract says, in every way that a search can end."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from flpcheck.cli import COMMANDS, cli, main
from flpcheck.exit_codes import MEANINGS
from flpcheck.report.contract import DEFINITIONS, DOCUMENTS, SCHEMA_VERSION, schema_of

RECORDED = Path(__file__).parents[1] / "schemas" / "contract.json"
DIFFERS = '''"""Expects what is not so."""
from wait_for_all import *
INSTANCES = (Instance("wrong", WaitForAll(), asynchronous(), {termination: VIOLATED}, configurations=7),)
'''
SPLITS = '''"""A process tells the others different things, and may crash in between."""
from flpcheck import *

@record
class Say:
    value: int

@record
class State:
    decision: int | None = None
    said: bool = False

@protocol
class Splits:
    def processes(self):
        return [Process("teller", self.tell, start=State()), *(Process(p, self.hear, start=State()) for p in "ab")]

    def tell(self, at: At, s: State, event: Start) -> Step[State, Say]:
        return State(said=True), () if s.said else (send(Say(0), to="a"), send(Say(1), to=("a", "b")))

    def hear(self, at: At, s: State, event: Start | Say) -> Step[State, Say]:
        match event:
            case Say(value):
                return replace(s, decision=value), ()
            case Start():
                return s, ()

@invariant
def the_teller_outlives_what_it_says(view: View[State]) -> bool:
    """Any process that has heard the teller knows that it lives."""
    return not (view.crashed and view.outputs)
'''
CLOCK = '''"""A clock that refines no shorter one, and strikes only once."""
from flpcheck import *

@protocol
class Clock:
    hours: int = 3

    def initial(self):
        return [0]

    def actions(self):
        return [Action(self.ticks)]

    def ticks(self, c):
        yield Event("ticks"), min(c + 1, self.hours)

refines_short = refines(Clock(hours=2), lambda c: c, name="refines_short")
strikes_again = leads_to(lambda c: c == 1, lambda c: c == 0, name="strikes_again")
INSTANCES = (Instance("three hours", Clock(), asynchronous(), {refines_short: VIOLATED, strikes_again: VIOLATED}),)
'''
EMPTY = '''"""A general protocol that may have no initial configuration."""
from flpcheck import *

@protocol
class Empty:
    n: int = 1

    def initial(self):
        return range(self.n)

    def successors(self, shared):
        return []

INSTANCES = (Instance("one", Empty(), asynchronous()),)
'''
FILES = {"empty.py": EMPTY, "broken.py": "def f(:\n", "differs.py": DIFFERS, "splits.py": SPLITS, "clock.py": CLOCK}
FILES |= {
    "run.ndjson": '{"process": "p0", "event": "start"}\n',
    "lie.ndjson": '{"process": "p0", "event": "start", "after": {"decision": 7}}\n',
}
LINES = [
    ("explore", "wait_for_all", "--instance", "one crash"),
    ("explore", "paxos", "--max-depth", "3"),
    ("explore", "paxos", "--max-configurations", "50", "--property", "agreement"),
    ("explore", "first_quorum", "--safety"),
    ("explore", "paxos", "--safety", "--max-depth", "3"),
    ("explore", "first_quorum", "--crashes", "1", "--crash-points", "cut"),
    ("explore", "broken/raft_forgets_vote", "--max-depth", "4"),
    ("explore", "broken/raft_sends_before_writing"),
    ("explore", "reliable_broadcast"),
    ("explore", "reliable_broadcast", "--instance", "unforgeability"),
    ("explore", "oral_messages"),
    ("explore", "phase_king"),
    ("explore", "floodset", "-p", "rounds=1", "--crashes", "1"),
    ("explore", "uniform_voting"),
    ("explore", "ben_or_rounds"),
    ("explore", "read_write_registers"),
    ("explore", "wait_for_all", "--network", "set", "--loss", "1", "--duplication", "unlimited", "--format", "jsonl"),
    ("explore", "sequencer", "--omission", "1", "--partition", "p0|p1", "--heals", "--max-configurations", "300"),
    ("explore", "splits.py", "--crashes", "1", "--crash-points", "cut"),
    ("explore", "clock.py"),
    ("check", "sequencer", "wait_for_all"),
    ("check", "first_quorum", "--safety"),
    ("check", "broken.py", "differs.py", "paxos_duel", "--format", "jsonl"),
    ("check", "wait_for_all", "--max-memory", "1M"),
    ("flp", "wait_for_all", "--instance", "one crash"),
    ("flp", "read_write_registers"),
    ("flp", "memory/arbiter"),
    ("flp", "first_quorum"),
    ("flp", "paxos_duel"),
    ("flp", "one_third_rule"),
    ("flp", "always_zero"),
    ("flp", "sequencer"),
    ("flp", "paxos"),
    ("why", "wait_for_all", "--instance", "one crash", "--first", "blocked"),
    ("why", "sequencer", "--first", "critical"),
    ("why", "first_quorum", "--first", "disagreeing"),
    ("why", "wait_for_all", "--first", "univalent"),
    ("worlds", "wait_for_all", "--max-configurations", "200"),
    ("worlds", "one_third_rule", "--max-configurations", "100"),
    ("sweep", "wait_for_all", "--over", "n=2..3", "--over", "crashes=0..3"),
    ("sweep", "first_quorum", "--over", "crashes=0..1", "--property", "agreement", "--max-configurations", "20"),
    ("sweep", "empty.py", "--over", "n=0..1", "--property", "deadlock_freedom"),
    ("worlds", "splits.py", "--property", "the_teller_outlives_what_it_says"),
    ("list",),
    ("replay", "wait_for_all", "--path", "0:0.0"),
    ("replay", "one_third_rule", "--path", "0:0"),
    ("simulate", "wait_for_all", "--runs", "5", "--seed", "3"),
    ("simulate", "broken/paxos_forgets_value", "--run", "1", "--max-length", "4"),
    ("simulate", "broken/raft_forgets_vote", "--max-configurations", "900"),
    ("trace", "wait_for_all", "run.ndjson"),
    ("trace", "wait_for_all", "lie.ndjson", "--interleaving", "causal", "--gap", "1"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("contract")
    source = Path(__file__).parents[2] / "specs" / "wait_for_all.py"
    (made / "wait_for_all.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@cache
def printed(arguments: tuple[str, ...], folder: Path) -> tuple[int, list[Any]]:
    """Return the exit code and the lines of a command."""
    form = () if "--format" in arguments else ("--format", "json")
    quiet = ("--no-reports",) if arguments[0] in {"explore", "flp"} else ()
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main([*arguments, *form, *quiet])
    assert isinstance(ended.value.code, int)
    return ended.value.code, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("arguments", LINES, ids=" ".join)
def test_what_a_command_prints_is_valid(arguments: tuple[str, ...], folder: Path) -> None:
    code, lines = printed(arguments, folder)
    assert code in MEANINGS
    assert lines
    validator = jsonschema.Draft202012Validator(schema_of(arguments[0]))
    for line in lines:
        assert line["schema_version"] == SCHEMA_VERSION
        assert [error.message for error in validator.iter_errors(line)] == []


@pytest.mark.long
def test_the_lines_show_every_key_and_every_verdict(folder: Path) -> None:
    """A key that no line above has is one that the tests know nothing of."""
    shown = {pair for arguments in LINES for line in printed(arguments, folder)[1] for pair in _keys(line)}
    known = {name for shape in DEFINITIONS.values() for name in _properties(shape)}
    assert known - {key for key, _ in shown} == set()
    for key, values in {
        "verdict": {"HOLDS", "VIOLATED", "INCOMPLETE"},
        "bound": {"max-depth", "max-configurations", "max-memory", "first-violation"},
        "fits": {"True", "False"},
    }.items():
        assert values <= {value for name, value in shown if name == key}, key


def _keys(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, str(inner) if isinstance(inner, str | bool) else ""
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _properties(shape: Any) -> Iterator[str]:
    if isinstance(shape, dict):
        own = shape.get("properties")
        if shape.get("type") in ("object", ["object", "null"]) and isinstance(own, dict):
            yield from own
        for inner in shape.values():
            yield from _properties(inner)
    elif isinstance(shape, list):
        for inner in shape:
            yield from _properties(inner)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("command", DOCUMENTS)
def test_a_key_without_a_schema_is_refused(command: str, folder: Path) -> None:
    schema = schema_of(command)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    line = printed(next(line for line in LINES if line[0] == command), folder)[1][0]
    assert validator.is_valid(line)
    assert not validator.is_valid({**line, "unheard_of": 1})
    for key in line:
        assert not validator.is_valid({name: value for name, value in line.items() if name != key}), key


def test_every_command_that_prints_json_has_a_schema() -> None:
    commands = {name: cli.get_command(click.Context(cli), name) for name in COMMANDS}
    formats = {name: p.type for name, found in commands.items() if found for p in found.params if p.name == "format"}
    assert {name for name, of in formats.items() if "json" in getattr(of, "choices", ())} == DOCUMENTS.keys()


def test_the_version_is_raised_when_the_contract_changes() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    mark = hashlib.sha256(json.dumps([_bare(DEFINITIONS), DOCUMENTS], sort_keys=True).encode()).hexdigest()
    assert recorded.get(str(SCHEMA_VERSION)) == mark, (
        f"the contract has changed: raise SCHEMA_VERSION and record {mark} for it in {RECORDED.name}"
    )
    assert int(max(recorded, key=int)) == SCHEMA_VERSION


def _bare(shape: Any) -> Any:
    """Return a schema without its descriptions and its version."""
    if isinstance(shape, dict):
        kept = {k: v for k, v in shape.items() if k != "const" and not (k == "description" and isinstance(v, str))}
        return {name: _bare(inner) for name, inner in kept.items()}
    return [_bare(inner) for inner in shape] if isinstance(shape, list) else shape
