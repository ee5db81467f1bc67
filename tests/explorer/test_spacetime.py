"""The space-time diagram of the page: placed as in Python, played, and the same for rounds and renumbered loops."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from explorer.browser import Tab, launched
from explorer.test_page import written
from random_diagrams import Sample, a_run, rounds

from flpcheck.report.runs.spacing import spaced

FIXTURES = Path(__file__).with_name("spacing.json")
PLACED = """
(given) => {
  const found = spaced(given.columns, given.rows, given.dots, given.arrows, given.least);
  return { rows: found.rows, ways: given.arrows.map((arrow) => corners(found, arrow)) };
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as found:
        yield found


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    found = Tab(browser)
    yield found
    found.close()


def test_the_page_places_everything_as_python_does(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "paxos_duel"))
    for fixture in json.loads(FIXTURES.read_text(encoding="utf-8")):
        found = page.evaluate(PLACED, fixture["given"])
        assert found["rows"] == pytest.approx(fixture["found"]["rows"], abs=1e-3)
        for mine, others in zip(found["ways"], fixture["found"]["ways"], strict=True):
            assert [number for point in mine for number in point] == pytest.approx(
                [number for point in others for number in point], abs=1e-3
            )


@pytest.mark.long
@pytest.mark.parametrize("make", [a_run, rounds])
def test_hundreds_of_diagrams_are_placed_alike(tab: Tab, tmp_path: Path, make: Any) -> None:
    page = tab.open(written(tmp_path, "paxos_duel"))
    for seed in range(250):
        sample: Sample = make(seed, 2 + seed % 7, 4 + seed % (12 if make is rounds else 50))
        spacing, found = spaced(*sample), page.evaluate(PLACED, sample._asdict())
        assert found["rows"] == pytest.approx(spacing.rows, abs=1e-6), seed
        for arrow, way in zip(sample.arrows, found["ways"], strict=True):
            mine = [number for point in spacing.corners(arrow) for number in point]
            assert [number for point in way for number in point] == pytest.approx(mine, abs=1e-6), (seed, arrow)


def until(page: Any, condition: str) -> None:
    """Wait until something is true in a page, whose policy forbids to ask for it in any other way."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"never: {condition}")


def shown(tab: Tab, address: str, kind: str) -> Any:
    """Open a page at a run, as a space-time diagram."""
    page = tab.open(address)
    page.evaluate(f"app.jumpTo(['{kind}'])")
    until(page, "app.path.length > 0")
    page.evaluate("app.atlas.show('run')")
    return page


def test_a_run_is_played_to_its_end(tab: Tab, tmp_path: Path) -> None:
    page = shown(tab, written(tmp_path, "broken/floodset_one_round_less"), "violation")
    assert page.evaluate("app.path.cursor") == 1
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "pause the run"
    until(page, "document.querySelectorAll('.carrier circle').length > 0")
    until(page, "!app.player.playing")
    assert page.evaluate("app.path.cursor") == 1
    assert page.locator(".moment.now").count() == 2  # the crash, and the end of the round
    assert page.inner_text("#caption").startswith("1. round 1: p0 crashes, reaching only p1")


def test_a_loop_is_played_for_ever(tab: Tab, tmp_path: Path) -> None:
    page = shown(tab, written(tmp_path, "paxos_duel"), "lasso")
    loop, length = page.evaluate("[app.path.loop, app.path.length]")
    page.select_option("#speed", "4")
    page.evaluate("app.path.go(app.path.length - 1).then(() => app.render())")
    page.click("#play")
    until(page, f"app.path.cursor === {loop}")
    until(page, f"app.path.cursor === {loop + 2}")
    assert page.evaluate("app.player.playing")
    page.keyboard.press("r")
    assert not page.evaluate("app.player.playing")
    assert length == 11


def test_messages_of_a_renumbered_loop_and_of_a_round_are_drawn(tab: Tab, tmp_path: Path) -> None:
    page = shown(tab, written(tmp_path, "paxos_duel"), "lasso")
    assert page.locator(".run .flight:not(.pending)").count() == 9
    assert page.locator(".run .again").count() == 1
    assert "Prepare(2)" in page.inner_text("#map")
    page = shown(tab, written(tmp_path, "broken/floodset_one_round_less"), "violation")
    assert page.locator(".run .flight:not(.pending)").count() == 3
    assert page.locator(".run .lost-one").count() == 1
    assert page.locator(".run .moment .crash").count() == 1


def test_who_wants_no_motion_sees_steps(browser: Any, tmp_path: Path) -> None:
    tab = Tab(browser)
    tab.page.emulate_media(reduced_motion="reduce")
    page = shown(tab, written(tmp_path, "paxos_duel"), "lasso")
    page.evaluate("app.path.go(0).then(() => app.render())")
    page.click("#play")
    until(page, "app.path.cursor >= 2")
    assert page.locator(".carrier circle").count() == 0
    tab.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_the_diagram_is_clipped(browser: Any, tmp_path: Path, width: int) -> None:
    tab = Tab(browser, width=width, height=844)
    page = shown(tab, written(tmp_path, "broken/paxos_forgets_value"), "violation")
    drawn = "[...document.querySelectorAll('.run text, .run circle')].map((node) => node.getBoundingClientRect().right)"
    right = max(page.evaluate(drawn))
    assert right <= page.evaluate("document.querySelector('.run').getBoundingClientRect().right") + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()
