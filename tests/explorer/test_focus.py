"""The keyboard never loses its place: whatever is pressed, something on the page still has the focus."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from explorer.browser import Tab
from explorer.screenshots import PAIR
from explorer.test_compare import written

ASSETS = Path(__file__).parents[2] / "flpcheck" / "report" / "explorer" / "assets"
CONTROLS = """
[...document.querySelectorAll("button, select, a[href], summary, [role=button]")].filter((control) =>
  !control.disabled && !control.closest("[hidden]") && control.getClientRects().length)
"""
PAGES = [
    ("guess_on_timeout", "guess, one crash", "#;tour=0.0"),
    ("guess_on_timeout", "guess, one crash", "#1:0.0"),
    ("paxos_duel", None, "#0:"),
    pytest.param("guess_on_timeout", "guess, one crash", PAIR, marks=pytest.mark.long),
]


@pytest.mark.parametrize("script", sorted(ASSETS.glob("*.js")), ids=lambda script: script.name)
def test_nothing_is_replaced_or_hidden_elsewhere(script: Path) -> None:
    """Only `clear` and `hide` of text.js do, because they keep the focus."""
    loses = re.findall(r"replaceChildren|innerHTML|outerHTML|\.remove\(\)|\.hidden = |\.blur\(\)", script.read_text())
    assert len(loses) == (2 if script.name == "text.js" else 0)


@pytest.mark.parametrize(("name", "instance", "where"), PAGES)
def test_pressing_enter_on_any_control_loses_the_focus_nowhere(
    browser: Any, tmp_path: Path, name: str, instance: str | None, where: str
) -> None:
    address = written(tmp_path, name, instance) + where
    tab = Tab(browser)
    page = tab.open(address)
    lost, count = [], page.evaluate(f"{CONTROLS}.length")
    for place in range(count):
        page = tab.open(address)
        label = page.evaluate(f"(place) => {{ const c = {CONTROLS}[place]; c.focus(); return nameOf(c); }}", place)
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            page.evaluate("document.activeElement.selectedIndex = document.activeElement.options.length - 1")
            page.evaluate("document.activeElement.dispatchEvent(new Event('change', {bubbles: true}))")
        else:
            page.keyboard.press("Enter")
        page.wait_for_timeout(30)
        if page.evaluate("document.activeElement === document.body || document.activeElement === null"):
            lost.append(label)
    assert count > 20
    assert lost == []
    tab.close()
