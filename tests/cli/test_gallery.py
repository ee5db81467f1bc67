"""`flpcheck gallery`: the same files whatever the number of processes; stale ones and surprises are said."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.test_check_workers import wrong  # noqa: F401
from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck.report.gallery import BEGIN, END

SPECS = Path(__file__).parents[2] / "specs"
MADE = [SPECS / "wait_for_all.py", SPECS / "first_quorum.py"]


@pytest.mark.long
def test_a_gallery_is_current_until_something_in_it_changes(cli: Cli) -> None:  # noqa: F811
    Path("page.md").write_text(f"before\n{BEGIN}\n{END}\nafter\n", encoding="utf-8")
    assert cli("gallery", *MADE, "--reports", "g", "--readme", "page.md", "--jobs", "2").code == 0
    assert Path("g/wait_for_all/graph.svg").is_file()
    text = Path("page.md").read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n")  # noqa: PT018
    assert "| [`wait_for_all`](g/wait_for_all/README.md) |" in text
    current = cli("gallery", *MADE, "--reports", "g", "--readme", "page.md", "--check")
    assert (current.code, "current" in current.err) == (0, True)
    page = Path("g/first_quorum/README.md")
    page.write_text(page.read_text(encoding="utf-8").replace("configurations", "states"), encoding="utf-8")
    stale = cli("gallery", *MADE, "--reports", "g", "--readme", "page.md", "--check")
    assert stale.code == 1
    assert "g/first_quorum/README.md is not current" in stale.err


def test_what_is_not_as_expected_is_said(cli: Cli, wrong: Path) -> None:  # noqa: F811
    made = cli("gallery", wrong, "--reports", "g")
    assert made.code == 1
    assert "expected" in made.err
    assert "85" in made.err
