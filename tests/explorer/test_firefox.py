"""Firefox, driven by its own protocol, Marionette: one walk through the page, and the focus on every control."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from explorer.screenshots import PAIR
from explorer.test_compare import written
from explorer.test_focus import CONTROLS
from explorer.test_page import GUESS

pytestmark = pytest.mark.long


def executable() -> str | None:
    """Return the path of a Firefox: the one that FLPCHECK_FIREFOX names, or one on the path."""
    named = os.environ.get("FLPCHECK_FIREFOX")
    return named or shutil.which("firefox-esr") or shutil.which("firefox")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Firefox; the test is skipped where there is none."""
    path = executable()
    if path is None:
        pytest.skip("no Firefox found: install one, or name it in FLPCHECK_FIREFOX")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, not of ours
        driver = pytest.importorskip("marionette_driver.marionette", reason="marionette_driver is not installed")
    profile, port = tmp_path_factory.mktemp("profile"), free_port()
    (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n', encoding="utf-8")
    command = [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            client = connected(driver, port)
            client.set_window_rect(width=1280, height=900)
            yield client
        finally:
            process.terminate()


def connected(driver: Any, port: int) -> Any:
    """Return a session, as soon as the browser listens."""
    client = driver.Marionette(host="127.0.0.1", port=port)
    for _ in range(100):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.3)
    client.start_session()
    return client


def opened(firefox: Any, address: str) -> None:
    firefox.navigate("about:blank")
    firefox.navigate(address)
    until(firefox, "document.body.dataset.configuration !== undefined")


def until(firefox: Any, condition: str) -> None:
    """Wait until something is true in the page."""
    for _ in range(200):
        if firefox.execute_script(f"return Boolean({condition})"):
            return
        time.sleep(0.03)
    pytest.fail(f"never: {condition}")


def pressed(firefox: Any, key: str) -> None:
    firefox.execute_script("if (document.activeElement === document.body) document.getElementById('next').focus()")
    firefox.get_active_element().send_keys(key)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("firefox"), *GUESS)


def test_a_walk(firefox: Any, address: str) -> None:
    opened(firefox, f"{address}#;tour=0.0")
    pressed(firefox, "n")
    until(firefox, "location.hash === '#1:1;tour=0.1'")
    pressed(firefox, "1")
    until(firefox, "location.hash === '#1:1.0'")
    firefox.execute_script("document.querySelector('#verdicts button').click()")
    assert firefox.execute_script("return document.querySelectorAll('.told:popover-open').length") == 1
    opened(firefox, address + PAIR)
    until(firefox, "document.querySelectorAll('.pair svg.run').length === 2")
    firefox.execute_script("document.getElementById('play').click()")
    until(firefox, "document.querySelectorAll('.carrier circle').length > 0")
    until(firefox, "document.getElementById('play').textContent.includes('Play')")
    rows = "[...document.querySelectorAll('.moment.now')].map((node) => node.dataset.row).join()"
    assert firefox.execute_script(f"return {rows}") == "4,4"
    assert firefox.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


def test_pressing_enter_on_any_control_loses_the_focus_nowhere(firefox: Any, address: str) -> None:
    opened(firefox, f"{address}#1:0.0")
    count, lost = firefox.execute_script(f"return {CONTROLS.strip()}.length"), []
    for place in range(count):
        opened(firefox, f"{address}#1:0.0")
        label, tag = firefox.execute_script(
            f"const c = {CONTROLS.strip()}[{place}]; c.focus(); return [c.textContent.slice(0, 40), c.tagName]"
        )
        if tag != "SELECT":
            firefox.get_active_element().send_keys("\ue007")
        if firefox.execute_script("return document.activeElement === document.body || !document.activeElement"):
            lost.append(label)
    assert count > 20
    assert lost == []
