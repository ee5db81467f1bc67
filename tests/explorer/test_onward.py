"""From tour to tour: every tour goes on to one that exists, by a link that works offline where its page lies beside."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from every_spec import every_spec
from explorer.browser import Tab, launched

from flpcheck import Onward, load
from flpcheck.errors import BadProtocol
from flpcheck.examine import Examination, examine
from flpcheck.report.explorer import explorer_page
from flpcheck.report.explorer.onward import PAGE, Neighbours
from flpcheck.report.explorer.tours import visits_of
from flpcheck.report.folders import folder
from flpcheck.settle import Overrides, settle

REPORTS = Path(__file__).parents[2] / "reports"
TOURS = [(name, number) for name, spec in every_spec() for number in range(len(spec.tours))]


@cache
def examined(name: str, instance: str) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance)))


@pytest.mark.parametrize(("name", "number"), TOURS)
def test_every_tour_goes_on_to_one_that_exists(name: str, number: int) -> None:
    spec = load(name)
    tour = spec.tours[number]
    for onward in tour.onward:
        row = Neighbours(spec, tour.instance).row(tour, onward)
        assert row["name"] == onward.tour
        assert row["link"] is None
        assert row["command"].startswith("flpcheck serve ")


def test_the_tours_that_belong_together_are_linked() -> None:
    pairs = {(name, onward.spec or name) for name, number in TOURS for onward in load(name).tours[number].onward}
    assert {("wait_for_all", "guess_on_timeout"), ("guess_on_timeout", "wait_for_all")} <= pairs
    assert {("paxos", "paxos"), ("paxos", "paxos_duel"), ("paxos_duel", "paxos_duel")} <= pairs


def test_a_tour_that_goes_nowhere_is_refused() -> None:
    spec = load("wait_for_all")
    with pytest.raises(BadProtocol, match="goes on to 'elsewhere', which guess_on_timeout does not have"):
        Neighbours(spec, "one crash").row(spec.tours[0], Onward("", "elsewhere", "guess_on_timeout"))


def test_a_place_that_is_not_the_same_again_is_refused() -> None:
    examination = examined("paxos_duel", "duel")
    analysis, tour = examination.analysis, examination.request.spec.tours[0]
    early = replace(tour, stops=(*tour.stops[:3], replace(tour.stops[3], again="p0 has a promise in flight")))
    with pytest.raises(BadProtocol, match="not the configuration of stop 'p0 has a promise in flight'"):
        visits_of(analysis, early)
    with pytest.raises(BadProtocol, match="no earlier stop 'nowhere'"):
        visits_of(analysis, replace(tour, stops=(*tour.stops[:1], replace(tour.stops[1], again="nowhere"))))
    assert visits_of(analysis, tour)[-1].way.loop == 3


def written(root: Path, name: str, instance: str, beside: set[str]) -> Path:
    file = root / folder(load(name), load(name).instance(instance)) / PAGE
    file.parent.mkdir(parents=True)
    file.write_text(explorer_page(examined(name, instance), beside=beside), encoding="utf-8")
    return file


@pytest.mark.long
def test_one_goes_from_page_to_page_without_a_network(tmp_path: Path) -> None:
    cases = [("wait_for_all", "one crash"), ("guess_on_timeout", "guess, one crash"), ("paxos_duel", "duel")]
    beside = {folder(load(name), load(name).instance(instance)) for name, instance in cases}
    first, *_ = [written(tmp_path, name, instance, beside) for name, instance in cases]
    with launched() as browser:
        tab = Tab(browser)
        page = tab.open(first.as_uri() + "#;tour=0.4")
        assert page.locator("#tour .onward a").count() == 1
        assert "flpcheck serve guess_on_timeout --instance 'wait, one crash'" in page.inner_text("#tour .onward")
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"guess_on_timeout/guess(,|%2C)-one-crash/"))
        page.wait_for_selector("#tour h2:has-text('Two inputs, two possible decisions')")
        tab.close()


def test_a_tour_draws_its_loop(tmp_path: Path) -> None:
    with launched() as browser:
        tab = Tab(browser)
        page = tab.open(written(tmp_path, "paxos_duel", "duel", set()).as_uri() + "#;tour=0.4")
        page.wait_for_selector("[data-view=loop][aria-pressed=true]")
        assert page.locator("#map .node").count() == 11
        assert page.url.endswith(";loop=3;tour=0.4")
        tab.close()


def test_the_gallery_holds_small_pages_and_every_link_to_them_leads_somewhere() -> None:
    pages = list(REPORTS.rglob(PAGE))
    assert len(pages) > 10
    assert all(page.stat().st_size < 300_000 for page in pages)
    for text in REPORTS.rglob("README.md"):
        for link in re.findall(r"\]\(([^)#]+)", text.read_text(encoding="utf-8")):
            assert (text.parent / link).exists(), f"{text}: {link}"
