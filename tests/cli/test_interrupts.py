"""Ctrl-C and SIGTERM: whatever a run is doing, it ends, reports what it has found, and exits with 130 or 143."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from time_enough import with_time_enough

from flpcheck.cli.console import put
from flpcheck.explore.record_log import RecordLog

SPECS = Path(__file__).parents[2] / "specs"
FLPCHECK = [sys.executable, "-c", "from flpcheck.cli import main; main()"]
HUGE = ["-p", "resource_managers=12", "--format", "json"]
COUNTERS = ("configurations", "transitions", "depth")


def interrupted(arguments: list[str], word: bytes, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """Run flpcheck on a terminal, send a signal when the progress says a word, and return exit code and output."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    child = subprocess.Popen(FLPCHECK + arguments, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = b""
    while not re.search(word, shown):
        shown += os.read(ours, 4096)
    child.send_signal(number)
    out, _ = child.communicate(timeout=120)
    os.close(ours)
    return child.returncode, out


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("engine", "arguments"),
    [
        ("reference", ["--engine", "reference", "--property", "agreement", "--no-reports"]),
        ("kernel", ["--engine", "kernel", "--property", "agreement", "--no-reports"]),
        ("kernel", ["--engine", "kernel", "--safety", "--reduce", "none", "--property", "agreement", "--no-reports"]),
    ],
)
def test_what_was_found_is_reported(engine: str, arguments: list[str]) -> None:
    code, out = interrupted(["explore", str(SPECS / "tla/two_phase.py"), *HUGE, *arguments], rb"depth ([3-9]|\d\d)")
    found = json.loads(out)
    assert code == 130
    assert (found["engine"], found["complete"], found["cut"]["bound"]) == (engine, False, "interrupted")
    assert found["properties"]["agreement"]["verdict"] == "INCOMPLETE"
    assert found["configurations"] > found["cut"]["frontier"] > 0
    assert all(found[name] > 0 for name in COUNTERS)


SLOW = """
import time

@invariant
def slow(view):
    "It takes its time."
    time.sleep(0.01)
    return True
"""
DRAWN = """    def picture(self, view):
        import time

        time.sleep(0.01)
        return ()

    def processes("""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A spec of which each configuration takes some time to be judged, and to be drawn."""
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    file = tmp_path / "slow.py"
    text = text.replace("    def processes(", DRAWN, 1)
    file.write_text(
        text.replace("INSTANCES =", f"from flpcheck import invariant\n{SLOW}\nINSTANCES ="), encoding="utf-8"
    )
    return file


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_judgement_ends_cleanly(slow: Path, number: signal.Signals, code: int) -> None:
    arguments = ["explore", str(slow), "-p", "n=4", "--engine", "reference", "--format", "json", "--no-reports"]
    ended, out = interrupted([*arguments, "--property", "agreement", "--property", "slow"], b"judging slow", number)
    found = json.loads(out)
    assert ended == code
    assert found["complete"]
    assert found["properties"]["agreement"]["verdict"] == "HOLDS"
    assert found["properties"]["slow"]["verdict"] == "INCOMPLETE"
    assert found["properties"]["slow"]["because"] == "interrupted while judging slow"
    assert "interrupted while judging slow" in found["unfinished"]


def test_drawing_ends_and_the_verdicts_are_there(slow: Path, tmp_path: Path) -> None:
    arguments = ["explore", str(slow), "-p", "n=3", "--format", "json", "--reports", str(tmp_path), "--pictures", "dot"]
    code, out = interrupted([*arguments, "--property", "agreement"], b"writing the explorer")
    found = json.loads(out)
    assert code == 130
    assert found["properties"]["agreement"]["verdict"] == "HOLDS"
    assert found["unfinished"] == ["interrupted while writing the explorer"]
    assert found["reports"]
    assert not any(name.endswith(".html") for name in found["reports"])
    assert list(found["seconds"]) == ["load", "explore", "purity", "analyse", "draw", "total"]


def test_sigterm_ends_a_search_and_its_checkpoint_goes_on_from_there(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    file = tmp_path / "checkpoint"
    spec = ["explore", str(SPECS / "tla/two_phase.py"), *HUGE, "--property", "agreement", "--no-reports"]
    kernel = ["--engine", "kernel", "--max-configurations", "0"]
    code, out = interrupted(
        [*spec, *kernel, "--checkpoint", str(file), "--checkpoint-every", "1000"],
        rb"depth ([3-9]|\d\d)",
        signal.SIGTERM,
    )
    found = json.loads(out)
    assert code == 143
    assert found["cut"]["bound"] == "interrupted"
    levels = sum(
        len(record["marks"]) for record in RecordLog(file, json.loads(file.read_bytes().splitlines()[1])).records()
    )
    assert levels > 10


def test_loading_is_interrupted_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "spec.py"
    file.write_text("import sys, time\nsys.stderr.write('loading it\\n')\nsys.stderr.flush()\ntime.sleep(60)\n")
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        ended, out = interrupted(["explore", str(file)], b"loading it", number)
        assert (ended, out) == (code, "")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_check_ends_cleanly(slow: Path, number: signal.Signals, code: int, workers: str) -> None:
    child = subprocess.Popen(
        [*FLPCHECK, "check", str(SPECS / "sequencer.py"), str(slow), "--jobs", workers, "--format", "jsonl"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    first = json.loads(child.stdout.readline())
    child.send_signal(number)
    rest, _ = child.communicate(timeout=60)
    assert (child.returncode, Path(first["spec"]).name) == (code, "sequencer.py")
    for line in rest.splitlines():
        assert json.loads(line)["schema_version"]


def test_a_spec_that_ends_the_interpreter_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ends.py"
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    for place in ("match event:", "INSTANCES ="):
        indent = "        " if place == "match event:" else ""
        body = text.replace(place, f"import os\n{indent}os._exit(0)\n{indent}{place}", 1)
        file.write_text(body, encoding="utf-8")
        done = subprocess.run(
            [*FLPCHECK, "explore", str(file), "--no-reports"], capture_output=True, text=True, check=False
        )
        line = body[: body.index("os._exit")].count("\n") + 1
        assert (done.returncode, done.stdout) == (2, "")
        assert f"ends.py:{line}: the spec calls os._exit(0)" in done.stderr


ENDLESS_PREDICATE = """
@invariant
def endless(view):
    "It never answers."
    while True:
        pass
