"""axe-core finds nothing on the main views, in light and dark, on a desktop, a phone and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from explorer.browser import Tab
from explorer.screenshots import PAIR, SIZES
from explorer.test_compare import written
from explorer.test_page import GUESS
from explorer.test_spacetime import until

VIEWS = {
    "fresh": "#1:",
    "tour": "#;tour=0.6",
    "run": "#1:2.0.0;at=1",
    "beside": PAIR,
    "quiz": "#1:2.0;at=0;quiz",
    "embed": "#1:2.0;at=0;embed",
}
"""Addresses; each view of the map, the terms and a verdict are opened on the fresh page."""
FOUND = """
axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)))
"""


def found(tab: Tab, script: str) -> list[str]:
    """Return what axe-core finds on the page as it is."""
    tab.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    tab.page.evaluate(f"{script};0")
    return list(tab.page.evaluate(FOUND))


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core itself; the test is skipped where there is none."""
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    return str(base.AXE_SCRIPT)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("axe"), *GUESS)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_found(browser: Any, axe: str, address: str, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    tab = Tab(browser, width=width, height=height)
    tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for view, link in VIEWS.items():
        tab.open(address + link)
        until(tab.page, f"(app.comparison.other !== null) === {str(view == 'beside').lower()}")
        assert found(tab, axe) == [], view
    tab.open(f"{address}#1:")
    tab.page.click("#terms summary")
    tab.page.click("#verdicts button")
    for view in tab.page.evaluate("app.atlas.views().map(([name]) => name)"):
        tab.page.evaluate(f"app.atlas.show('{view}')")
        assert found(tab, axe) == [], view
    tab.page.emulate_media(media="print")
    assert found(tab, axe) == []
    tab.close()


def test_nothing_is_found_on_a_tour_and_a_control_without_a_name_is(tab: Tab, axe: str, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS))
    assert found(tab, axe) == []
    page.evaluate("byId('theme').textContent = ''; byId('theme').title = ''")
    assert [line.partition(":")[0] for line in found(tab, axe)] == ["button-name"]
