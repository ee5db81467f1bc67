"""`flpcheck flp` and `flpcheck why` as a user meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flpcheck.cli import main


class Run(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Cli = Callable[..., Run]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Run:
        with pytest.raises(SystemExit) as exit_:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return Run(exit_.value.code, captured.out, captured.err)

    return run


def test_flp_tells_the_horn_the_lemmas_the_pivot_and_the_adversary(cli: Cli) -> None:
    found = cli("flp", "sequencer", "--instance", "one crash", "--no-reports", "--details")
    assert found.code == 0
    text = " ".join(found.out.split())
    assert "the theorem's verdict: blocks" in text
    assert "p0 waits for Decide(0) from sequencer" in text
    assert "for 20 of 32 pairs" in text
    assert "everything depends on sequencer" in text
    assert "if it crashes here, the others wait for ever" in text
    assert "it can also block the protocol: 1 event later sequencer never steps again" in text


@pytest.mark.parametrize(
    ("spec", "answer", "proof"),
    [
        ("first_quorum", "It disagrees: some run decides two different values.", "2 of 4 initial configurations are"),
        ("always_zero", "It is trivial: whatever the inputs", "none of 4 initial configurations is bivalent"),
        ("guess_on_timeout", "It blocks: it can get to where", "Where only the input of p0 differs that changes"),
        ("paxos_duel", "It has an undecided lasso: a run that", "an adversary (a scheduler that wants no decision)"),
        ("sequencer", "It is outside the theorem", "2 configurations are critical: bivalent, and the next step"),
    ],
)
def test_flp_answers_in_sentences_that_explain_their_terms(cli: Cli, spec: str, answer: str, proof: str) -> None:
    found = cli("flp", spec, "--no-reports")
    text = " ".join(found.out.split())
    assert all(part in text for part in ("the question One process may crash", answer, proof))
    assert found.out.rstrip().endswith(f"flpcheck flp {spec} --details")
    assert ("never has to give up" in text) is (spec == "paxos_duel")


def test_flp_json_has_the_contract_and_the_certificates(cli: Cli) -> None:
    found = cli("flp", "sequencer", "--format", "json", "--no-reports")
    assert found.json["configurations"] == 96
    flp = found.json["flp"]
    assert flp["verdicts"] == ["outside"]
    assert flp["bivalent_initial"] is True
    assert (flp["lemma3"]["pairs"], flp["lemma3"]["failures"], flp["lemma3"]["complete"]) == (16, 8, True)
    assert flp["lemma1"]["failures"] == 0
    assert [link["valence"] for link in flp["lemma2"]["chain"]] == ["0", "0/1", "1"]
    assert flp["gadgets"] == {
        "critical": 2, "forks": 2, "hooks": 0, "corners": 0,
        "first": {"kind": "fork", "configuration": flp["gadgets"]["first"]["configuration"], "pivot": "sequencer"},
    }  # fmt: skip
    assert flp["silent"]["dead"] == {"p0": 0, "p1": 0, "sequencer": 16}
    assert flp["blocking"] is None
    assert flp["adversary"]["stuck"]["process"] == "sequencer"


def test_explore_json_has_lemma_3_as_well(cli: Cli) -> None:
    found = cli("explore", "sequencer", "--format", "json", "--no-reports")
    assert found.json["flp"]["lemma3"]["failures"] == 8


def test_a_lasso_of_flp_json_replays(cli: Cli, tmp_path: Path) -> None:
    polite = ("read_write_registers", "--instance", "polite, one crash")
    lasso = cli("flp", *polite, "--format", "json", "--no-reports").json["flp"]["lasso"]
    (tmp_path / "lasso.json").write_text(json.dumps(lasso), encoding="utf-8")
    found = cli("replay", *polite, "--schedule", "lasso.json")
    assert found.code == 0
    assert "from here on, for ever" in found.out
    assert "no process has decided" in found.out


def test_the_duel_says_why_it_goes_on_for_ever(cli: Cli, tmp_path: Path) -> None:
    why = (
        "each turn of 8 events ends where it began, with all current ballots 2 higher, "
        "and avoids each event that would settle the outcome"
    )
    dodges = [
        "a0 receives Prepare(1) from p1 before Accept(Proposal(0, 0)) from p0, which would have left only 0",
        "a0 receives Prepare(2) from p0 before Accept(Proposal(1, 1)) from p1, which would have left only 1",
    ]
    found = cli("flp", "paxos_duel", "--reports", "out", "--pictures", "dot")
    text = " ".join(found.out.split())
    assert f"it repeats for ever: {why}: {'; '.join(dodges)}" in text
    assert "fair cycles in which no process has decided: 1 [0/1] of 16 configurations" in text
    drawn = (tmp_path / "out" / "paxos_duel" / "lasso.dot").read_text("utf-8")
    assert all(line in drawn for line in (why, *dodges))
    flp = cli("flp", "paxos_duel", "--format", "json", "--no-reports").json["flp"]
    lasso = flp["lasso"]
    assert (lasso["length"], lasso["loop"], lasso["turn"], lasso["rise"], lasso["valence"]) == (11, 3, 8, 2, "0/1")
    assert [(dodge["step"], dodge["valence"]) for dodge in lasso["dodges"]] == [(5, "0"), (9, "1")]
    assert flp["cycles"] == [{"configurations": 16, "faulty": [], "valence": "0/1"}]


def test_a_stable_leader_leaves_no_lasso(cli: Cli) -> None:
    flp = cli("flp", "paxos_duel", "--instance", "stable leader", "--format", "json", "--no-reports").json["flp"]
    assert (flp["lasso"], flp["cycles"], flp["blocking"]) == (None, [], None)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("spec", "instance", "constant", "event"),
    [
        ("raft", "one term, two commands", "terms=1: with terms=2", "s0 times out"),
        ("multi_paxos", "one slot", "elections=1: with elections=2", "p0 starts"),
    ],
)
def test_the_constant_that_hides_the_livelock_of_elections_is_named(
    cli: Cli, spec: str, instance: str, constant: str, event: str
) -> None:
    found = cli("flp", spec, "--instance", instance, "--no-reports")
    assert found.code == 0
    assert f"within {constant} it could go on here, {event}" in " ".join(found.out.split())


def test_in_rounds_there_is_a_verdict_and_how_long_the_outcome_stays_open(cli: Cli, tmp_path: Path) -> None:
    found = cli("flp", "floodset", "--instance", "n3 f2", "--reports", "out", "--pictures", "dot")
    assert found.code == 0
    assert "the theorem's verdict: outside" in found.out
    assert "the longest bivalent chain: 2 configurations" in found.out
    assert (tmp_path / "out" / "floodset" / "n3-f2" / "chain.dot").exists()
    flp = cli("flp", "floodset", "--format", "json", "--no-reports").json["flp"]
    assert (flp["lemma1"], flp["lemma3"]) == (None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("chandra_toueg", "--instance", "one mistake", "--max-configurations", "600"),  # mistakes have one budget
        ("tla/nbac", "-p", "n=2"),  # crashes are events of the protocol's own
    ],
)
def test_what_the_lemmas_do_not_cover_is_no_contradiction(cli: Cli, arguments: tuple[str, ...]) -> None:
    found = cli("flp", *arguments, "--no-reports")
    assert found.code == 0
    assert "outside" in found.out


def test_flp_writes_its_pictures_beside_the_reports(cli: Cli, tmp_path: Path) -> None:
    found = cli("flp", "sequencer", "--reports", "out", "--pictures", "dot")
    assert found.code == 0
    assert sorted(path.name for path in (tmp_path / "out" / "sequencer").iterdir()) == ["gadget.dot", "theorem.txt"]
    assert "everything depends on sequencer" in (tmp_path / "out" / "sequencer" / "gadget.dot").read_text("utf-8")


def test_the_theorem_is_about_two_values(cli: Cli) -> None:
    found = cli("flp", "tla/paxos", "--instance", "one acceptor", "--no-reports")
    assert found.code == 2
    assert "two values" in found.err


def test_a_cut_before_a_verdict_is_inconclusive(cli: Cli) -> None:
    options = ("--instance", "one crash, n=3", "--max-configurations", "20", "--no-reports")
    found = cli("flp", "wait_for_all", *options)
    assert found.code == 3
    assert "unknown" in found.out
    assert "cut by max-configurations" in " ".join(found.out.split())


def test_another_horn_than_expected_is_a_difference(cli: Cli, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "specs" / "always_zero.py").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(text.replace('flp="trivial"', 'flp="blocks"'), encoding="utf-8")
    assert cli("flp", "mine.py", "--instance", "one crash", "--no-reports").code == 1


def test_why_bivalent_shows_a_way_to_each_value(cli: Cli) -> None:
    found = cli("why", "sequencer", "--first", "critical")
    assert found.code == 0
    assert "to decide 0, 1 event more" in found.out
    assert "to decide 1, 1 event more" in found.out
    assert "without sequencer no process can ever decide from here" in found.out


def test_why_univalent_shows_the_step_that_lost_the_other_value(cli: Cli) -> None:
    found = cli("why", "sequencer", "--path", "1:0.0.0")
    assert "at event 3 the valence went from 0/1 to 0" in found.out
    assert "instead, 1 could still have been decided, by 1 event" in found.out
    json_ = cli("why", "sequencer", "--path", "1:0.0.0", "--format", "json").json
    assert json_["lost"] == {"step": 3, "before": "0/1", "after": "0"}
    assert json_["valence"] == "0"


def test_why_in_rounds_shows_a_round_to_each_value(cli: Cli) -> None:
    found = cli("why", "floodset", "--instance", "n3 f2")
    assert found.code == 0
    assert "to decide 0" in found.out
    assert "to decide 1" in found.out
    assert cli("why", "floodset", "--first", "blocked").code == 2  # there is none


def test_why_blocked_says_who_waits_for_whom(cli: Cli) -> None:
    found = cli("why", "wait_for_all", "--instance", "one crash", "--first", "blocked")
    assert "no process can ever decide from here" in found.out
    assert "p1 waits for Value(0) from p0" in found.out


def test_why_takes_a_schedule_and_a_number(cli: Cli, tmp_path: Path) -> None:
    by_path = cli("why", "sequencer", "--path", "1:0.0", "--format", "json").json
    (tmp_path / "s.json").write_text(json.dumps({"initial": 1, "schedule": by_path["schedule"]}), encoding="utf-8")
    by_schedule = cli("why", "sequencer", "--schedule", "s.json", "--format", "json").json
    by_number = cli("why", "sequencer", "--configuration", str(by_path["configuration"]), "--format", "json").json
    assert by_path == by_schedule
    assert by_number["configuration"] == by_path["configuration"]


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("--first", "disagreeing"), ("no configuration is disagreeing", "critical")),
        (("--configuration", "96"), ("no configuration 96",)),
        (("--path", "0:99"), ("there are",)),
        (("--path", "0:0", "--first", "critical"), ("only one configuration can be chosen",)),
        (("--path", "0:0.0.0", "--max-depth", "1"), ("beyond the bound", "--max-depth")),
    ],
)
def test_what_cannot_be_explained_is_said(cli: Cli, arguments: tuple[str, ...], texts: tuple[str, ...]) -> None:
    found = cli("why", "sequencer", *arguments)
    assert found.code == 2
    assert [text for text in texts if text not in found.err] == []


def test_a_contradiction_is_an_internal_error_with_the_command_that_shows_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flpcheck.analyse.verdict._horns", lambda _: {})
    found = cli("flp", "sequencer", "--instance", "one crash", "--no-reports")
    assert found.code == 4
    assert "contradicts the theorem" in found.err
    assert "flpcheck explore sequencer --instance 'one crash'" in found.err
