"""Tours of other instances inside a page, and two runs beside each other: played together, their difference marked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from every_spec import every_spec
from explorer.browser import Tab
from explorer.test_page import GUESS, examined
from explorer.test_spacetime import until

from flpcheck import Stop, load, receives
from flpcheck.examine import Examination
from flpcheck.report.explorer import Explorer, explorer_page
from flpcheck.settle import Overrides, settle
from flpcheck.toured import toured

PAIR = "#1:1.1.0.0;at=2;beside=1:1.1.0.2;beside-instance=wait%2C%20one%20crash"
SPECS = [name for name, spec in every_spec() if spec.tours]


@cache
def others(name: str, instance: str | None) -> list[Examination]:
    return toured(settle(load(name), Overrides(instance=instance)))


def written(folder: Path, name: str, instance: str | None = None) -> str:
    file = folder / "explorer.html"
    file.write_text(explorer_page(examined(name, instance), others=others(name, instance)), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("name", SPECS)
def test_every_tour_of_a_spec_is_inside_its_page(name: str) -> None:
    data = Explorer(examined(name, None), others=others(name, None)).data()
    for number, tour in enumerate(load(name).tours):
        held = [page["instance"] for page in (data, *data["annexes"]) if page["tours"][number]["stops"]]
        assert held == [tour.instance]
        onward = [row for page in (data, *data["annexes"]) for one in page["tours"] for row in one["onward"]]
        assert all(row["here"] is not None for row in onward if not row["spec"])


def test_a_tour_that_cannot_be_walked_is_left_out_of_the_pages_of_other_instances() -> None:
    examination, (other,) = examined(*GUESS), others(*GUESS)
    spec = other.request.spec
    assert [one.name for one in Explorer(examination, others=[other]).annexes] == ["wait, one crash"]
    tours = spec.tours
    vars(spec)["tours"] = tuple(
        type(tour)(tour.name, tour.instance, tour.about, (Stop("no", "", (receives("p0", 9, "p1"),), inputs={}),))
        for tour in tours
    )
    assert Explorer(examination, others=[other]).annexes == []
    vars(spec)["tours"] = tours


def test_large_instances_are_not_explored_for_their_tours() -> None:
    request = settle(load("paxos"), Overrides(instance="round"))
    assert [one.request.instance.name for one in toured(request, 4_000) if one.request.instance] == ["one retry"]


def test_a_tour_of_another_instance_is_a_click_away(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "paxos") + "#0:")
    page.select_option("#tours", "0")
    until(page, "app.guide.tour && app.data.instance === 'round'")
    assert page.inner_text("#tour h2") == "Before the round"
    assert page.evaluate("location.hash") == "#1:;tour=0.0;instance=round"
    assert "instance “round”" in str(page.text_content("#about"))
    page.keyboard.press("n")
    until(page, "location.hash === '#1:0;tour=0.1;instance=round'")
    page = tab.open(page.url)
    assert page.evaluate("[app.data.instance, app.path.length, app.guide.place]") == ["round", 1, 1]
    assert "flpcheck" not in page.inner_text("#tour")
    page.select_option("#instances", "0")
    until(page, "app.data.instance === 'one ballot each'")
    assert page.evaluate("location.hash") == "#0:"


@pytest.mark.parametrize("link", ["#0:;instance=nowhere", "#0:9.9;beside=7:0;beside-instance=x", "#%E0%A4%A;beside=0:"])
def test_a_bad_instance_or_run_in_a_link_does_no_harm(tab: Tab, tmp_path: Path, link: str) -> None:
    page = tab.open(written(tmp_path, *GUESS) + link)
    assert page.locator("#here .card").count() == 2
    assert page.evaluate("app.page") == 0


def test_waiting_and_guessing_are_compared_from_the_end_of_a_tour(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.6")
    page.click("[data-do='beside The other horn: wait, and block']")
    until(page, "document.querySelectorAll('.pair svg.run').length === 2")
    assert page.evaluate("location.hash") == PAIR
    assert page.inner_text(".parting") == "In step 2 the same happens in both runs, and it leads to different states."
    assert page.locator(".parts").count() == 2
    rows = page.locator("#beside tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["p1", "valence"]
    assert "decided: 1" in rows[0]
    page.click("#beside button:has-text('Show one run only')")
    assert page.locator(".pair, .parts").count() == 0
    assert page.locator("#tour").is_visible()


def test_two_runs_move_together_and_a_link_opens_them_again(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + PAIR)
    at = "[app.path.cursor, app.comparison.other.path.cursor]"
    until(page, "app.comparison.other !== null")
    assert page.evaluate(at) == [2, 2]
    page.keyboard.press("ArrowRight")
    until(page, f"String({at}) === '3,3'")
    assert page.locator(".pair .moment.now").evaluate_all("nodes => nodes.map((n) => n.dataset.row)") == ["3", "3"]
    page.locator("figure[data-run='1'] .moment[data-row='1'] circle").first.click()
    until(page, f"String({at}) === '1,1'")
    assert page.inner_text("#beside h3") == "What differs at step 1"
    page.select_option("#speed", "4")
    page.click("#play")
    until(page, f"!app.player.playing && String({at}) === '4,4'")
    assert page.locator("#caption span").all_inner_texts() == ["4. p0 times out", "4. p1 receives Value(0) from p0"]
    page.keyboard.press("Home")
    page.keyboard.press("1")  # another first step: the runs part earlier
    until(page, "app.comparison.parting.step === 1")
    assert page.inner_text(".parting") == "The runs part in step 1."


def chosen(page: Any, label: str) -> None:
    page.select_option("#compare", label=label)
    until(page, "app.comparison.other !== null")


def test_a_counterexample_beside_a_run_that_decides(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "read_write_registers", "polite, one crash"))
    page.keyboard.press("v")
    page.click("#way [data-do=beside]")
    until(page, "app.comparison.other !== null")
    found = page.evaluate("app.comparison.other.path.here.decided().length")
    page.evaluate("app.visit(() => app.comparison.go(app.comparison.length))")
    assert page.evaluate("app.comparison.other.path.here.decided().length") > 0 == found
    assert page.evaluate("app.path.here.decided()") == []
    parting = page.evaluate("app.comparison.parting.step")
    ways = page.evaluate("[app.path, app.comparison.other.path].map((path) => path.positions)")
    assert ways[0][: parting - 1] == ways[1][: parting - 1]


def test_a_run_that_decides_is_not_a_part_of_the_path(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=1.4")
    assert page.evaluate("app.path.here.decided().length") == 1
    way, found = page.evaluate("[app.path.way(), decidingRun(app).way]")
    assert not way.startswith(found)


def test_a_run_with_a_crash_beside_the_same_without(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.3")
    chosen(page, "the same without the crash")
    sentences = "app.comparison.other.path.positions.map((_, k) => app.comparison.other.path.eventAt(k).t)"
    assert page.evaluate("app.path.positions.map((_, k) => app.path.eventAt(k).t)") == [
        "p1 starts", "p0 crashes", "p1 times out",
    ]  # fmt: skip
    assert page.evaluate(sentences) == ["p1 starts", "p1 times out"]
    assert page.inner_text(".parting") == "The runs part in step 2."
    page.keyboard.press("End")
    page.select_option("#compare", "none")
    assert page.evaluate("document.body.classList.contains('comparing')") is False


def test_two_runs_are_stacked_on_a_phone(browser: Any, tmp_path: Path) -> None:
    tab = Tab(browser, width=390, height=844)
    page = tab.open(written(tmp_path, *GUESS) + PAIR)
    until(page, "app.comparison.other !== null")
    boxes = [page.locator(f"figure[data-run='{place}']").bounding_box() for place in (0, 1)]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()


def test_a_quiz_and_a_protocol_that_decides_nothing_have_no_valence_anywhere(tab: Tab, tmp_path: Path) -> None:
    address = written(tmp_path, *GUESS)
    for link in ("#1:2.0;at=0;quiz", f"{PAIR};quiz"):
        page = tab.open(address + link)
        until(page, "app.quiz.asked && document.querySelector('.run') !== null")
        told = []
        for view in page.evaluate("app.atlas.views().map(([name]) => name)"):
            page.evaluate(f"app.atlas.show('{view}')")
            told.append(re.sub(r'<details id="terms">.*?</details>', "", page.locator("main").inner_html()))
        assert not [word for text in told for word in ("valent", "can be decided", "critical") if word in text]
    page = tab.open(written(tmp_path, "lock_service") + "#0:0")
    for view in page.evaluate("app.atlas.views().map(([name]) => name)"):
        page.evaluate(f"app.atlas.show('{view}')")
        assert page.locator(".chip, #legend li").count() == 0
        assert "decision can be reached" not in page.locator("main").inner_html()
