"""The rows of a system: every question that was put to the author's functions, with its answer, to be put again.

A protocol is a table.  What can be told of its purity is whether the same question gets the same answer in another
interpreter, under another hash seed, and after other questions; so rows have names and answers that mean the same
everywhere.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import accumulate
from time import process_time
from typing import Any, NamedTuple

from flpcheck.authoring.events import Event, Gather
from flpcheck.authoring.process import Mail, PassiveLearner
from flpcheck.authoring.protocol import members
from flpcheck.authoring.rules import unwrapped
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.errors import Place, SpecError
from flpcheck.system.asker import Answer, Asker
from flpcheck.system.components import AnsweredQuestion, Component
from flpcheck.system.general import General
from flpcheck.system.interface import Configuration, System
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.rounds import InRounds


class Question(NamedTuple):
    """One question that was put.

    Parameters
    ----------
    what
        Which function was asked: `step of p0`.
    arguments
        What it was given, as a value that may stand in a configuration.
    answer
        What it answered, as such a value.
    again
        Puts the question once more and returns the answer.
    place
        Where the function is written.
    shown
        Makes a text of an answer.
    """

    what: str
    arguments: tuple[Any, ...]
    answer: Any
    again: Callable[[], Any]
    place: Place | None
    shown: Callable[[Any], str] = show

    @property
    def name(self) -> Key:
        """The identity of the question, the same in every interpreter."""
        return key((self.what, *self.arguments))

    @property
    def text(self) -> str:
        """The question as text."""
        return f"{self.what}, given {', '.join(map(show, self.arguments)) or 'nothing'}"


class QuestionTable(NamedTuple):
    """Questions to one kind of function, in the order in which they were put.

    Parameters
    ----------
    items
        What is kept of each question.
    question
        Makes the question of an item.
    """

    items: Sequence[Any]
    question: Callable[[Any], Question]


def tables(system: System) -> tuple[QuestionTable, ...]:
    """Return all questions that were put to a system's protocol, and whose answers it has kept."""
    start = QuestionTable([None], lambda _: _beginning(system))
    if isinstance(system, General):
        asked = system.asked_about()
        decided = asked if hasattr(system.protocol, "decisions") else []
        tables = QuestionTable(asked, partial(_successors, system)), QuestionTable(decided, partial(_decisions, system))
        return start, *tables
    if isinstance(system, InRounds):
        return start, *_tables_in_rounds(system)
    if isinstance(system, MessagePassing):
        return start, *_tables_of_steps(system)
    return ()


def _beginning(system: System) -> Question:
    def ask() -> Any:
        if isinstance(system, General):
            return tuple(system.protocol.initial())
        found = members(system.protocol)
        return tuple((member.name, getattr(member, "starts", ())) for member in found)

    what, first = ("initial", system.beginnings) if isinstance(system, General) else ("processes", ask())
    return Question(what, (), first, ask, place_of(getattr(type(system.protocol), what)))


def _successors(system: General, shared: Any) -> Question:
    def ask() -> Any:
        return tuple(_labelled(event, event.chance, after) for event, after in system.successors_of(shared))

    steps = system.situation(shared).steps or ()
    first = tuple(_labelled(step.event, step.chance, step.after.shared) for step in steps)
    return Question("successors", (shared,), first, ask, system.place)


def _decisions(system: General, shared: Any) -> Question:
    def ask() -> Any:
        return tuple(system.protocol.decisions(shared).items())

    return Question("decisions", (shared,), ask(), ask, place_of(type(system.protocol).decisions))


def _labelled(event: Event, chance: Fraction | None, after: Any) -> Any:
    return event.kind, event.process, event.sender, event.message, chance, after


def _tables_of_steps(system: MessagePassing) -> Iterator[QuestionTable]:
    parts, watch = system.parts, system.watch

    def step(row: AnsweredQuestion) -> Question:
        asker = parts.seats[row.owner].asker
        assert asker is not None
        arguments = (row.local, row.event, *([row.sender] if row.sender else []))
        ask = lambda: _content(asker.ask(row.local, row.event, row.sender, thorough=False))  # noqa: E731
        what, place = f"step of {parts.names[row.owner]}", asker.rulebook.place
        return Question(what, arguments, _content(row.answer), ask, place, _outcomes)

    def guard(asked: tuple[Asker, Any, Mail[Any], Sequence[Mail[Any]]]) -> Question:
        asker, local, mail, groups = asked
        ask = lambda: tuple(sorted(asker.groups(local, mail), key=key))  # noqa: E731
        place = _place(asker.process.gather)
        return Question(f"gather of {asker.process.name}", (local, mail), tuple(sorted(groups, key=key)), ask, place)

    def note(told: tuple[int, Any, Any, Any]) -> Question:
        index, before, about, after = told
        observer = watch.observers[index]
        ask = lambda: observer.step(before, about)  # noqa: E731
        return Question(f"observer {observer.name}", (before, about), after, ask, _place(observer.step))

    yield QuestionTable(tuple(parts.rows.values()), step)

    def learner(component: Component) -> Question:
        member = parts.seats[component.owner].member
        assert isinstance(member, PassiveLearner)
        mail = tuple(envelope.letter for envelope in component.mailbox)
        ask = lambda: tuple(sorted(member.learn(mail), key=key))  # noqa: E731
        return Question(f"learn of {member.name}", (mail,), component.decisions, ask, _place(member.learn))

    yield QuestionTable([c for c in parts.known() if parts.seats[c.owner].asker is None], learner)
    askers = [seat.asker for seat in parts.seats if seat.asker]
    yield QuestionTable([(asker, *asked) for asker in askers for asked in asker.guarded], guard)
    yield QuestionTable(watch.told_so_far(), note)


