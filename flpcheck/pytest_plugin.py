"""The pytest plugin: specs as tests, one item per instance and property, and the fixture `model`.

Nothing happens unless it is asked for: specs are collected where the option `flpcheck_specs` matches, and flpcheck
itself is imported when the first of them runs.  Instances on demand are left to `flpcheck check`.

    [tool.pytest.ini_options]
    flpcheck_specs = ["specs/*.py"]
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
MARKER = "flpcheck_model"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option that names the specs to collect."""
    parser.addini(
        OPTION, "globs of the specs that are collected as tests, relative to the root", type="args", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker behind `flpcheck.testing.model`."""
    config.addinivalue_line("markers", f"{MARKER}(spec, ...): what the fixture `model` explores")


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

    def collect(self) -> Iterator[pytest.Collector]:
        """Load the spec and yield its instances."""
        from flpcheck.errors import FlpcheckError
        from flpcheck.spec import load

        try:
            spec = load(str(self.path))
        except FlpcheckError as error:
            raise self.CollectError(str(error)) from error
        if not spec.instances:
            message = f"{self.path} has no INSTANCES, so nothing is expected of it"
            raise self.CollectError(message)
        for instance in (instance for instance in spec.instances if not instance.on_demand):
            yield InstanceItems.from_parent(self, name=instance.name, spec=spec, instance=instance)


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
        from flpcheck.examine import Wishes, examine, settle

        return examine(settle(self.spec, Wishes(instance=self.instance.name)))

    @cached_property
    def results(self) -> dict[str, Result]:
        """The results by name."""
        from flpcheck.report.ci.results import results_of

        return {result.name: result for result in results_of(self.examination)}


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
        result = self.parent.results[self.name]
        graph = self.parent.examination.graph
        self.user_properties += [("configurations", len(graph)), ("transitions", len(graph.targets))]
        if result.outcome == "incomplete":
            pytest.skip(result.message)
        if result.outcome != "ok":
            raise NotAsExpected(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the narrated trace instead of a Python traceback; an error of the spec as flpcheck explains it."""
        from flpcheck.errors import FlpcheckError

        if isinstance(excinfo.value, NotAsExpected):
            result = excinfo.value.result
            return "\n".join(filter(None, [f"{result.place}: {result.message}", result.detail]))
        if isinstance(excinfo.value, FlpcheckError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the item comes from."""
        return self.path, 0, f"{self.path.stem} [{self.parent.name}] {self.name}"
