"""Is the protocol a function of its arguments?  Its first rows are asked for in other interpreters, in another order.

Four fresh interpreters with different hash seeds run beside the exploration and put the first questions, three of them
in another order.  A question that two of them have in common must have the same answer, and the one that this search
got.  A pass is remembered by the content of the user's modules.  Where no interpreter can be started on the protocol (a
notebook, a class inside a function), the verdict says so.  What depends on the environment, files or the network is not
found.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.set_order import suspicious_places
from flpcheck.authoring.values import key, shorten
from flpcheck.caches import home
from flpcheck.errors import NondeterministicStep, Place
from flpcheck.sources import PREFIX, user_modules
from flpcheck.system.interface import System
from flpcheck.system.rows import Question, first_questions, sample

SEEDS = (1, 2, 3, 4)
"""The hash seeds of the interpreters; the first one asks forwards, the others backwards."""
LOOK = 400
"""Number of configurations that each interpreter expands at most."""
SECONDS = 3.0
"""Processor time that each interpreter takes at most."""
PATIENCE = 60.0
"""Seconds that the end of a search waits for the interpreters at most."""
FIRST = 2000
"""Number of questions of each kind that are compared with what this search got, at most."""
AGAIN = 256
"""Number of questions that are put again at the end of a search."""
TWICE_ONLY = "asked twice only"
PROGRAM = """
import pickle, sys
question = pickle.load(sys.stdin.buffer)
sys.path[:] = question[0]
from flpcheck.other_seeds import main
main(*question[1:])
"""
RULE = 1
"""Version of this check: a pass of another version is not remembered."""
_passed: set[str] = set()
_process = {"is asked": False}
Table: TypeAlias = dict[str, "Told"]


class Told(NamedTuple):
    """An answer in one interpreter, with the texts that an error shows.

    Parameters
    ----------
    answer
        What it is compared by.
    question, text
        The question and the answer.
    file, line
        Where the function is written that answered.
    """

    answer: str
    question: str
    text: str
    file: str
    line: int


def told(questions: Iterable[Question]) -> Table:
    """Return the answers to some questions by the names of the questions, the same in every interpreter."""
    return {_digest(question.name): _told(question) for question in questions}


def _told(question: Question) -> Told:
    place = question.place or Place("?", 1)
    texts = shorten(question.text, 600), shorten(question.shown(question.answer), 600)
    return Told(_digest(key(question.answer)), *texts, place.file, place.line)


def _digest(name: Any) -> str:
    return hashlib.blake2b(repr(name).encode(), digest_size=16).hexdigest()


def enter() -> None:
    """Say that this process is one of the interpreters: whatever a spec explores on import starts no more of them."""
    _process["is asked"] = True


class Inquiry:
    """The other interpreters, beside an exploration.

    Parameters
    ----------
    protocol, world, inputs
        What is explored.

    Attributes
    ----------
    impossible
        Whether no interpreter could be started on it.
    """

    def __init__(self, protocol: Any, world: Any, inputs: Mapping[Any, Any]) -> None:
        self.children: list[subprocess.Popen[bytes]] = []
        self._answers: list[bytes] = []
        self._readers: list[Thread] = []
        self.name = _name(protocol)
        self.remembered = _process["is asked"] or _is_remembered(self.name)
        question = None if self.remembered else _question(protocol, world, inputs)
        self.impossible = question is None and not self.remembered
        for seed in SEEDS if question else ():
            self._start(seed, question or b"")

    def _start(self, seed: int, question: bytes) -> None:
        command = [sys.executable, "-P", "-c", PROGRAM]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            )
        except OSError:
            self.impossible = True
            return
        self.children.append(child)
        self._answers.append(b"")
        reader = Thread(target=self._read, args=(len(self.children) - 1, question), daemon=True)
        reader.start()
        self._readers.append(reader)

    def _read(self, number: int, question: bytes) -> None:
        self._answers[number] = self.children[number].communicate(question)[0]

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
        for reader in self._readers:
            reader.join()

    def finish(self, system: System, *, hurry: bool = False) -> str:
        """Compare what the interpreters were answered, and what this search was; put some questions again.

        Parameters
        ----------
        system
            The plain system, explored.
        hurry
            Whether not to wait for interpreters that are not done.

        Returns
        -------
        str
            How far purity was looked at, where that is less than usual; else empty.

        Raises
        ------
        NondeterministicStep
            If some question got two answers.
        """
        _ask_again(system)
        if self.remembered:
            return ""
        tables = [table for table in map(_table, self._collected(0.0 if hurry else PATIENCE)) if table]
        if tables:
            _compare([*tables, told(first_questions(system, FIRST))])
        if len(tables) < len(SEEDS):
            return TWICE_ONLY
        _remember(self.name)
        return ""

    def _collected(self, patience: float) -> list[bytes]:
        for reader in self._readers:
            reader.join(patience)
        return self._answers


def _question(protocol: Any, world: Any, inputs: Mapping[Any, Any]) -> bytes | None:
    """Return what an interpreter is asked; None if it could not find the protocol."""
    module = sys.modules.get(type(protocol).__module__)
    file = getattr(module, "__file__", None)
    if module is None or file is None or module.__name__ == "__main__" or not sys.executable:
        return None
    try:
        subject = pickle.dumps((protocol, world, dict(inputs)))
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    spec = str(Path(file).resolve()) if module.__name__.startswith(PREFIX) else ""
    return pickle.dumps((sys.path, spec, subject))


def _table(answer: bytes) -> Table:
    try:
        return {name: Told(*row) for name, row in json.loads(answer).items()}
    except ValueError:
        return {}


def _compare(tables: list[Table]) -> None:
    """Raise `NondeterministicStep` if two interpreters were answered differently."""
    known: Table = {}
    for table in tables:
        for name, row in table.items():
            first = known.setdefault(name, row)
            if first.answer != row.answer:
                raise _differs(first.question, first.text, row.text, Place(first.file, first.line), OTHERS)


OTHERS = "other interpreters, with other hash seeds and another order of questions"
LATER = "the same interpreter, after other questions"


def _differs(question: str, first: str, second: str, place: Place, where: str) -> NondeterministicStep:
    why = f"{question}\n       gave   {first}\n       and in {where}\n       gave   {second}"
    advice = "a step must depend on its arguments only: keep nothing between calls, and iterate over sorted(...) sets"
    near = [found for found in _suspects(place.file) if found.line >= place.line]
    if near:
        advice += f"; a set is walked through in no particular order at {near[0]}"
    what = "this step is nondeterministic: two calls with equal arguments gave different results"
    return NondeterministicStep(what, place=place if place.file != "?" else None, why=why, next_step=advice)


def _suspects(file: str) -> list[Place]:
    try:
        return suspicious_places(file)
    except (OSError, SyntaxError, ValueError):
        return []


def _ask_again(system: System) -> None:
    """Put some questions again, the last ones first.

    Raises
    ------
    NondeterministicStep
        If one of them gets another answer now.
    """
    for question in sample(system, AGAIN):
        now = question.again()
        if key(now) != key(question.answer):
            place = question.place or Place("?", 1)
            first, second = (shorten(question.shown(answer), 600) for answer in (question.answer, now))
            raise _differs(shorten(question.text, 600), first, second, place, LATER)


# What is remembered.


def _name(protocol: Any) -> str:
    """Return a name for a protocol with its parameters and everything that its behaviour may depend on; or nothing."""
    module = sys.modules.get(type(protocol).__module__)
    if module is None or getattr(module, "__file__", None) is None:
        return ""
    known = [RULE, platform.python_implementation(), platform.python_version(), _version()]
    return _digest([known, type(protocol).__qualname__, _parameters(protocol), list(user_modules(module).items())])


def _version() -> str:
    from flpcheck import __version__

    return __version__


def _parameters(protocol: Any) -> Any:
    try:
        return key(tuple(getattr(protocol, field.name) for field in dataclasses.fields(protocol)))
    except Exception:  # a parameter that is no value of ours: whatever its text says
        return repr(protocol)


def _is_remembered(name: str) -> bool:
    if name and name not in _passed:
        try:
            if (_folder() / name).exists():
                _passed.add(name)
        except OSError:
            return False
    return name in _passed


def _remember(name: str) -> None:
    if not name:
        return
    _passed.add(name)
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        (_folder() / name).touch()
    except OSError:
        return


def _folder() -> Path:
    return home() / "purity"
