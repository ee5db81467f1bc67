"""The site: explorers within pages, each on a tour that exists; terms that say what they mean; figures up to date."""

from __future__ import annotations

import re
from pathlib import Path

from draw_figures import figures
from site_pages import EXPLORER, GLOSSARY, MEANINGS, SPEC, site_page

from flpcheck import load
from flpcheck.report.folders import folder

ROOT = Path(__file__).parents[2]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")}


def test_every_embedded_explorer_opens_a_tour_of_its_instance() -> None:
    found = [place for text in TEXTS.values() for place in EXPLORER.finditer(text)]
    assert len(found) > 15
    for place in found:
        where = Path(place["page"]).relative_to("../reports").parent.as_posix()
        number = re.fullmatch(r"#;tour=(\d+)\.0", place["place"])
        assert number, place[0]
        tours = {
            (folder(spec, spec.instance(tour.instance)), index)
            for spec in [load(_spec(where))]
            for index, tour in enumerate(spec.tours)
        }
        assert (where, int(number[1])) in tours, place[0]


def _spec(where: str) -> str:
    """Return the spec that a folder of the gallery belongs to."""
    parts = where.split("/")
    return "/".join(parts[:2] if parts[0] in {"broken", "memory"} else parts[:1])


def test_every_linked_term_is_in_the_glossary_and_every_linked_spec_exists() -> None:
    terms = [found["anchor"] for text in TEXTS.values() for found in GLOSSARY.finditer(text)]
    specs = [found["name"] for text in TEXTS.values() for found in SPEC.finditer(text)]
    assert len(terms) > 20
    assert len(specs) > 20
    assert [name for name in terms if name not in MEANINGS] == []
    assert [name for name in specs if not (ROOT / "specs" / f"{name}.py").exists()] == []


def test_a_page_of_the_site_embeds_and_explains() -> None:
    page = site_page(TEXTS["lecture.md"])
    assert page.count("<iframe ") == page.count(';embed" aria-label="Tour: ') > 15
    assert '](glossary.md#bivalent "Of a configuration: two different decisions' in page
    assert "](../" not in page.replace("](../README", "")


def test_the_figures_are_drawn_from_the_specs_as_they_are() -> None:
    drawn = figures()
    assert drawn.keys() == {"order-0.svg", "order-1.svg", "paxos-roles.svg"}
    for name, text in drawn.items():
        assert text == (ROOT / "docs" / "figures" / name).read_text(encoding="utf-8"), name
    order = re.findall(r">(Prepare|Promise|Accept|Accepted|Chosen)</text>", drawn["paxos-roles.svg"])
    assert order == ["Prepare", "Promise", "Accept", "Accepted", "Chosen"]
