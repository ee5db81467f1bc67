"""Every command and snippet in the documents is run, and prints what the documents say."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from documents.snippets import Command, File, Python, parts, snippets
from documents.snippets import missing as missing_line

from flpcheck.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))
LECTURE = ROOT / "docs" / "lecture.md"
"""A document whose parts stand by themselves: each is run alone."""


@pytest.fixture
def anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    return tmp_path


@pytest.mark.sampled(3)
@pytest.mark.parametrize("document", [name for name in DOCUMENTS if ROOT / name != LECTURE])
def test_the_snippets_of_a_document_run(document: str, anywhere: Path) -> None:
    assert_true((ROOT / document).read_text(encoding="utf-8"), anywhere)


@pytest.mark.sampled(7)
@pytest.mark.parametrize("part", parts(LECTURE))
def test_a_part_of_the_lecture_runs(part: str, anywhere: Path) -> None:
    assert_true(parts(LECTURE)[part], anywhere)


def assert_true(text: str, folder: Path) -> None:
    """Run what stands in a text, and compare what it prints with what the text says."""
    for snippet in snippets(text):
        match snippet:
            case File(name, text, append):
                place = folder / name
                before = place.read_text(encoding="utf-8") if append else ""
                place.write_text(before + text, encoding="utf-8")
            case Python(text):
                exec(compile(text, "a document", "exec"), {"__name__": "__main__"})
            case Command(line, code, expected):
                found, printed = run(line)
                assert found == code, f"{line}\n{printed}"
                assert missing_line(expected, printed) is None, f"{line}\n{missing_line(expected, printed)}\n{printed}"


def run(line: str) -> tuple[int, str]:
    program, *arguments = shlex.split(line)
    if line.startswith("python -m pytest"):
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout
    assert program == "flpcheck", f"documents show flpcheck commands only, not {program}"
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, out.getvalue()


def test_every_document_can_be_reached_and_every_link_leads_somewhere() -> None:
    reached = {(ROOT / "docs" / "index.md").resolve()}
    waiting = list(reached)
    while waiting:
        document = waiting.pop()
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            place = (document.parent / target).resolve()
            assert place.exists(), (document.name, target)
            if place.suffix == ".md" and place not in reached and place.is_relative_to(ROOT / "docs"):
                reached.add(place)
                waiting.append(place)
    assert {(ROOT / name).resolve() for name in DOCUMENTS} <= reached
