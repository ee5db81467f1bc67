"""The pytest plugin, run inside pytest."""

from __future__ import annotations

from pathlib import Path

import pytest
from time_enough import with_time_enough

pytest_plugins = ["pytester"]
WAITING = (Path(__file__).parents[1] / "specs" / "wait_for_all.py").read_text(encoding="utf-8")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nflpcheck_specs = protocols/*.py\naddopts = -p no:cacheprovider")
    pytester.mkdir("protocols")
    (pytester.path / "protocols" / "waiting.py").write_text(WAITING, encoding="utf-8")
    return pytester


def test_a_spec_is_an_item_per_instance_and_property(project: pytest.Pytester) -> None:
    listed = project.runpytest_subprocess("--collect-only", "-q", "protocols")
    listed.stdout.fnmatch_lines(["*waiting.py::no crash::agreement", "*waiting.py::no crash::counts"])
    run = project.runpytest_subprocess("protocols")
    outcomes = run.parseoutcomes()
    assert outcomes.get("failed", 0) == 0
    assert outcomes["passed"] > 10


@pytest.mark.long
def test_a_failing_property_shows_its_trace(project: pytest.Pytester) -> None:
    wrong = WAITING.replace("termination: VIOLATED", "termination: HOLDS")
    assert wrong != WAITING
    (project.path / "protocols" / "waiting.py").write_text(wrong, encoding="utf-8")
    run = project.runpytest_subprocess("protocols", "-k", "termination and one_crash or termination and crash")
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    run.stdout.fnmatch_lines(["*expected HOLDS, but termination VIOLATED*", "*p0 crashes*", "*flpcheck replay*"])


@pytest.mark.long
def test_a_spec_that_cannot_be_read_is_a_failing_item_among_the_others(project: pytest.Pytester) -> None:
    bad = {
        "bad.py": ("def oops(:\n", "*the spec has a syntax error*"),
        "exits.py": ("import sys\n\nsys.exit(0)\n", "*exits.py:3: * calls sys.exit*"),
        "empty.py": (WAITING.partition("INSTANCES =")[0], "*has no INSTANCES*"),
        "hangs.py": ("while True:\n    pass\n", "*hangs.py:*has not returned*"),
    }
    for name, (text, _) in bad.items():
        (project.path / "protocols" / name).write_text(text, encoding="utf-8")
    run = with_time_enough(
        lambda seconds: project.runpytest_subprocess("protocols", "-o", f"flpcheck_max_seconds={seconds}"),
        lambda run: run.parseoutcomes()["failed"] > len(bad),
        8,
    )
    outcomes = run.parseoutcomes()
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    assert (outcomes["failed"], outcomes.get("errors", 0)) == (len(bad), 0)
    assert outcomes["passed"] > 10
    for _, line in bad.values():
        run.stdout.fnmatch_lines([line])


def test_a_verdict_that_a_bound_left_open_fails_unless_it_was_expected(project: pytest.Pytester) -> None:
    cut = """
INSTANCES = (Instance("cut", WaitForAll(), asynchronous(), {}, bounds={"depth": 1}),)
INSTANCES[0].verdicts.update({agreement: HOLDS, termination: INCOMPLETE})
"""
    text = WAITING.replace("DEFER,", "DEFER, INCOMPLETE,", 1) + cut
    (project.path / "protocols" / "waiting.py").write_text(text, encoding="utf-8")
    run = project.runpytest_subprocess("protocols", "-rA")
    run.stdout.fnmatch_lines(["*PASSED*cut::termination*", "*FAILED*cut::agreement*"])
    assert run.parseoutcomes() == {"passed": 2, "failed": 1}


@pytest.mark.long
def test_a_step_that_fails_fails_every_item_and_is_looked_for_once(project: pytest.Pytester) -> None:
    looping = WAITING.replace("match event:", "while at.me == 'p1':\n            pass\n        match event:", 1)
    text = looping + "\nINSTANCES = INSTANCES[:1]\n"
    (project.path / "protocols" / "waiting.py").write_text(text, encoding="utf-8")
    command = ("protocols", "--durations=9", "-o")
    run = with_time_enough(
        lambda seconds: project.runpytest_subprocess(*command, f"flpcheck_max_seconds={seconds}"),
        lambda run: "process p1" not in run.stdout.str(),
        4,
    )
    assert run.parseoutcomes() == {"failed": 6}
    run.stdout.fnmatch_lines(["*process p1, state*"])
    assert sum("s call" in line for line in run.stdout.lines) == 1


def test_nothing_is_collected_that_was_not_asked_for(pytester: pytest.Pytester) -> None:
    (pytester.path / "waiting.py").write_text(WAITING, encoding="utf-8")
    assert pytester.runpytest_subprocess("-p", "no:cacheprovider").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_fixture_and_its_decorator(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from flpcheck.testing import model
        from flpcheck.world import asynchronous

        @model("wait_for_all", instance="one crash")
        def test_holds(model):
            model.check("agreement")
            assert model.complete and model.configurations == 84

        @model("wait_for_all", instance="one crash")
        def test_fails(model):
            model.check("termination")

        @model("wait_for_all", world=asynchronous(crashes=1), n=3)
        def test_changed(model):
            assert model.configurations == 1696

        def test_undecorated(model):
            pass
    """)
    run = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert run.parseoutcomes() == {"passed": 2, "failed": 1, "errors": 1}
    run.stdout.fnmatch_lines(["*expected HOLDS, found VIOLATED*", "*p0 crashes*"])
    run.stdout.fnmatch_lines(["*needs the decorator*"])


def test_loading_the_plugin_imports_no_heavy_library(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_nothing():
            assert not {"numpy", "networkx", "numba"} & set(sys.modules)
    """)
    run = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    assert run.parseoutcomes() == {"passed": 1}