def _content(answer: Answer) -> Any:
    return tuple((o.state, o.sends, o.notes, o.chance) for o in answer.outcomes)


def _place(function: Any) -> Place | None:
    """Return where a function is written; from its code, because there are many questions to each."""
    code = getattr(unwrapped(function), "__code__", None)
    return place_of(function) if code is None else Place(code.co_filename, code.co_firstlineno)


def _outcomes(content: Any) -> str:
    if not content:
        return "DEFER"
    texts = (f"{show(state)}" + (f", sending {show(sends)}" if sends else "") for state, sends, *_ in content)
    return " or ".join(texts)


def _tables_in_rounds(system: InRounds) -> Iterator[QuestionTable]:
    parts = system.parts

    def sends(asked: tuple[int, Any, int, Any]) -> Question:
        owner, local, number, answer = asked
        asker = parts.askers[owner]
        ask = lambda: asker.sends(local, number)  # noqa: E731
        return Question(f"send of {parts.names[owner]}", (local, number), answer, ask, _place(asker.process.send))

    def receives(asked: tuple[int, Any, int, Any, Any]) -> Question:
        owner, local, number, heard, answer = asked
        asker = parts.askers[owner]
        ask = lambda: asker.receives(local, number, heard)  # noqa: E731
        place = _place(asker.process.receive)
        return Question(f"receive of {parts.names[owner]}", (local, number, heard), answer, ask, place)

    yield QuestionTable(parts.sent_so_far(), sends)
    yield QuestionTable(parts.heard_so_far(), receives)


def first_questions(system: System, most: int) -> Iterator[Question]:
    """Yield the questions that were put first, at most `most` of each kind."""
    for table in tables(system):
        yield from map(table.question, table.items[:most])


def sample(system: System, size: int) -> Iterator[Question]:
    """Yield some questions, always the same ones, the last one first."""
    known = tables(system)
    ends = list(accumulate(len(table.items) for table in known))
    for number in sorted(random.Random(0).sample(range(ends[-1]), min(size, ends[-1])), reverse=True):
        table = known[bisect_right(ends, number)]
        yield table.question(table.items[number - ends[bisect_right(ends, number)]])


def put_questions(system: System, *, backwards: bool, most: int, seconds: float) -> None:
    """Explore some configurations for the questions that they put.

    Parameters
    ----------
    system
        A plain system, with nothing asked yet.
    backwards
        Whether to put the questions in another order: the last configuration first, and in it the last component first.
    most, seconds
        How many configurations to expand, and how much processor time to take for it, at most.
    """
    end = process_time() + seconds
    waiting = deque(dict.fromkeys(initial.configuration for initial in system.initial()))
    seen = set(waiting)
    for _ in range(most):
        if not waiting or process_time() > end:
            return
        here = waiting.pop() if backwards else waiting.popleft()
        for after in _expanded(system, here, end, backwards=backwards):
            if after not in seen:
                seen.add(after)
                waiting.append(after)


def _expanded(system: System, here: Configuration, end: float, *, backwards: bool) -> list[Configuration]:
    """Return the successors of a configuration as far as time allows; a step that fails, fails the search as well."""
    found: list[Configuration] = []
    try:
        if backwards:
            _ask_last_first(system, here)
        for transition in system.transitions(here):
            found.append(transition.successor)
            if process_time() > end:
                break
    except SpecError:
        pass
    return found


def _ask_last_first(system: System, here: Configuration) -> None:
    """Put the questions of a configuration, those of the last component first, and of each the last event first."""
    if isinstance(system, InRounds):
        system.choices.last_first = True
        for part in reversed(here.parts):
            if part.running:
                system.parts.sends(part, max(here.number, 1))
    if isinstance(system, MessagePassing):
        for component in reversed(here.components):
            if not component.crashed and system.parts.seats[component.owner].asker is not None:
                _ask_component(system, component)
                for move in reversed(system.parts.moves(component)):
                    system.watch.told(here.observers, move.notes)


def _ask_component(system: MessagePassing, component: Component) -> None:
    parts = system.parts
    if component.moves is None:
        for group in reversed(parts.groups(component.owner, component.local, component.mailbox)):
            parts.answer(component.owner, component.local, Gather(group))
        for envelope in reversed(parts.mailing.receivable(component.mailbox)):
            parts.answer(component.owner, component.local, envelope.letter.message, envelope.letter.sender)
        for _, event in reversed(parts.own_events(parts.seats[component.owner])):
            parts.answer(component.owner, component.local, event)
