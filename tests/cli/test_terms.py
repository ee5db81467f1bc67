"""Terms in an output are explained below it, on a terminal only."""

from __future__ import annotations

import sys

import pytest

from flpcheck.cli.console import explain_terms, results
from flpcheck.glossary import OCCURRENCES, TERMS, terms_in


def test_every_explained_term_is_in_the_glossary_and_occurs_by_its_name() -> None:
    assert OCCURRENCES.keys() <= TERMS.keys()
    numbered = {
        name: f"1 {name}" if name == "critical" else f"({name})" if name == "elided" else name for name in OCCURRENCES
    }
    assert [name for name, text in numbered.items() if name not in terms_in(text)] == []


def test_what_is_not_there_is_not_explained() -> None:
    assert terms_in("0 critical, 0 disagreeing, 12 x-valent") == terms_in("univalent")


@pytest.mark.parametrize(("terminal", "switch", "explained"), [(True, "", 2), (True, "off", 0), (False, "", 0)])
def test_terms_are_explained_once_each_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool, switch: str, explained: int
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("FLPCHECK_TERMS", switch)
    console = results()
    console.print("2 bivalent, 1 bivalent, outside")
    explain_terms(console)
    out = capsys.readouterr().out
    assert (out.count("bivalent: Of a"), out.count("outside: Of a")) == (int(explained > 0), int(explained > 0))
