"""The pytest plugin: specs as tests, one item per instance and property, and the fixture `model`.

A property that a bound left open fails, unless its instance expects INCOMPLETE: a verdict was expected, and there is
none.  A spec that cannot be read is one failing item; the others run.

Nothing happens unless it is asked for: specs are collected where the option `flpcheck_specs` matches, and flpcheck
itself is imported when the first of them runs.  Instances on demand are left to `flpcheck check`.

    [tool.pytest.ini_options]
    flpcheck_specs = ["specs/*.py"]
    flpcheck_max_seconds = "60"  # time limit for loading a spec and for each search; none without it
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flpcheck.examine import Examination
    from flpcheck.report.ci.results import Result
    from flpcheck.testing import Model

OPTION = "flpcheck_specs"
SECONDS = "flpcheck_max_seconds"
MARKER = "flpcheck_model"
VACUOUS = "vacuous"
"""Name of the user property of an item whose property holds vacuously."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option that names the specs to collect."""
    parser.addini(
        OPTION, "globs of the specs that are collected as tests, relative to the root", type="args", default=[]
    )
    parser.addini(SECONDS, "time limit for loading a spec and for each search, in seconds", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker behind `flpcheck.testing.model`, and refuse a time limit that is none."""
    _seconds(config)
    config.addinivalue_line("markers", f"{MARKER}(spec, ...): what the fixture `model` explores")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many properties hold vacuously: they pass."""
    passed = terminalreporter.getreports("passed")
    vacuous = sum(VACUOUS in dict(report.user_properties) for report in passed)
    if vacuous:
        hold = "property holds" if vacuous == 1 else "properties hold"
        terminalreporter.line(f"flpcheck: {vacuous} {hold} vacuously; -rP shows why")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a spec that the option names."""
    globs = parent.config.getini(OPTION)
    if not globs or file_path.suffix != ".py" or file_path.name.startswith("_"):
        return None
    try:
        relative = file_path.relative_to(parent.config.rootpath).as_posix()
    except ValueError:
        return None
    matches = any(fnmatch(relative, glob) for glob in globs)
    return SpecFile.from_parent(parent, path=file_path) if matches else None


@pytest.fixture
def model(request: pytest.FixtureRequest) -> Model:
    """Return what the decorator `flpcheck.testing.model` names; exploring it waits for the first question."""
    from flpcheck.testing import Model

    marker = request.node.get_closest_marker(MARKER)
    if marker is None:
        pytest.fail("the fixture `model` needs the decorator @flpcheck.testing.model(...)", pytrace=False)
    return Model(*marker.args, **marker.kwargs)


class SpecFile(pytest.File):
    """A spec: a collector per instance."""

    def collect(self) -> Iterator[pytest.Collector | pytest.Item]:
        """Load the spec and yield its instances; an item that fails, if it cannot be loaded."""
        from flpcheck.errors import SpecUnreadable
        from flpcheck.explore.overtime import Limited
        from flpcheck.spec import load

        try:
            with Limited(_seconds(self.config)):
                spec = load(str(self.path))
            if not spec.instances:
                what = f"{self.path} has no INSTANCES, so there is nothing to check"
                raise SpecUnreadable(what, next_step="add INSTANCES with expectations, or narrow flpcheck_specs")  # noqa: TRY301
        except (KeyboardInterrupt, pytest.skip.Exception):
            raise
        except BaseException as error:
            yield Unreadable.from_parent(self, name="loading", error=error)
            return
        for instance in (instance for instance in spec.instances if not instance.on_demand):
            yield InstanceItems.from_parent(self, name=_printable(instance.name), spec=spec, instance=instance)


def _seconds(config: pytest.Config) -> float | None:
    """Return the time limit that is configured."""
    text = str(config.getini(SECONDS))
    try:
        return float(text) if text else None
    except ValueError:
        message = f"{SECONDS} must be a number of seconds, got {text!r}"
        raise pytest.UsageError(message) from None


def _explained(error: BaseException, path: Path) -> str:
    """Return an error as the command line prints it."""
    from flpcheck.failure import failure_of

    return _printable(failure_of(error, str(path)).text)


def _printable(text: str) -> str:
    from flpcheck.authoring.values import printable

    return printable(text)


class Unreadable(pytest.Item):
    """A spec that cannot be read, as an item that fails."""

    def __init__(self, *, error: BaseException, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.error = error

    def runtest(self) -> None:
        """Fail with what went wrong."""
        pytest.fail(_explained(self.error, self.path), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the item comes from."""
        return self.path, 0, f"{self.path.stem} loading"


class InstanceItems(pytest.Collector):
    """An instance: an item per property that it expects something of, and one for the counts."""

    def __init__(self, *, spec: Any, instance: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.spec = spec
        self.instance = instance

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items, without exploring yet."""
        for claim in self.instance.verdicts:
            yield ResultItem.from_parent(self, name=claim.name)
        yield ResultItem.from_parent(self, name="counts")

    @cached_property
    def examination(self) -> Examination:
        """Everything about the instance, explored when the first of its items runs."""
        from flpcheck.examine import examine
        from flpcheck.explore.overtime import Limited
        from flpcheck.settle import Overrides, settle
        from flpcheck.stops import StopReason

        seconds = _seconds(self.config)
        bounds = {} if seconds is None else {"seconds": seconds}
        with Limited(seconds):
            request = settle(self.spec, Overrides(instance=self.instance.name, bounds=bounds)).built()
        found = examine(request)
        if found.cut is not None and found.cut.bound is StopReason.INTERRUPTED:
            raise KeyboardInterrupt
        return found

    @cached_property
    def results(self) -> dict[str, Result] | str:
        """The results by name; what went wrong, in words, if the instance cannot be examined."""
        from flpcheck.report.ci.results import results_of

        try:
            return {result.name: result for result in results_of(self.examination)}
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return _explained(error, self.path)


class NotAsExpected(Exception):
    """A result of a spec is not as its instance expects."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result


class ResultItem(pytest.Item):
    """One property of one instance."""

    parent: InstanceItems

    def runtest(self) -> None:
        """Compare what was found with what is expected."""
        results = self.parent.results
        if isinstance(results, str):
            pytest.fail(results, pytrace=False)
        result, graph = results[self.name], self.parent.examination.graph
        self.user_properties += [("configurations", len(graph)), ("transitions", len(graph.targets))]
        if result.vacuous:  # the item passes; `-rP` shows it, and the summary counts it
            self.add_report_section("call", "flpcheck", _printable(result.message))
            self.user_properties.append((VACUOUS, True))
        if result.outcome != "ok":
            raise NotAsExpected(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the narrated trace instead of a Python traceback."""
        if isinstance(excinfo.value, NotAsExpected):
            result = excinfo.value.result
            return _printable("\n".join(filter(None, [f"{result.place}: {result.message}", result.detail])))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the item comes from."""
        return self.path, 0, f"{self.path.stem} [{self.parent.name}] {self.name}"
