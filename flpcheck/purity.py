"""Is the protocol a function of its arguments?  Other interpreters compute its first rows in another order.

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
import pickle
import platform
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from flpcheck.authoring.set_order import suspicious_places
from flpcheck.authoring.values import key, shorten
from flpcheck.caches import home
from flpcheck.errors import NondeterministicStep, Place
from flpcheck.interpreters import Interpreter, borrowed, question_of, returned
from flpcheck.sources import PREFIX, user_modules
from flpcheck.stops import StopReason
from flpcheck.system.interface import System
from flpcheck.system.rows import Question, first_questions, sample

if TYPE_CHECKING:
    from flpcheck.explore.bounds import Cut

SEEDS = (1, 2, 3, 4)
"""The hash seeds of the interpreters; the first one asks forwards, the others backwards."""
LOOK = 400
"""Maximum number of configurations that each interpreter expands."""
SECONDS = 1.0
"""Processor time limit for each interpreter, in seconds."""
PATIENCE = 60.0
"""Time limit for the end of a search to wait for the interpreters, in seconds."""
FIRST = 2000
"""Maximum number of questions of each kind that are compared with what this search got."""
AGAIN = 256
"""Number of questions that are put again at the end of a search."""
TWICE_ONLY = "not compared with other interpreters"
RULE = 1
"""Version of this check: a pass of another version is not remembered."""
_passed: set[str] = set()
_process = {"is asked": False}
AnswerTable: TypeAlias = dict[str, "InterpreterAnswer"]


class InterpreterAnswer(NamedTuple):
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


def answers_by_question(questions: Iterable[Question]) -> AnswerTable:
    """Return the answers to some questions by the names of the questions, the same in every interpreter."""
    return {_digest(question.name): _answer_of(question) for question in questions}


def _answer_of(question: Question) -> InterpreterAnswer:
    place = question.place or Place("?", 1)
    texts = shorten(question.text, 600), shorten(question.shown(question.answer), 600)
    return InterpreterAnswer(_digest(key(question.answer)), *texts, place.file, place.line)


def _digest(name: Any) -> str:
    return hashlib.blake2b(repr(name).encode(), digest_size=16).hexdigest()


def mark_interpreter() -> None:
    """Say that this process is one of the interpreters: whatever a spec explores on import starts no more of them."""
    _process["is asked"] = True


class Inquiry:
    """The other interpreters, beside an exploration.

    Parameters
    ----------
    protocol, world, inputs
        The system explored.
    """

    def __init__(self, protocol: Any, world: Any, inputs: Mapping[Any, Any]) -> None:
        self._asked: list[Interpreter] = []
        self.name = _name(protocol, world)
        self.remembered = _process["is asked"] or _is_remembered(self.name)
        question = None if self.remembered else _question(protocol, world, inputs)
        with suppress(OSError):  # no interpreter, no answer
            for seed in SEEDS if question is not None else ():
                self._asked.append(borrowed(seed))
                self._asked[-1].ask(question or b"")

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(self, *_: object) -> None:
        for interpreter in self._asked:
            interpreter.end()

    def finish(self, system: System, patience: float = PATIENCE) -> str:
        """Compare what the interpreters were answered, and what this search was; put some questions again.

        Parameters
        ----------
        system
            The plain system, explored.
        patience
            For how many seconds to wait for interpreters that are not done.

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
        tables = [table for table in map(_table, self._answers(patience)) if table]
        if tables:
            _compare([*tables, answers_by_question(first_questions(system, FIRST))])
        if len(tables) < len(SEEDS):
            return TWICE_ONLY
        _remember(self.name)
        return ""

    def _answers(self, patience: float) -> list[bytes]:
        """Return what the interpreters say in time; those that are done are kept for the next question."""
        end, found = monotonic() + patience, list[bytes]()
        for interpreter in tuple(self._asked):
            answer = interpreter.answer(max(end - monotonic(), 0.0))
            found.append(answer or b"")
            if answer is not None:
                self._asked.remove(interpreter)
                returned(interpreter)
        return found


def patience_of(cut: Cut | None, left: float) -> float:
    """Return for how many seconds a search that was cut thus, with `left` seconds left, waits for the interpreters."""
    if cut is not None and cut.bound is StopReason.INTERRUPTED:
        return 0.0
    return min(PATIENCE, left / 2)


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
    return question_of(str(Path(file).resolve()) if module.__name__.startswith(PREFIX) else "", subject)


def _table(answer: bytes) -> AnswerTable:
    try:
        return {name: InterpreterAnswer(*row) for name, row in json.loads(answer).items()}
    except ValueError:
        return {}


def _compare(tables: list[AnswerTable]) -> None:
    """Raise `NondeterministicStep` if two interpreters were answered differently."""
    known: AnswerTable = {}
    for table in tables:
        for name, row in table.items():
            first = known.setdefault(name, row)
            if first.answer != row.answer:
                raise _differs(first.question, first.text, row.text, Place(first.file, first.line), OTHERS)


OTHERS = "other interpreters, with different hash seeds and calls in a different order"
SUBJECTS = {
    "gather": "this guard",
    "send": "this send",
    "receive": "this receive",
    "observer": "this observer",
    "learn": "this passive learner",
    "successors,": "successors()",
    "decisions,": "decisions()",
    "processes,": "processes()",
    "initial,": "initial()",
}
"""The function called, by the first word of a question's text."""
LATER = "the same interpreter, after other calls"


def _differs(question: str, first: str, second: str, place: Place, where: str) -> NondeterministicStep:
    details = f"gave   {first}", f"and in {where}", f"gave   {second}"
    advice = "a step must depend on its arguments only: keep no state between calls, and iterate over sorted(...) sets"
    near = [found for found in _suspects(place.file) if found.line >= place.line]
    if near:
        advice += f"; the set iterated over at {near[0]} has no fixed order"
    asked = SUBJECTS.get(question.split(maxsplit=1)[0], "this step")
    return NondeterministicStep(
        f"{asked} is nondeterministic: two calls with equal arguments gave different results",
        place=place if place.file != "?" else None,
        why=question,
        details=details,
        next_step=advice,
    )


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


def _name(protocol: Any, world: Any) -> str:
    """Return a name for a protocol with its parameters and everything that its behaviour may depend on; or nothing.

    Of the world it holds what decides which kinds of questions are put: rows that were never asked have passed nothing.
    """
    module = sys.modules.get(type(protocol).__module__)
    if module is None or getattr(module, "__file__", None) is None:
        return ""
    version = vars(sys.modules["flpcheck"]).get("__version__")
    known = [RULE, platform.python_implementation(), platform.python_version(), version]
    parameters, modules = _parameters(protocol), list(user_modules(module).items())
    return _digest([known, type(protocol).__qualname__, parameters, _kinds_of_questions(world), modules])


def _kinds_of_questions(world: Any) -> list[Any]:
    failures, rounds = world.failures, world.rounds
    lies = failures.byzantine or failures.twins or (rounds is not None and rounds.faulty)
    return [world.oracle.kind, rounds is not None, failures.recoveries != 0, bool(lies)]


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
