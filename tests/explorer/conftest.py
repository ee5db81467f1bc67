"""A browser for all tests of the page, and a tab for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from explorer.browser import Tab, launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped where there is none."""
    with launched() as found:
        yield found


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    """A watched page of the usual size: nothing may have gone wrong in it at the end."""
    found = Tab(browser)
    yield found
    found.close()
