"""The explorer in a browser, opened from disk without a network: clicked and keyed through as a person would."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from every_spec import every_spec
from explorer.browser import Tab

from flpcheck.analyse import at_path
from flpcheck.examine import Examination, examine
from flpcheck.glossary import TERMS
from flpcheck.report.explorer import Explorer, explorer_page
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load
from flpcheck.system import system_of

GUESS = ("guess_on_timeout", "guess, one crash")
CASES = list(dict.fromkeys((name, tour.instance) for name, spec in every_spec() for tour in spec.tours))


@cache
def examined(name: str, instance: str | None) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance)))


def written(folder: Path, name: str, instance: str | None = None) -> str:
    file = folder / "explorer.html"
    file.write_text(explorer_page(examined(name, instance)), encoding="utf-8")
    return file.as_uri()


def disagreeing(tab: Tab, examination: Examination) -> bool:
    return tab.here in examination.analysis.disagreeing


def test_a_disagreement_is_reached_by_keys(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:")
    for key in "1112":
        page.keyboard.press(key)
    page.wait_for_function("location.hash === '#1:0.0.0.1'")
    assert disagreeing(tab, examined(*GUESS))
    page.keyboard.press("Backspace")
    page.wait_for_function("location.hash === '#1:0.0.0'")
    assert not disagreeing(tab, examined(*GUESS))
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.hash === '#1:0.0.0.1'")
    assert {address.split("#")[0] for address in tab.requests if not address.startswith("data:")} <= {
        "about:blank",
        (tmp_path / "explorer.html").as_uri(),
    }


def test_a_disagreement_is_reached_by_clicks(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS))
    page.select_option("#roots", "1")
    for text in ("p0 starts", "p0 times out", "p1 starts", "p1 times out"):
        page.click(f"#next button:has-text('{text}')")
    assert disagreeing(tab, examined(*GUESS))
    assert page.inner_text("#here .badge.two") == "two decisions"
    assert "decided 0" in page.inner_text("[data-process=p0]")
    assert "decided 1" in page.inner_text("[data-process=p1]")


def test_terms_are_explained_in_tooltips_and_by_keyboard(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:")
    tooltip = page.get_attribute("#here .chip", "title")
    assert tooltip is not None
    assert tooltip.endswith(f"bivalent: {TERMS['bivalent']}")
    assert str(TERMS["critical"]) not in page.inner_text("#terms")
    page.focus("#terms summary")
    page.keyboard.press("Enter")
    assert str(TERMS["critical"]) in page.inner_text("#terms")
    page.keyboard.press("1")
    page.wait_for_function("location.hash === '#1:0'")
    assert str(TERMS["critical"]) in page.inner_text("#terms")  # it stays open


def test_a_verdict_says_what_it_is_about_by_touch_and_by_keyboard(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.0")
    page.focus("#verdicts button:has-text('agreement')")
    page.keyboard.press("Enter")
    (finding, *_) = examined(*GUESS).analysis.findings
    assert page.inner_text(".told:popover-open").startswith(f"agreement: VIOLATED\n\n{finding.claim.statement}")
    page.keyboard.press("Escape")  # closes it, and does not leave the tour
    assert page.locator(".told:popover-open").count() == 0
    assert page.locator("#tour").is_visible()


def test_the_jump_list_leads_to_every_place(tab: Tab, tmp_path: Path) -> None:
    explorer = Explorer(examined(*GUESS))
    page = tab.open(written(tmp_path, *GUESS))
    for number, place in enumerate(explorer.places):
        page.select_option("#jump", str(number))
        page.wait_for_function(f"document.body.dataset.configuration === '{place.way.numbers[-1]}'")


def test_a_deep_link_lands_on_the_same_configuration(tab: Tab, tmp_path: Path) -> None:
    address = written(tmp_path, *GUESS)
    page = tab.open(address + "#1:")
    for key in "122":
        page.keyboard.press(key)
    here, link = tab.here, page.url
    page.keyboard.press("Home")
    assert tab.here != here
    tab.open(link)
    assert tab.here == here
    request = examined(*GUESS).request
    initial, _, path = link.partition("#")[2].partition(":")
    run = at_path(system_of(request.protocol, request.world), int(initial), [int(step) for step in path.split(".")])
    graph = examined(*GUESS).graph
    assert graph.system.describe(graph.configurations[here]) == graph.system.describe(run.configurations[-1])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("link", ["#9:0", "#1:99.0", "#nonsense", "#1:0;tour=77.1", "#1:0;loop=x", "#%00<script>"])
def test_a_bad_link_does_no_harm(tab: Tab, tmp_path: Path, link: str) -> None:
    tab.open(written(tmp_path, *GUESS) + link)
    assert 0 <= tab.here < 188


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("name", "instance"), CASES)
def test_every_tour_is_walked(tab: Tab, tmp_path: Path, name: str, instance: str) -> None:
    page = tab.open(written(tmp_path, name, instance))
    tours = examined(name, instance).request.spec.tours
    for tour, visits in Explorer(examined(name, instance)).visits:
        page.select_option("#tours", str(tours.index(tour)))
        for visit in visits:
            page.wait_for_function(f"document.querySelector('#tour h2')?.textContent === {visit.stop.title!r}")
            page.wait_for_function(f"document.body.dataset.configuration === '{visit.number}'")
            assert page.inner_text("#tour .telling") == visit.stop.text
            page.keyboard.press("n")
        link = page.url
        tab.open(link)
        assert tab.here == visits[-1].number
        assert page.inner_text("#tour h2") == visits[-1].stop.title


@pytest.mark.long
def test_every_arrow_and_scene_of_the_story_opens_a_configuration(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS))
    story = Explorer(examined(*GUESS)).data()["stories"][0]
    assert len(story["steps"]) > 5
    for step in story["steps"]:
        page.evaluate("app.path.start(0)")
        page.locator(f"[data-way='{step['way']}']").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(f"location.hash === '#{step['way']}'")
        scenes = page.evaluate("[app.path.before.scenes[0], app.path.here.scenes[0]]")
        assert scenes == [step["from"], step["to"]]


def test_one_round_by_one_button_per_process(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "paxos", "round") + "#1:")
    assert page.get_attribute("[data-do=a2]", "aria-disabled") == "true"
    page.click("[data-do=a2]", force=True)
    assert page.inner_text("#live") == "a2 has crashed"
    page.click("[data-do=l0]", force=True)
    assert page.inner_text("#live") == "l0 waits: its mailbox is empty"
    for name in ("p0", "a0", "p0", "a1", "p0", "a0"):
        page.click(f"[data-do={name}]")
    assert page.inner_text("[data-gauge='promises received'] .number").startswith("2")
    assert page.inner_text("[data-gauge=acceptances] .number").startswith("1 of 2")
    page.click("[data-do=l0]", force=True)
    assert page.inner_text("#live") == "l0 waits: too few messages to be gathered"
    for name in ("a1", "l0", "client", "l1", "client"):
        page.click(f"[data-do={name}]")
    assert "decided 1" in page.inner_text("[data-process=client]")
    assert page.inner_text("#next .empty") == "Nothing more can happen."


def test_going_back_and_another_way_keeps_the_way_that_was_left(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:0.0")
    page.keyboard.press("Backspace")
    page.keyboard.press("2")
    page.wait_for_function("location.hash === '#1:0.1'")
    page.click("#way summary")
    page.click("#way .others button")
    page.wait_for_function("location.hash === '#1:0.0'")


def test_a_lasso_is_drawn_as_a_loop(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "read_write_registers", "polite, one crash"))
    page.keyboard.press("v")
    page.wait_for_selector("[data-view=loop][aria-pressed=true]")
    assert page.locator("#map .node").count() == 10
    assert "for ever" in page.inner_text("#way .loop")
    assert page.url.endswith(";loop=2")


def test_the_map_is_clickable(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS))
    page.click("[data-view=whole]")
    assert page.locator("#map .node").count() == 188
    page.locator("#map [data-id='187']").click()
    page.wait_for_function("document.body.dataset.configuration === '187'")
    page.click("[data-view=around]")
    assert 1 < page.locator("#map .node").count() < 60


def test_what_is_copied_replays(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:0.0.0.1")
    texts = {kind: page.evaluate(f"asText(app, '{kind}')") for kind in ("link", "replay", "test", "mermaid")}
    assert texts["link"].endswith("#1:0.0.0.1")
    assert texts["replay"] == "flpcheck replay guess_on_timeout --instance 'guess, one crash' --path 1:0.0.0.1"
    space: dict[str, Any] = {}
    exec(texts["test"], space)
    space["test_schedule"]()
    exec(texts["test"].replace('"p0": ["0"]', '"p0": ["1"]'), space)
    with pytest.raises(AssertionError):
        space["test_schedule"]()
    assert texts["mermaid"].splitlines()[:2] == ["sequenceDiagram", "    participant n0 as p0"]
    assert "    Note over n1: decides 1" in texts["mermaid"].splitlines()


def test_it_is_usable_without_a_mouse_and_names_itself(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#1:0'")
    assert page.inner_text("#live").startswith("step 1: p0 starts, bivalent: 0/1 can be decided; ")
    page.keyboard.press("?")
    assert "drop the steps ahead" in page.inner_text("dialog[open]")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, select, input, section, [role=button]')].filter((node) => "
        "!(node.innerText || node.getAttribute('aria-label') || node.labels?.length || node.title)).length"
    )
    assert unnamed == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(browser: Any, tmp_path: Path, width: int) -> None:
    tab = Tab(browser, width=width)
    page = tab.open(written(tmp_path, *GUESS) + "#1:0.0.0;tour=0.3")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


@pytest.mark.long
def test_ten_thousand_configurations_open_in_two_seconds(tab: Tab, tmp_path: Path) -> None:
    address = written(tmp_path, "paxos")
    tab.open("data:text/html,<body data-configuration=0>")  # so that the browser itself is up
    started = time.monotonic()
    page = tab.open(address + "#1:0.1.2.0.0.1.1")
    assert time.monotonic() - started < 2
    assert page.evaluate("app.book.configurations.size") == 12042
    seconds = page.evaluate(
        "(async () => { const t = performance.now(); await app.take(0); return (performance.now() - t) / 1000; })()"
    )
    assert seconds < 0.2


def test_the_path_is_drawn_in_space_and_time(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, "paxos", "round") + "#1:0;tour=0.6")
    page.click("[data-view=run]")
    flights = page.evaluate("followed(app).map((one) => [one.sender, one.receiver, one.sent, one.received])")
    names = examined("paxos", "round").graph.system.names
    chosen = [[names[sender], names[receiver], sent, got] for sender, receiver, sent, got in flights]
    assert [one for one in chosen if one[1] == "client"] == [["l0", "client", 8, 10], ["l1", "client", 9, 11]]
    assert all(got is not None for *_, got in chosen)
    assert len(chosen) == 12
    page.locator("#map [data-row='5'] circle").click()
    page.wait_for_function("app.path.cursor === 5")


def test_it_is_printed_black_on_white_even_in_the_dark(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#1:0.0.0.1")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_paper_has_the_run_the_steps_and_the_verdicts_and_no_controls(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(written(tmp_path, *GUESS) + "#;tour=0.6")
    assert not page.locator("#printed").is_visible()
    page.emulate_media(media="print")
    page.evaluate("app.path.go(1)")  # the run stands whole, wherever one is in it
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    drawn = page.locator("#printed svg.run")
    assert (drawn.count(), drawn.is_visible(), drawn.locator("[style*=opacity]").count()) == (1, True, 0)
    assert page.locator(".track li").last.inner_text().split()[:5] == ["4", "p0", "times", "out", "0/1"]
    (finding, *_) = examined(*GUESS).analysis.findings
    assert finding.because in page.inner_text("#verdicts")
    controls = "#player, select, input, .bar button, #tour button, #here button:not([aria-disabled]), .fail, details"
    assert page.locator(controls).evaluate_all("all => all.filter((one) => one.getClientRects().length).length") == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert drawn.count() == 0
