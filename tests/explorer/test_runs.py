"""Violated claims about runs: the page opens at the trigger, draws the loop, and shows what the other protocol sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import desk
import pytest
from explorer.browser import Tab

from flpcheck.analyse import Analysis
from flpcheck.examine import Examination, examine
from flpcheck.report.explorer import explorer_page
from flpcheck.report.explorer.places import places
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

STAYS = '''"""A general protocol with an event that changes nothing."""
from flpcheck import HOLDS, Action, Event, Instance, asynchronous, leads_to, protocol

@protocol
class Stays:
    def initial(self):
        return [0]

    def actions(self):
        return [Action(self.goes), Action(self.stays)]

    def goes(self, c):
        if c == 0:
            yield Event("goes"), 1

    def stays(self, c):
        if c == 1:
            yield Event("stays"), 1

def at_one(c): return c == 1
def at_two(c): return c == 2

INSTANCES = (Instance("all", Stays(), asynchronous(), {leads_to(at_one, at_two, name="goes_on"): HOLDS}),)
'''


@cache
def examined(spec: str = desk.FILE) -> Examination:
    return examine(settle(load(spec), Overrides()))


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Tab]:
    found = Tab(browser, width=request.param[0], height=request.param[1])
    yield found
    assert found.page.evaluate("document.documentElement.scrollWidth") <= request.param[0]
    found.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    file = tmp_path / "explorer.html"
    file.write_text(explorer_page(examined()), encoding="utf-8")
    return file.as_uri()


def test_places_know_their_trigger_and_what_the_other_protocol_sees() -> None:
    answered, refines_stages = places(examined().analysis)
    assert (answered.kind, answered.trigger, answered.way.loop) == ("lasso", 1, 2)
    assert (answered.says, answered.beside) == ("the client <b>waits</b>", None)
    assert (refines_stages.kind, refines_stages.trigger) == ("violation", None)
    assert refines_stages.beside is not None
    assert refines_stages.beside.steps == ("", None)
    assert [seen[""] for seen in refines_stages.beside.configurations] == ["0", "0", "1"]


def stuttering(analysis: Analysis) -> Analysis:
    """Return an analysis in whose schedules the first configuration is passed twice."""
    findings = []
    for finding in analysis.findings:
        if finding.schedule is not None:
            loop, numbers, steps = finding.schedule.loop, finding.schedule.numbers, finding.schedule.transitions
            schedule = replace(
                finding.schedule, numbers=(numbers[0], *numbers), transitions=(steps[0], *steps),
                loop=None if loop is None else loop + 1,
            )  # fmt: skip
            finding = replace(finding, schedule=schedule, trigger=finding.trigger and finding.trigger + 1)  # noqa: PLW2901
        if finding.beside is not None:
            run = finding.beside
            seen = (run.configurations[0], *run.configurations)
            finding = replace(finding, beside=replace(run, configurations=seen, steps=("", *run.steps)))  # noqa: PLW2901
        findings.append(finding)
    return replace(analysis, findings=tuple(findings))


def test_events_that_change_nothing_are_left_out_of_what_is_shown() -> None:
    analysis = examined().analysis
    assert list(places(stuttering(analysis))) == list(places(analysis))


def test_an_infinite_run_opens_at_its_trigger_with_its_loop_drawn(tab: Tab, address: str) -> None:
    page = tab.open(address)
    page.select_option("#jump", "0")
    page.wait_for_function("location.hash === '#0:0.2.0.0;loop=2;at=1'")
    assert page.inner_text("#way .trigger") == "trigger: 'the client <b>waits</b>' is true here"
    assert page.inner_text("#way .because").startswith("an infinite run that violates answered: for client, ")
    assert page.locator("#way .trigger").evaluate("node => node.parentNode.querySelector('.place').innerText") == "1"
    assert page.inner_text("#way .loop") == "from here on, for ever:"
    assert page.locator("[data-view=loop][aria-pressed=true]").count() == 1
    assert page.locator("#map .node.trigger").evaluate("node => Number(node.dataset.id)") == tab.here
    there, back = (page.locator("#map .loops path").nth(number).get_attribute("d") for number in range(2))
    assert page.locator("#map .loops").count() == 2
    assert there.partition("Q")[2].split()[0] != back.partition("Q")[2].split()[0]


def test_a_loop_in_which_nothing_changes_is_drawn(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "stays.py").write_text(STAYS, encoding="utf-8")
    file = tmp_path / "explorer.html"
    file.write_text(explorer_page(examined(str(tmp_path / "stays.py"))), encoding="utf-8")
    page = tab.open(file.as_uri())
    page.select_option("#jump", "0")
    page.wait_for_function("location.hash === '#0:0;loop=1'")
    assert page.inner_text("#way .loop") == "from here on, for ever, nothing changes"
    ring = page.locator("#map .loops path").bounding_box()
    assert page.locator("#map .loops").count() == 1
    assert min(ring["width"], ring["height"]) > 15


def test_the_trigger_is_a_button_and_a_link_leads_back_to_it(tab: Tab, address: str) -> None:
    page = tab.open(f"{address}#0:0.2.0.0;loop=2")
    last = tab.here
    page.click("#way button:text-is('Trigger')")
    page.wait_for_function("location.hash === '#0:0.2.0.0;loop=2;at=1'")
    here, link = tab.here, page.url
    assert here != last
    tab.open(link)
    assert tab.here == here
    assert page.locator("#way .track li").count() == 5
    page.click("#way button:text-is('Fork here')")
    assert page.locator("#way .trigger, #way .because, #way .loop").count() == 0


@pytest.mark.parametrize("link", ["#0:0;loop=9;at=9", "#0:0.2;at=x", "#0:;at=-1"])
def test_a_bad_step_or_loop_in_a_link_does_no_harm(tab: Tab, address: str, link: str) -> None:
    page = tab.open(address + link)
    assert page.locator("[data-view=loop]").count() == 0
    assert page.locator("#map .node").count() > 1


def test_each_step_stands_beside_what_the_other_protocol_sees(tab: Tab, address: str) -> None:
    page = tab.open(address)
    page.select_option("#jump", "1")
    page.wait_for_function("location.hash === '#0:0.0'")
    assert page.locator("#way .abstract").all_inner_texts() == ["Stages: no change", "Stages: no such step"]
    assert page.locator("#way .abstract.wrong").count() == 1
    card = page.locator("[data-abstract=Stages]")
    assert [card.locator(tag).inner_text() for tag in ("del", "ins", ".badge")] == ["0", "1", "no such step"]
    page.keyboard.press("Backspace")
    page.wait_for_function("location.hash === '#0:0.0;at=1'")
    assert card.locator("dd").inner_text() == "0"
    assert card.locator("del, ins, .badge").count() == 0
    page.keyboard.press("2")  # another way: nothing was found along it
    page.wait_for_function("location.hash === '#0:0.1'")
    assert card.count() == 0


def test_what_holds_vacuously_says_so(tab: Tab, address: str) -> None:
    page = tab.open(address)
    assert page.locator("#verdicts li").filter(has_text="vacuously").all_inner_texts() == ["woken HOLDS vacuously"]
