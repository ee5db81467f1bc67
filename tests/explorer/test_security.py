"""What an author's texts can do to the page: nothing."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from explorer.browser import Tab
from explorer.hostile import EVIL, Hostile

from flpcheck import Instance, Spec, asynchronous
from flpcheck.examine import Examination, examine
from flpcheck.report.explorer import explorer_page
from flpcheck.report.explorer.page import SCRIPTS, embedded, page, policy
from flpcheck.settle import Request


@cache
def examined() -> Examination:
    from explorer import hostile

    instance = Instance(EVIL, Hostile(), asynchronous(crashes=1), about=EVIL)
    spec = Spec(f"{EVIL}.py", hostile.__file__, hostile, Hostile, (instance,), ())
    return examine(Request(spec, instance.protocol, instance.world, instance=instance, limits={"configurations": 300}))


def test_the_text_of_a_hostile_spec_stays_out_of_the_markup() -> None:
    text = explorer_page(examined())
    assert "pwned'</script>" not in text
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert len(text) < 2_000_000  # megabytes of text are cut
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert EVIL in json.loads(data[1])["names"][0]


def test_a_hostile_spec_runs_nothing_and_is_shown_as_text(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "evil.html"
    file.write_text(explorer_page(examined()), encoding="utf-8")
    tab = Tab(browser)
    shown = tab.open(file.as_uri())
    for key in ["1", "1", "2", "m", "m", "c", "Backspace", "ArrowRight", "f", "u", "1"]:
        shown.keyboard.press(key)
        shown.evaluate("document.activeElement.blur()")
    shown.select_option("#tours", "0")
    shown.wait_for_selector("#tour h2")
    for kind in ("link", "replay", "test", "mermaid"):
        shown.evaluate(f"showText('{kind}', asText(app, '{kind}'))")
    assert shown.title() == "hostile · flpcheck"
    assert shown.evaluate("document.querySelectorAll('img, iframe, object, embed').length") == 0
    assert shown.evaluate("document.querySelectorAll('script').length") == 2
    assert "</script><script>" in shown.inner_text("#tour h2")
    mermaid = shown.evaluate("asText(app, 'mermaid')")
    assert all(line == "sequenceDiagram" or line.startswith("    ") for line in mermaid.strip("\n").split("\n"))
    assert [address for address in tab.requests if not address.startswith(("data:", "file:", "about:"))] == []
    tab.close()


def test_the_policy_admits_the_pages_own_script_only(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    injected = explorer_page(examined()).replace("<footer>", "<script>document.title = 'pwned'</script><footer>")
    file.write_text(injected, encoding="utf-8")
    tab = Tab(browser)
    shown = tab.open(file.as_uri())
    assert shown.title() != "pwned"
    assert any("Content Security Policy" in error for error in tab.errors)
    tab.errors.clear()
    tab.close()


def test_the_policy_names_no_wildcard_and_no_inline_exception() -> None:
    for live in (False, True):
        assert "unsafe" not in policy(live=live)
        assert "*" not in policy(live=live)
    assert "connect-src 'none'" in policy()


def test_data_cannot_end_its_element() -> None:
    text = embedded({"a": "</script><!--", "b": "&\u2028\u2029"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--", "b": "&\u2028\u2029"}


@pytest.mark.long
def test_scripts_make_elements_from_texts_and_never_from_markup() -> None:
    folder = Path(page.__code__.co_filename).parent / "assets"
    for name in SCRIPTS:
        source = (folder / f"{name}.js").read_text(encoding="utf-8")
        assert source.startswith('"use strict";'), name
        assert len(source.splitlines()) < 400, name
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "http://",
            "https://",
        ):
            assert forbidden not in source.replace("http://www.w3.org/2000/svg", ""), (name, forbidden)
    assert {path.stem for path in folder.glob("*.js")} == set(SCRIPTS)
