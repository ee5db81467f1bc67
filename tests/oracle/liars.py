"""What liars can say, for the naive enumerator: the least fixpoint in plain sets, one search after the other.

For each choice B of liars, the least set of messages that holds (a) what correct processes send, to any process, in the
rows that come up, and what they have sent at the start, (b) what a liar's own code sends that starts
anyhow and receives any of the set from any other process, and what it sends itself, and (c) what `lies` lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from flpcheck.authoring.events import Gather, Letter, Recovered, Start, Timeout
from flpcheck.authoring.step import At
from oracle.mail import receivable, thaw
from oracle.steps import names_event, takes

Crowd = frozenset[str]


def with_liars(model: Any, limit: int, search: Callable[[Any, int], Any]) -> Any:
    """Search again and again until no process is heard to say anything new."""
    crowds = (frozenset(model.names[i] for i in bad) for bad in model.named_or_any(model.failures.byzantine))
    model.alphabet = {crowd: listed(model, crowd) for crowd in crowds if crowd}
    if model.failures.lies == "only":
        return search(model, limit)
    while True:
        for crowd in model.alphabet:
            close(model, crowd)
        graph = search(model, limit)
        before = {crowd: set(said) for crowd, said in model.alphabet.items()}
        for now in graph.depth:
            if now.faulty:
                model.alphabet[now.faulty] |= heard(model, now)
        if model.alphabet == before:
            return graph


def listed(model: Any, crowd: Crowd) -> set[Any]:
    lies = getattr(model.protocol, "lies", lambda _: ())
    found = {message for liar in crowd for message in lies(liar)}
    for member in model.members if model.failures.lies == "spoken" else ():
        if hasattr(member, "sent"):
            found |= {message for _, message in model.effects(member.sent, At(member.name, None, model.names))[0]}
    return found


def close(model: Any, crowd: Crowd) -> None:
    """Add what the liars' own code would say."""
    said = model.alphabet[crowd]
    before = -1
    while before != len(said):
        before = len(said)
        for liar in crowd:
            said |= own_code(model, model.names.index(liar), said)


def own_code(model: Any, i: int, said: set[Any]) -> set[Any]:
    """Return what a process could send that receives anything, from the beginning, over and over."""
    states = {state for _, state in model.members[i].starts}
    torn: set[Any] = set()
    sends: set[tuple[str, Any]] = set()
    others = [name for j, name in enumerate(model.names) if j != i and not model.learns(j)]
    asked: set[Any] = set()  # steps are functions, so what was asked once says nothing new
    while True:
        before = len(states), len(torn), len(sends)
        mine = {message for to, message in sends if to == model.names[i]}
        letters = [(sender, message) for sender in others for message in said]
        letters += [(model.names[i], message) for message in mine]
        steps = [(state, *answer) for state in states for answer in answers(model, i, state, letters, asked)]
        steps += [(state, *answer) for state in states | torn for answer in restarts(model, i, state)]
        for state, later, sent in steps:
            states.add(later)
            sends |= set(sent)
            torn |= set(model.torn(i, state, later) if may_return(model, i) else ())
        if before == (len(states), len(torn), len(sends)):
            return {message for _, message in sends}


def answers(model: Any, i: int, state: Any, letters: list[Any], asked: set[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield where the code goes from a state that receives any of these letters, or some at once, and what it sends."""
    heard = [letter for letter in letters if takes(model.members[i].step, type(letter[1]))]
    together = [(None, Gather(group)) for group in groups(model, i, state, letters)]
    for sender, event in [*((None, event) for event in own_events(model, i)), *heard, *together]:
        if (state, sender, event) not in asked:
            asked.add((state, sender, event))
            yield from ((outcome.state, outcome.sends) for _, outcome in model.ask(i, state, event, sender))


def groups(model: Any, i: int, state: Any, letters: list[Any]) -> list[Any]:
    """Return the groups that a guard accepts of these letters."""
    guard, mail = model.members[i].gather, tuple(Letter(*letter) for letter in letters)
    return list(guard(At(model.names[i], None, model.names), state, mail)) if guard and mail else []


def restarts(model: Any, i: int, state: Any) -> list[tuple[Any, Any]]:
    """Return how a liar's code might come back from a crash, where processes that may crash do so."""
    if not may_return(model, i):
        return []
    back = model.stable(i, state)
    if not names_event(model.members[i].step, Recovered):
        return [(back, ())]
    return [(outcome.state, outcome.sends) for _, outcome in model.ask(i, back, Recovered(), None)]


def may_return(model: Any, i: int) -> bool:
    return bool(model.failures.recoveries) and i in model.crashable


def own_events(model: Any, i: int) -> list[Any]:
    return [event for event in (Start(), Timeout()) if type(event) in model.own[i]]


def heard(model: Any, now: Any) -> set[Any]:
    """Return what correct processes send in any row that comes up in a configuration, whether it can happen or not."""
    found = set()
    for i, held in enumerate(now.locals):
        if held[0] == "live":
            for sender, event in questions(model, now, i):
                found |= {message for _, o in model.ask(i, held[1], event, sender) for _, message in o.sends}
        elif held[0] == "crashed" and held[3] is not None and names_event(model.members[i].step, Recovered):
            found |= {message for _, o in model.ask(i, held[3], Recovered(), None) for _, message in o.sends}
    return found


def questions(model: Any, now: Any, i: int) -> Iterator[tuple[str | None, Any]]:
    yield from ((None, event) for event in own_events(model, i))
    yield from receivable(model.kind, now.mail[i])
    for group in model.groups(i, now.locals[i][1], now.mail[i]):
        yield None, Gather(tuple(Letter(*letter) for letter in group))
    lies = [(b, m) for b in now.faulty if model.connected(b, model.names[i]) for m in model.alphabet[now.faulty]]
    for group in groups(model, i, now.locals[i][1], [*thaw(model.kind, now.mail[i]), *lies]):
        mail = Counter(letter for letter in map(tuple, group) if letter[0] not in now.faulty)
        if model.reachable(mail, thaw(model.kind, now.mail[i])):
            yield None, Gather(tuple(group))
    for liar in now.faulty:
        if model.connected(liar, model.names[i]):
            yield from ((liar, m) for m in model.alphabet[now.faulty] if takes(model.members[i].step, type(m)))
