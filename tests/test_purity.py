"""Is the protocol a function of its arguments?  What other interpreters find, and what is asked again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import flpcheck
from flpcheck import Model, asynchronous, load, purity
from flpcheck.errors import NondeterministicStep
from flpcheck.examine import examine
from flpcheck.model import Model as ModelClass
from flpcheck.purity import TWICE_ONLY, Inquiry
from flpcheck.settle import Overrides, settle
from flpcheck.system import system_of
from flpcheck.system.rows import first_questions, put_questions, sample
from flpcheck.worlds import compare

HOME = Path(flpcheck.__file__).parent.parent
SPEC = """
from flpcheck import *
from flpcheck.authoring.rounds import RoundProcess
{above}
@record
class S:
    input: int
    decision: object = None

@protocol
class P:
    n: int = 2

    def processes(self):
        return [Process(f"p{{i}}", self.step, start=S(i)) for i in range(self.n)]

    def step(self, at: At, s: S, event: Start{more}):
        if s.decision is not None:
            return s, ()
        {body}

INSTANCES = (Instance("x", P(), asynchronous(), {{agreement: HOLDS}}),)
"""
FIRST_CALLER = SPEC.format(
    above="FIRST = {}", more="", body='return replace(s, decision=FIRST.setdefault("value", s.input)), ()'
)
MUTABLE_DEFAULT = SPEC.format(
    above="",
    more=", seen={}",
    body="""if not seen:
            seen[at.me] = s.input
        return replace(s, decision=next(iter(seen.values()))), ()""",
).replace("seen={}):", "seen={}):")
IN_HELPER = SPEC.format(
    above="from helper_of_sets import pick",
    more="",
    body='return replace(s, decision=pick(["zero", "one"]) if s.input else "zero"), ()',
)
HELPER = "def pick(names):\n    return next(iter({name for name in names}))\n"
BUILT_INSIDE = SPEC.format(
    above="",
    more="",
    body="""names = {"zero", "one"}
        return replace(s, decision=next(iter(names)) if s.input else "zero"), ()""",
)
UNION = SPEC.format(
    above="",
    more="",
    body="""first, *_ = frozenset({"a"}).union(("zz", "b")) if s.input else ("a",)
        return replace(s, decision=first), ()""",
)
ENVIRONMENT = SPEC.format(
    above="import os",
    more="",
    body='return replace(s, decision=s.input if os.environ.get("SPLIT") else 0), ()',
)
PURE = SPEC.format(above="", more="", body="return replace(s, decision=0), ()")
ROUNDS = """
from flpcheck import *
from flpcheck.authoring.rounds import RoundProcess

FIRST = {}

@record
class S:
    input: int
    decision: object = None

@protocol
class P:
    rounds = 1

    def processes(self):
        return [RoundProcess(f"p{i}", self.send, self.receive, start=S(i)) for i in range(2)]

    def send(self, at, s, number):
        return ()

    def receive(self, at, s, number, heard):
        return replace(s, decision=FIRST.setdefault("value", s.input))

INSTANCES = (Instance("x", P(), synchronous(), {agreement: HOLDS}),)
"""
GENERAL = """
from flpcheck import *

FIRST = {}

@protocol
class P:
    def initial(self):
        yield 0
        yield 10

    def successors(self, c):
        if c in {0, 10}:
            yield Event("goes"), c + FIRST.setdefault("step", 1 if c == 0 else 2)

@invariant
def never_two(c) -> bool:
    return c not in {2, 12}

