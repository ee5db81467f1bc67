"""`explore --watch` runs again on every save, and ends on Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flpcheck.cli.watching import stamps_of, watch


class Command:
    """A command that ends at once, or never."""

    def __init__(self, log: list[str], *, ends: bool) -> None:
        self.log, self.ends = log, ends
        log.append("run")

    def poll(self) -> int | None:
        return 0 if self.ends else None

    def terminate(self) -> None:
        self.log.append("terminate")

    def wait(self) -> int:
        self.log.append("wait")
        return 0


def in_turn(*deeds: Callable[[], object]) -> Callable[[], None]:
    """Return what a pause does: one deed after the other, then Ctrl-C."""
    waiting: Iterator[Callable[[], object]] = iter(deeds)

    def pause() -> None:
        deed = next(waiting, None)
        if deed is None:
            raise KeyboardInterrupt
        deed()

    return pause


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "records.py").write_text("import shapes\n", encoding="utf-8")
    (tmp_path / "shapes.py").write_text("", encoding="utf-8")
    (tmp_path / "alone.py").write_text("", encoding="utf-8")
    file = tmp_path / "vote.py"
    file.write_text("from records import Vote\nimport flpcheck, os.path\n", encoding="utf-8")
    return file


def test_a_spec_is_watched_with_the_modules_beside_it_that_it_imports(spec: Path) -> None:
    assert {file.name for file in stamps_of(str(spec))} == {"vote.py", "records.py", "shapes.py"}


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize(("saved", "runs"), [("vote.py", 2), ("shapes.py", 2), ("alone.py", 1)])
def test_a_save_runs_the_command_again(spec: Path, saved: str, runs: int, *, ends: bool) -> None:
    log: list[str] = []
    save = in_turn(lambda: None, lambda: (spec.parent / saved).write_text("# longer", encoding="utf-8"), lambda: None)
    assert watch(str(spec), lambda: Command(log, ends=ends), save) == 0
    assert log.count("run") == runs
    assert log.count("terminate") == (0 if ends else runs - 1)
    assert log[-1] == "wait"


def test_a_file_that_does_not_parse_or_is_gone_for_a_moment_ends_nothing(spec: Path) -> None:
    log: list[str] = []
    broken, mended = (lambda: spec.write_text("def (", "utf-8")), (lambda: spec.write_text("x", "utf-8"))
    assert watch(str(spec), lambda: Command(log, ends=True), in_turn(broken, spec.unlink, mended)) == 0
    assert log.count("run") == 4


def test_it_says_what_it_watches_once_the_command_has_ended(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(str(spec), lambda: Command([], ends=True), in_turn(lambda: None, lambda: None)) == 0
    told = capsys.readouterr().err
    assert told == f"watching {spec} and 2 more: save to run again, Ctrl-C to end\n"
