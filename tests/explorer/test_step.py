"""Stepping in the terminal, with commands piped in."""

from __future__ import annotations

import inspect
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import pytest

from flpcheck.cli import main
from flpcheck.cli.step_command import Stepper
from flpcheck.report.explorer.deeds import DEEDS, page_keys
from flpcheck.report.explorer.page import KEYS, page

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
    out = step("i 2\n1\n1\n1\n2\nc\n")
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
    out = step("b\nb\nf\ns 3\nl\n", "--path", "1:0.0.0")
    heads = [line.split(":")[0] for line in out.splitlines() if line.startswith("step ")]
    assert heads == ["step 3", "step 2", "step 1", "step 2", "step 3"]
    assert "→   3  p1 starts" in out


def test_a_reason_is_given_where_nothing_can_be_done(step: Stepping) -> None:
    assert "has crashed" in step("3\n")
    assert "waits: its mailbox is empty" in step("1\n1\n")


def test_jumps_and_tours(step: Stepping) -> None:
    out = step("p\nj\nj 1\nt\nt 1\np\nn\np\nn\nn\nn\nn\nn\nn\nn\n")
    assert "agreement is violated" in out
    assert "7 of 7: Agreement is lost" in out
    assert "✓ decided: p0=0, p1=1  ✓ two decisions" in out
    assert "the tour has ended" in out
    assert out.count("1 of 7: ") == 2
    assert ("no tour has started" in out, "this is its first stop" in out) == (True, True)


def test_a_letter_leads_to_the_violation_as_on_the_page(step: Stepping) -> None:
    assert "two decisions" in step("v\n")


def test_every_letter_does_one_thing_on_the_page_and_in_the_terminal() -> None:
    """The tables of both are one; what each obeys is what the table says."""
    letters = Counter(key for deed in DEEDS for key in {*deed.keys, *deed.letters} if len(key) == 1)
    assert [letter for letter, deeds in letters.items() if deeds > 1] == []
    script = (files("flpcheck.report.explorer") / "assets" / "keys.js").read_text("utf-8")
    obeyed = set(re.findall(r"\b([a-z]): (?:\(\) =>|back\b|forward\b)", script))
    assert obeyed == {key for deed in DEEDS for key in deed.keys if key.isalpha() and len(key) == 1}
    stepper = set(re.findall(r'"([a-z?])": ', inspect.getsource(Stepper.obey)))
    assert stepper | {"q"} == {letter for deed in DEEDS for letter in deed.letters if len(letter) == 1}
    assert KEYS not in page({"spec": "x"})
    assert json.dumps(page_keys(), ensure_ascii=False) in page({"spec": "x"})


def test_the_path_as_a_diagram(step: Stepping) -> None:
    out = step("x\n", "--path", "1:0.0.0.1")
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
