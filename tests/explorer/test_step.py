"""Stepping in the terminal, with commands piped in."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from flpcheck.cli import main

Stepping = Callable[..., str]
GUESS = ("step", "guess_on_timeout", "--instance", "guess, one crash")


def stepped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, commands: str, *more: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(commands))
    with pytest.raises(SystemExit) as exit_:
        main([*GUESS, *more])
    assert exit_.value.code == 0
    return capsys.readouterr().out


@pytest.fixture
def step(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Stepping:
    return lambda commands, *more: stepped(capsys, monkeypatch, commands, *more)


def test_a_disagreement_step_by_step(step: Stepping) -> None:
    out = step("i 2\n1\n1\n1\n2\nr\n")
    assert "step 4: p1 times out   0/1  two decisions" in out
    assert "p1.decision: None → 1" in out
    assert "flpcheck replay guess_on_timeout --instance 'guess, one crash' --path 1:0.0.0.1" in out


def test_next_steps_are_numbered_and_tagged(step: Stepping) -> None:
    lines = step("q\n", "--path", "1:").splitlines()
    steps = [" ".join(line.split()) for line in lines if "→" in line]
    assert steps == [
        "1 p0 starts 1. send its input to all others → 0/1",
        "2 p1 starts 1. send its input to all others → 0/1",
        "3 p0 crashes → 1",
        "4 p1 crashes → 0",
    ]


def test_back_and_forward_and_along_the_path(step: Stepping) -> None:
    out = step("b\nb\nf\ng 3\np\n", "--path", "1:0.0.0")
    heads = [line.split(":")[0] for line in out.splitlines() if line.startswith("step ")]
    assert heads == ["step 3", "step 2", "step 1", "step 2", "step 3"]
    assert "→   3  p1 starts" in out


def test_a_reason_is_given_where_nothing_can_be_done(step: Stepping) -> None:
    assert "has crashed" in step("3\n")
    assert "waits: its mailbox is empty" in step("1\n1\n")


def test_jumps_and_tours(step: Stepping) -> None:
    out = step("j\nj 1\nt\nt 1\nn\nn\nn\nn\nn\nn\nn\n")
    assert "agreement is violated" in out
    assert "7 of 7: Agreement is lost" in out
    assert "✓ decided: p0=0, p1=1  ✓ two decisions" in out
    assert "the tour has ended" in out


def test_the_path_as_a_diagram(step: Stepping) -> None:
    out = step("m\n", "--path", "1:0.0.0.1")
    assert "sequenceDiagram\n    participant p_p0 as p0" in out


@pytest.mark.parametrize(
    ("commands", "said"),
    [
     ("99\n", "there is no step 99"), ("dance\n", "no command 'dance'"), ("w 1:9\n", "but there is none"),
     ("w x\n", "is not a path"),
     ("n\n", "no tour has started"), ("?\n", "this list"), ("f\n\n", "step 0")],
)  # fmt: skip
def test_what_cannot_be_done_is_said(step: Stepping, commands: str, said: str) -> None:
    assert said in step(commands)
