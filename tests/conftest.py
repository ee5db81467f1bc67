"""Which tests a plain `pytest` leaves out, on how many cores it runs, and what it says about that at its end.

A test that is marked `long` runs in CI, and wherever `-m` says something else than the default of `pyproject.toml`.  Of
a test that is marked `sampled(n)`, one over all specs, a plain run takes n cases, evenly spread; the others are long.
"""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

QUICK = "not long"
LEFT_OUT = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count what is left out."""
    config.stash[LEFT_OUT] = 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Take the cores, eight at most, for the whole suite; what is named on the command line runs in this process."""
    return 0 if config.args_source is pytest.Config.ArgsSource.ARGS else min(os.cpu_count() or 1, 8)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is long among the cases of sampled tests, before pytest looks at the marks."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for of_one_test in cases.values():
        mark = of_one_test[0].get_closest_marker("sampled")
        assert mark is not None
        quick = {place * len(of_one_test) // mark.args[0] for place in range(mark.args[0])}
        for item in (item for place, item in enumerate(of_one_test) if place not in quick):
            item.add_marker("long")
    if config.option.markexpr == QUICK:
        config.stash[LEFT_OUT] = sum(item.get_closest_marker("long") is not None for item in items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one how much was left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker of xdist how much was left out; all of them collect the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how the long tests are run."""
    if number := config.stash[LEFT_OUT]:
        terminalreporter.write_line(f'{number:,} long tests were not run: pytest -m ""')


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let Ctrl-C arrive in tests and their children, where a shell has started pytest in the background."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
