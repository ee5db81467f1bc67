"""The main views look as they did: on a desktop and a phone, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explorer.screenshots import (
    FOLDER,
    SHOTS,
    TOLERANCE,
    VIEWS,
    Shot,
    difference,
    kept,
    reduced,
    show_difference,
    taken,
)
from explorer.test_compare import written

RENEW = "if it should look so, renew the references: python tests/explorer/screenshots.py"
PLAIN = Shot("tour", "desktop", "light")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    made: dict[tuple[str, str], str] = {}

    def of(name: str, instance: str) -> str:
        if (name, instance) not in made:
            made[name, instance] = written(tmp_path_factory.mktemp(name), name, instance)
        return made[name, instance]

    return of


CASES = [pytest.param(shot, marks=[] if shot == PLAIN else [pytest.mark.long], id=shot.name) for shot in SHOTS]


@pytest.mark.parametrize("shot", CASES)
def test_a_view_looks_as_it_did(browser: Any, address: Callable[[str, str], str], tmp_path: Path, shot: Shot) -> None:
    name, instance, _ = VIEWS[shot.view]
    found, reference = taken(browser, address(name, instance), shot), kept(shot)
    assert reduced(found).size == reference.size
    worst = difference(reduced(found), reference).max()
    if worst > TOLERANCE:
        file = show_difference(tmp_path / f"{shot.name}.png", found, reference)
        pytest.fail(f"{shot.name} differs by {worst:.0f} of 256 levels, see {file}; {RENEW}")


@pytest.mark.long
def test_a_missing_control_is_a_difference(browser: Any, address: Callable[[str, str], str]) -> None:
    name, instance, _ = VIEWS[PLAIN.view]
    file = Path(address(name, instance).removeprefix("file://"))
    changed = file.with_name("changed.html")
    text = file.read_text(encoding="utf-8").replace('id="theme"', 'id="theme" style="visibility:hidden"')
    changed.write_text(text, encoding="utf-8")
    found = taken(browser, changed.as_uri(), PLAIN)
    assert difference(reduced(found), kept(PLAIN)).max() > TOLERANCE


def test_the_references_are_those_of_the_views_and_small() -> None:
    sizes = {file.stem: file.stat().st_size for file in FOLDER.glob("*.png")}
    assert sizes.keys() == {shot.name for shot in SHOTS}
    assert sum(sizes.values()) < 600_000