INSTANCES = (Instance("x", P(), asynchronous(), {never_two: HOLDS}),)
"""
BEGINNING = GENERAL.replace(
    "        yield 0\n        yield 10\n",
    "        yield FIRST.setdefault('begun', 0)\n        FIRST['begun'] = 10\n",
)
LEARNER = (
    SPEC.format(above="LEARNT = []", more="", body="return replace(s, decision=0), broadcast(s.input)")
    .replace(
        "    def step",
        """    def learn(self, mail):
        LEARNT.extend(letter.message for letter in mail)
        return frozenset(LEARNT[:1])

    def step""",
    )
    .replace("for i in range(self.n)]", 'for i in range(self.n)] + [PassiveLearner("l", self.learn)]')
    .replace("broadcast(s.input)", 'send(V(s.input), to="l")')
    .replace("LEARNT = []", "LEARNT = []\n\n@record\nclass V:\n    value: int\n")
)
OBSERVER = SPEC.format(above="TOLD = []", more="", body="return replace(s, decision=0), note(at.me)").replace(
    "    def step",
    """    def observers(self):
        return [Observer("first", "", self.told)]

    def told(self, state, about):
        TOLD.append(about)
        return TOLD[0]

    def step""",
)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing has passed before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(purity, "_passed", set())
    return tmp_path / "cache" / "flpcheck" / "purity"


def written(folder: Path, text: str, helper: str = HELPER) -> str:
    (folder / "helper_of_sets.py").write_text(helper)
    file = folder / "spec.py"
    file.write_text(dedent(text))
    return str(file)


IMPURE = {
    "a dictionary of the module": FIRST_CALLER,
    "a mutable default": MUTABLE_DEFAULT,
    "a set in a helper": IN_HELPER,
    "a set built in the step": BUILT_INSIDE,
    "the union of sets": UNION,
    "rounds that remember": ROUNDS,
    "successors that remember": GENERAL,
    "a beginning that remembers": BEGINNING,
    "a passive learner that remembers": LEARNER,
    "an observer that remembers": OBSERVER,
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", IMPURE)
def test_impure_protocols_are_refused(tmp_path: Path, name: str) -> None:
    spec = load(written(tmp_path, IMPURE[name]))
    with pytest.raises(NondeterministicStep) as caught:
        examine(settle(spec, Overrides()))
    text = str(caught.value)
    assert re.search(r"spec.py:\d+: .* is nondeterministic: two calls with equal arguments", text), text
    assert text.count("\n       gave   ") == 2, "both answers"
    assert "given " in text


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", IMPURE)
def test_the_safety_search_refuses_them_too(tmp_path: Path, name: str) -> None:
    spec = load(written(tmp_path, IMPURE[name]))
    with pytest.raises(NondeterministicStep):
        examine(settle(spec, Overrides()), keep=False)


@pytest.mark.long
def test_a_model_and_a_comparison_of_worlds_refuse_it(tmp_path: Path) -> None:
    file = written(tmp_path, FIRST_CALLER)
    with pytest.raises(NondeterministicStep):
        Model(file).check("agreement")
    request = settle(load(file), Overrides())
    own = next(compare(request, request.bounds))
    assert own.failure is not None
    assert (own.examination, own.failure.code) == (None, 2)
    assert "is nondeterministic" in own.because


def command(folder: Path, *arguments: str, seed: str = "3") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(HOME)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", ["a dictionary of the module", "a set built in the step"])
def test_pytest_items_and_the_command_line_refuse_it(tmp_path: Path, name: str) -> None:
    written(tmp_path, IMPURE[name])
    (tmp_path / "pytest.ini").write_text("[pytest]\nflpcheck_specs = spec.py\n")
    items = command(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "spec.py")
    assert items.returncode == 1, items.stdout + items.stderr
    assert "this step is nondeterministic" in items.stdout
    line = command(tmp_path, "-m", "flpcheck", "explore", "spec.py", "--no-reports")
    assert line.returncode == 2
    assert "this step is nondeterministic" in line.stderr
    assert "HOLDS" not in line.stdout


def test_what_the_environment_says_is_not_found(tmp_path: Path) -> None:
    found = examine(settle(load(written(tmp_path, ENVIRONMENT)), Overrides()))
    assert found.exit_code == 0
    assert found.purity == ""


def test_a_pass_is_remembered_by_what_the_modules_hold(tmp_path: Path, memory: Path) -> None:
    pure = IN_HELPER.replace('pick(["zero", "one"]) if s.input else "zero"', "0")
    started = []

    def look(helper: str) -> None:
        request = settle(load(written(tmp_path, pure, helper)), Overrides())
        with Inquiry(request.protocol, request.world, {}) as inquiry:
            started.append(bool(inquiry._asked))
            inquiry.finish(system_of(request.protocol, request.world))

    look(HELPER)
    assert len(list(memory.iterdir())) == 1
    look(HELPER)
    purity._passed.clear()
    look(HELPER)
    sys.modules.pop("helper_of_sets")
    look(HELPER + "\n# another content\n")
    assert started == [True, False, False, True]
    assert len(list(memory.iterdir())) == 2


@pytest.mark.long
def test_a_pass_says_nothing_of_questions_that_another_world_puts(tmp_path: Path, memory: Path) -> None:
    request = settle(load(written(tmp_path, PURE)), Overrides())
    examine(request)
    assert len(list(memory.iterdir())) == 1
    for world, known in ((asynchronous(1), True), (asynchronous(1, recoveries=1), False)):
        with Inquiry(request.protocol, world, {}) as inquiry:
            assert inquiry.remembered is known


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert examine(settle(load(written(tmp_path, PURE)), Overrides())).purity == ""


def local_protocol() -> Any:
    @flpcheck.record
    class Local:
        decision: int | None = None

    @flpcheck.protocol
    class Inside:
        def processes(self) -> list[Any]:
            return [flpcheck.Process("p", self.step, start=Local())]

        def step(self, at: flpcheck.At, s: Any, event: flpcheck.Start) -> Any:
            return (s, ()) if s.decision is not None else (Local(0), ())

    return Inside()


def test_where_no_interpreter_finds_the_protocol_the_verdict_says_so() -> None:
    from flpcheck.report.as_json import as_json
    from flpcheck.report.files import plain_text

    model = ModelClass(local_protocol(), world=asynchronous())
    assert model.examination.purity == TWICE_ONLY
    assert "purity: not compared with other interpreters" in repr(model)
    assert as_json(model.examination)["purity"] == TWICE_ONLY
    safe = examine(model.examination.request, keep=False)
    assert "purity: not compared with other interpreters" in plain_text(safe)
    assert as_json(safe)["purity"] == TWICE_ONLY


def test_a_spec_that_cannot_be_loaded_elsewhere_was_asked_twice_only(tmp_path: Path) -> None:
    above = "import sys\nif 'pytest' not in sys.modules:\n    raise SystemExit\n"
    file = written(tmp_path, SPEC.format(above=above, more="", body="return replace(s, decision=0), ()"))
    assert examine(settle(load(file), Overrides())).purity == TWICE_ONLY


def test_what_is_put_again_at_the_end_finds_a_memory(tmp_path: Path) -> None:
    body = """LOG.append(at.me)
        return replace(s, decision=len(LOG) > 4), ()"""
    file = written(tmp_path, SPEC.format(above="LOG = []", more="", body=body))
    request = settle(load(file), Overrides())
    with pytest.raises(NondeterministicStep, match="the same interpreter, after other calls"):
        purity._ask_again(explored(system_of(request.protocol, request.world)))


def explored(system: Any) -> Any:
    put_questions(system, backwards=False, most=100, seconds=60)
    return system


@pytest.mark.parametrize("name", ["tla/paxos", "ben_or_rounds", "test_and_set", "abd_register", "raft"])
def test_both_orders_put_the_same_questions_to_a_small_protocol(name: str) -> None:
    instance = load(name).instances[0]
    tables = []
    for backwards in (False, True):
        system = system_of(instance.protocol, instance.world, dict(instance.inputs))
        put_questions(system, backwards=backwards, most=60, seconds=60)
        tables.append(purity.answers_by_question(first_questions(system, 10_000)))
        assert all(q.again() is not None for q in sample(system, 20))
    common = tables[0].keys() & tables[1].keys()
    assert len(common) > 1
    assert all(tables[0][row].answer == tables[1][row].answer for row in common)


def test_the_other_order_is_another_one(tmp_path: Path) -> None:
    spec = load(written(tmp_path, PURE))
    orders = []
    for backwards in (False, True):
        system = system_of(spec.protocol(n=3), asynchronous())
        put_questions(system, backwards=backwards, most=1, seconds=60)
        orders.append([question.what for question in first_questions(system, 10) if "step" in question.what])
    assert orders[0] == orders[1][::-1] == ["step of p0", "step of p1", "step of p2"]
