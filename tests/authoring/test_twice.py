"""A spec that says something twice is refused: Python would drop the first, and a verdict about it with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flpcheck.errors import SpecUnreadable
from flpcheck.spec import load

HEAD = """from flpcheck import *

@record
class S:
    decision: object = None

@protocol
class P:
    n: int = 2
    def processes(self):
        return [Process(name, self.step, start=S()) for name in ("a", "b")[: self.n]]
    def step(self, at: At, s: S, event: Start):
        return replace(s, decision=at.me), ()

"""
GOOD = "@invariant\ndef good(view):\n    return {}\n"
INSTANCE = "Instance('x', P({}), asynchronous(), {{{}}})"
TWICE = {
    "a second definition of 'good'": GOOD.format("len(view.outputs) < 2") + GOOD.format(True),
    "a second entry of 'agreement'": f"INSTANCES = ({INSTANCE.format(2, 'agreement: HOLDS, agreement: VIOLATED')},)\n",
    "a second definition of 'step'": "class Helper:\n    def step(self): ...\n    def step(self): ...\n",
    "two instances are named 'x'": f"INSTANCES = tuple({INSTANCE.format('n', 'agreement: HOLDS')} for n in (1, 2))\n",
    "two properties are named 'agreement'": "@invariant\ndef agreement(view):\n    return True\n",
    "two properties are named 'few'": (
        "def make(n):\n    @invariant\n    def few(view):\n        return len(view.outputs) < n\n    return few\n"
        "INSTANCES = (Instance('x', P(), asynchronous(), {make(9): HOLDS, make(1): HOLDS}),)\n"
    ),
    "instance 'x' is of Other, which this file does not define": (
        "from other import Other\nINSTANCES = (Instance('x', Other(), asynchronous(), {agreement: HOLDS}),)\n"
    ),
}


@pytest.mark.parametrize("message", TWICE)
def test_what_is_said_twice_is_refused(message: str, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(HEAD.replace("class P", "class Other"), encoding="utf-8")
    file = tmp_path / "spec.py"
    file.write_text(HEAD + TWICE[message], encoding="utf-8")
    with pytest.raises(SpecUnreadable, match=message) as refused:
        load(str(file))
    assert refused.value.place is not None
    assert refused.value.next_step


def test_alternatives_and_parts_of_one_definition_are_not_twice(tmp_path: Path) -> None:
    file = tmp_path / "spec.py"
    text = (
        "import sys\nif sys.version_info > (3,):\n    def f(): ...\nelse:\n    def f(): ...\n"
        "class C:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, to): ...\n"
        "INSTANCES = (Instance('x', P(), asynchronous(), {agreement: VIOLATED}),\n"
        "             Instance('y', P(1), asynchronous(), {agreement: HOLDS}))\n"
    )
    file.write_text(HEAD + text, encoding="utf-8")
    assert [instance.name for instance in load(str(file)).instances] == ["x", "y"]