"""


Run = subprocess.CompletedProcess[str]


def bounded(arguments: list[str], too_early: Callable[[Run], bool], seconds: float) -> Run:
    """Run flpcheck with a time limit that is long enough."""

    def run(seconds: float) -> Run:
        command = [*FLPCHECK, *arguments, "--max-seconds", str(seconds)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    return with_time_enough(run, too_early, seconds)


@pytest.mark.long
def test_a_predicate_that_never_answers_is_ended_and_named(tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    text = text.replace("INSTANCES =", f"from flpcheck import invariant\n{ENDLESS_PREDICATE}\nINSTANCES =")
    file.write_text(text, encoding="utf-8")
    done = bounded(["explore", str(file), "--property", "endless", "--no-reports"], lambda run: run.returncode == 3, 4)
    first = text[: text.index("while True")].count("\n") + 1
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(rf"endless\.py:({first}|{first + 1}): the spec has not returned", done.stderr)


@pytest.mark.long
def test_a_picture_that_never_comes_back_costs_no_verdict(tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    text = (SPECS / "wait_for_all.py").read_text(encoding="utf-8")
    file.write_text(text.replace("    def processes(", DRAWN.replace("time.sleep(0.01)", "time.sleep(600)"), 1))
    command = ["explore", str(file), "--property", "agreement", "--reports", str(tmp_path), "--pictures", "dot"]
    done = bounded([*command, "--format", "json"], lambda run: "INCOMPLETE" in run.stdout, 8)
    found = json.loads(done.stdout)
    assert found["properties"]["agreement"]["verdict"] == "HOLDS"
    (left_out,) = found["unfinished"]
    assert "endless.py" in left_out


class Slow(io.StringIO):
    """A stream that takes a line in two pieces, and is interrupted between them, and once more if asked to."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def write(self, text: str) -> int:
        super().write(text[:5])
        for _ in range(self.times):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)  # where the handler runs
        return 5 + super().write(text[5:])


@pytest.mark.parametrize(("times", "left"), [(1, '{"spec": 3}\n'), (2, '{"spe')])
def test_an_interrupt_waits_until_a_line_is_printed_and_a_second_one_does_not(
    times: int, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Slow(times)
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(KeyboardInterrupt):
        put('{"spec": 3}')
    assert stream.getvalue() == left
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
