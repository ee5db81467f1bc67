"""The comparison of worlds: rows of every front end, and commands that lead back to where they come from."""

from __future__ import annotations

import shlex
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from flpcheck import Bounds, load
from flpcheck.authoring.property import Verdict
from flpcheck.authoring.protocol import parameters
from flpcheck.cli.options import settle_options
from flpcheck.cli.replay_command import command
from flpcheck.report.command import explore_command
from flpcheck.report.worlds import failing, table_of
from flpcheck.settle import Overrides, Request, settle
from flpcheck.worlds import WorldResult, compare

FEW = Bounds(configurations=300)
SPECS = {
    "floodset": {},
    "one_third_rule": {},
    "dolev_strong": {},
    "guess_on_timeout": {},
    "signed_echo": {"n": "3"},
    "chandra_toueg": {"n": "2"},
    "omega_paxos": {"acceptors": "1"},
    "two_phase_commit": {},
    "read_write_registers": {},
    "raft_elections": {},
    "paxos_duel": {},
}


def rows_of(name: str, given: dict[str, str]) -> list[WorldResult]:
    return list(compare(settle(load(name), Overrides(parameters=given)), FEW))


def settled(line: str) -> Request:
    """Return what the options of a command line settle."""
    words = shlex.split(line)
    request: Request = settle_options(command.make_context("replay", words[2:]).params | {"property": ()})
    return request


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", SPECS)
def test_the_command_behind_a_world_leads_back_to_it(name: str) -> None:
    rows = rows_of(name, SPECS[name])
    assert len(rows) > 1
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        if row.examination is None:
            assert row.because
            continue
        request = row.examination.request
        again = settled(explore_command(request, "--path", "0:"))
        assert (again.world, dict(again.inputs)) == (row.world, dict(request.inputs))
        assert parameters(again.protocol) == parameters(request.protocol)


def test_a_failing_cell_can_be_replayed() -> None:
    for row in rows_of("floodset", {}):
        for _, _, line in failing(row):
            if " replay " in line:
                result = CliRunner().invoke(command, shlex.split(line)[2:], standalone_mode=False)
                assert result.exception is None, line


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("name", "world", "claim", "verdict"),
    [
        ("one_third_rule", "GST", "termination", Verdict.HOLDS),
        ("one_third_rule", "heard of: majority", "termination", Verdict.VIOLATED),
        ("floodset", "1 omits sending", "agreement", Verdict.VIOLATED),
        ("dolev_strong", "1 Byzantine", "agreement", Verdict.VIOLATED),
        ("dolev_strong", "1 Byzantine, signed messages", "agreement", Verdict.HOLDS),
        ("chandra_toueg", "no failures", "termination", Verdict.HOLDS),
    ],
)
def test_a_world_decides_the_verdict(name: str, world: str, claim: str, verdict: Verdict) -> None:
    (row,) = [row for row in rows_of(name, SPECS[name]) if row.name == world]
    assert row.examination is not None
    found = {finding.claim.name: finding.verdict for finding in row.examination.analysis.findings}
    assert found[claim] is verdict


def test_the_table_has_a_line_for_each_world_and_names_what_holds_everywhere() -> None:
    from rich.console import Console

    rows = rows_of("dolev_strong", {})
    console = Console(record=True, width=118, file=StringIO())
    console.print(table_of(rows))
    text = console.export_text()
    assert all(row.name in text for row in rows)
    assert "These hold in every world: integrity, termination" in text
    assert "1 Byzantine, agreement: r1 decides 0 while r2 decides 1\n     flpcheck replay dolev_strong" in text


TELLER = """
from flpcheck import At, Process, Start, protocol, record, send


@record
class News:
    text: str = "news"


@record
class Local:
    busy: bool = False


@protocol
class Teller:
    def processes(self):
        return [Process("p0", self.tell, start=Local()), Process("p1", self.hear, start=Local(LISTENS))]

    def tell(self, at: At, s: Local, event: Start):
        return (s, ()) if s.busy else (Local(True), send(News(), to="p1"))

    def hear(self, at: At, s: Local, event: News):
        if s.busy:
            raise ValueError("I have heard that")
        return Local(True), ()
"""


def told(folder: Path, *, knows: bool) -> list[WorldResult]:
    """The rows of a process that must not hear the news twice, or that has heard it from the beginning."""
    spec = folder / "teller.py"
    spec.write_text(TELLER.replace("LISTENS", str(knows)), encoding="utf-8")
    return rows_of(str(spec), {})


def test_a_world_in_which_a_step_fails_is_reported_and_the_others_are_shown(tmp_path: Path) -> None:
    rows = {row.name: row for row in told(tmp_path, knows=False)}
    assert rows["no failures"].examination is not None
    twice = rows["1 message duplicated"]
    assert twice.examination is None
    assert twice.because.endswith("teller.py:25: a step raised an exception (ValueError: I have heard that)")


def test_a_spec_that_fails_in_its_own_world_is_an_error(tmp_path: Path) -> None:
    own = told(tmp_path, knows=True)[0]
    assert own.examination is None
    assert own.failure is not None
    assert (own.failure.code, own.failure.place.line) == (2, 25)
    assert "a step raised an exception" in own.failure.text
