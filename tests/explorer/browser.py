"""A headless browser for tests of the page, if there is one on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """Return the path of a Chromium: the one that FLPCHECK_CHROMIUM names, or one on the path."""
    named = os.environ.get("FLPCHECK_CHROMIUM")
    return named or next((found for found in map(shutil.which, NAMES) if found), None)


@contextmanager
def launched() -> Iterator[Any]:
    """Yield a browser; skip the test where playwright or Chromium is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = executable()
    if path is None:
        pytest.skip("no Chromium found: install one, or name it in FLPCHECK_CHROMIUM")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--force-color-profile=srgb"])
        yield browser
        browser.close()


class Tab:
    """A page that is watched: what it asks the network for, and what goes wrong in it."""

    def __init__(self, browser: Any, *, offline: bool = True, width: int = 1280, height: int = 900) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, offline=offline)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def open(self, address: str) -> Any:
        """Open an address and wait until the page shows a configuration."""
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("body[data-configuration]")
        return self.page

    @property
    def here(self) -> int:
        """The number of the configuration that is shown."""
        return int(self.page.evaluate("document.body.dataset.configuration"))

    def close(self) -> None:
        """Close it, having made sure that nothing went wrong."""
        self.context.close()
        assert self.errors == []
