"""How the page opens and how it can be shown: on a tour, embedded, as a quiz, on a phone; failures by a click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from explorer.browser import Tab
from explorer.test_page import GUESS, written
from explorer.test_spacetime import shown, until


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    found = Tab(browser, width=1280, height=800)
    yield found
    found.close()


def seen(page: Any, selector: str) -> bool:
    """Return whether something lies within the window without scrolling."""
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return bool(box) and box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["x"] >= 0


@pytest.mark.parametrize(("name", "instance"), [GUESS, ("paxos", None)])
def test_a_page_opens_on_its_tour_with_everything_in_sight(
    tab: Tab, tmp_path: Path, name: str, instance: str | None
) -> None:
    page = tab.open(written(tmp_path, name, instance))
    until(page, "!document.getElementById('tour').hidden")
    for selector in ("#tour .telling", "[data-tour=next]", ".do", "#next li button"):
        assert seen(page, selector), selector


def test_next_is_in_reach_on_a_phone(browser: Any, tmp_path: Path) -> None:
    tab = Tab(browser, width=390, height=844)
    page = tab.open(written(tmp_path, *GUESS))
    until(page, "!document.getElementById('tour').hidden")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert seen(page, "[data-tour=next]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()


def test_without_a_tour_a_page_opens_where_both_outcomes_are_possible(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "first_quorum"))
    until(page, "document.querySelector('.start') !== null")
    assert page.evaluate("app.book.valence(app.path.here).kind") == "bivalent"
    assert page.inner_text(".start").startswith("Start here")


def test_an_embedded_page_shows_the_picture_and_its_controls_only(tab: Tab, tmp_path: Path) -> None:
    page = shown(tab, written(tmp_path, "broken/floodset_one_round_less"), "violation")
    frame = page.evaluate("asText(app, 'frame')")
    address = page.evaluate("addressWith(app, 'embed')")
    assert frame.startswith(f'<iframe src="{address}"')
    page = tab.open(address)
    visible = [
        name
        for name in (".tools", "#verdicts", "#here", "#next", "#way", "#atlas", "#player")
        if page.locator(name).is_visible()
    ]
    assert visible == ["#atlas", "#player"]
    assert page.evaluate("location.hash").endswith(";embed")


def test_an_embedded_tour_has_its_text_and_the_cards_and_cannot_be_left(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.0;embed")
    until(page, "!document.getElementById('tour').hidden")
    seen_here = [name for name in ("tour", "here", "next", "way", "atlas") if page.locator(f"#{name}").is_visible()]
    assert seen_here == ["tour", "here", "atlas"]
    assert not page.locator("[aria-label='leave the tour']").is_visible()
    page.click("[data-tour=next]")
    until(page, "location.hash.endsWith(';tour=0.1;embed')")


def test_a_tour_that_goes_on_elsewhere_stays_embedded(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.0;embed")
    page.evaluate(
        "app.guide.tour.onward[0] = { ...app.guide.tour.onward[0], here: null, link: 'there.html#;tour=1.0' }"
    )
    page.evaluate("app.guide.go(99)")
    until(page, "document.querySelector('#tour .onward a') !== null")
    assert page.get_attribute("#tour .onward a", "href") == "there.html#;tour=1.0;embed"


def test_a_quiz_hides_valence_and_tells_early_from_late(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:2.0;at=0;quiz")
    settled = page.evaluate("app.quiz.question.answer")
    kinds = page.evaluate("app.path.ids.map((id) => app.book.valence(app.book.get(id)).kind)")
    assert kinds[settled - 1 : settled + 1] == ["bivalent", "value"]
    assert page.locator(".chip:visible").count() == 0
    said = []
    for place in (settled - 1, settled, settled + 1):
        page.evaluate(f"app.visit(() => app.path.go({place}))")
        page.click("[data-do=answer]")
        said.append(page.inner_text("#quiz .answer"))
    assert said == ["Not yet: look further on.", f"Right: step {settled}.", "Too late: look earlier."]


def test_a_process_crashes_by_a_click_or_says_why_it_cannot(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:")
    page.click("[data-do='crash p0']")
    until(page, "location.hash.includes('.') || app.path.length === 1")
    assert "crashed" in page.inner_text("[data-process=p0]")
    assert page.get_attribute("[data-do='crash p1']", "aria-label") == "p1 cannot crash: no further process may crash"
    page = tab.open(written(tmp_path, "paxos") + "#0:")
    assert "crashes are not steps here" in str(page.get_attribute("[data-do='crash p0']", "aria-label"))
    page = tab.open(written(tmp_path, "broken/paxos_forgets_value") + "#0:")
    assert "no process may crash in this world" in str(page.get_attribute("[data-do='crash p0']", "aria-label"))


def test_a_message_is_lost_by_a_click(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "stop_and_wait") + "#0:0")
    page.click("[data-do='lose Data(0) from s']")
    until(page, "app.path.length === 2")
    assert page.evaluate("app.path.eventAt(1).t") == "Data(0) from s to r is lost"


def test_a_long_decision_stays_within_its_card(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "two_phase_commit", "patient, one crash") + "#;tour=0.4")
    until(page, "document.querySelector('.badge.decided') !== null")
    page.evaluate("document.querySelector('.badge.decided').textContent = 'decided ' + 'Entry'.repeat(20)")
    badge, card = page.locator(".badge.decided").first, page.locator(".card:has(.badge.decided)").first
    inner, outer = badge.bounding_box(), card.bounding_box()
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
