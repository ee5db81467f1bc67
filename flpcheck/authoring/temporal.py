"""Temporal properties: what must happen in every fair run, as values made of predicates over configurations.

A predicate is a function of a `View` (of a general protocol, of its configuration), as for `invariant`, or an invariant
or `sometimes` property itself; inside of `for_each` it is a function of the view and a process.  The world says what
is fair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, lowered
from flpcheck.authoring.values import place_of
from flpcheck.errors import BadProperty

TEMPORAL = "temporal"
"""The kind of these properties."""
Predicate: TypeAlias = Callable[..., bool]

EVENTUALLY = "eventually"
LEADS_TO = "leads_to"
ALWAYS_EVENTUALLY = "always_eventually"
EVENTUALLY_ALWAYS = "eventually_always"
UNTIL = "until"
POSSIBLE = "possible_from_everywhere"

SENTENCES = {
    EVENTUALLY: "'{p}' becomes true",
    LEADS_TO: "whenever '{p}' is true, '{q}' is true then or later",
    ALWAYS_EVENTUALLY: "'{p}' is true again and again",
    EVENTUALLY_ALWAYS: "'{p}' is true from some time on",
    UNTIL: "'{p}' is true until '{q}' is, and '{q}' becomes true",
    POSSIBLE: "'{p}' can become true from wherever a run has come",
}
"""Claims of the operators about a run."""


@dataclass(frozen=True)
class Temporal(Property):
    """A property of runs; `predicate` is its first predicate.

    Parameters
    ----------
    operator
        The name of the function that makes it.
    then
        The second predicate, of `leads_to` and `until`.
    each
        Whether it is claimed for each process.
    among
        The processes for which it is; all if empty.
    """

    operator: str = EVENTUALLY
    then: Predicate | None = None
    each: bool = False
    among: tuple[Pid, ...] = ()

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """The author's functions."""
        return tuple(predicate for predicate in (self.predicate, self.then) if predicate is not None)


def phrase(predicate: Predicate) -> str:
    """Return what a predicate says: the first line of its docstring, or its name.

    Examples
    --------
    >>> def some_leader(view):
    ...     '''Some server is the leader.'''
    >>> phrase(some_leader)
    'some server is the leader'
    """
    doc = (predicate.__doc__ or "").strip().splitlines()
    return lowered(doc[0].rstrip(".") if doc else _name(predicate).replace("_", " "))


def eventually(p: Predicate, *, name: str = "") -> Temporal:
    """Claim that in every fair run `p` is true at some time.

    Examples
    --------
    >>> @eventually
    ... def all_decide(view):
    ...     '''Every process has decided.'''
    ...     return len(view.outputs) == 3
    >>> all_decide.statement
    "in every fair run, 'every process has decided' becomes true"
    """
    return _temporal(EVENTUALLY, p, None, name)


def leads_to(p: Predicate, q: Predicate, *, name: str = "") -> Temporal:
    """Claim that in every fair run, whenever `p` is true, `q` is true at that time or later.

    Examples
    --------
    >>> def asked(view): return True
    >>> def answered(view): return True
    >>> leads_to(asked, answered).name
    'asked_leads_to_answered'
    """
    return _temporal(LEADS_TO, p, q, name or f"{_name(p)}_leads_to_{_name(q)}")


def always_eventually(p: Predicate, *, name: str = "") -> Temporal:
    """Claim that in every fair run `p` is true infinitely often; in a run that comes to rest, at its end."""
    return _temporal(ALWAYS_EVENTUALLY, p, None, name)


def eventually_always(p: Predicate, *, name: str = "") -> Temporal:
    """Claim that in every fair run `p` is true from some time on for ever."""
    return _temporal(EVENTUALLY_ALWAYS, p, None, name)


def until(p: Predicate, q: Predicate, *, name: str = "") -> Temporal:
    """Claim that in every fair run `q` is true at some time, and `p` at all times before."""
    return _temporal(UNTIL, p, q, name or f"{_name(p)}_until_{_name(q)}")


def possible_from_everywhere(p: Predicate, *, name: str = "") -> Temporal:
    """Claim that from every reachable configuration some schedule leads to one where `p` is true.

    That needs no fairness: no run has to go there.  Where crashes are elided, the processes that may be faulty can
    fall silent first.
    """
    return _temporal(POSSIBLE, p, None, name)


def for_each(claim: Temporal, *, among: tuple[Pid, ...] = (), name: str = "") -> Temporal:
    """Claim a temporal property for each process that is correct in the run; its predicates take (view, process).

    A predicate is not asked about a process that is down: it then counts as false, and a process that does not stay up
    in the end is owed nothing.

    Parameters
    ----------
    claim
        What is claimed for each of them.
    among
        The processes; all that have a local state if empty.
    name
        How options and reports call it; as the inner claim if empty.

    Examples
    --------
    >>> def waits(view, pid): return view[pid].waits
    >>> def served(view, pid): return view[pid].served
    >>> for_each(leads_to(waits, served)).statement
    "for each process that is correct in a fair run, whenever 'waits' is true, 'served' is true then or later"
    """
    if not isinstance(claim, Temporal) or claim.each:
        advice = "write for_each(leads_to(p, q)), with predicates p(view, pid) and q(view, pid)"
        raise BadProperty("for_each() needs one temporal property of runs", next_step=advice)
    who = " or ".join(among) if among else "each process"
    statement = f"for {who} that is correct in a fair run, {_sentence(claim)}"
    made = replace(claim, name=name or claim.name, statement=statement, each=True, among=among)
    refuse_nameless(made)
    return made


def refuse_nameless(claim: Temporal) -> None:
    """Raise `BadProperty` if a property has no name that options and reports could call it by.

    It is asked late, since `for_each` may still give a name to a property of lambdas.
    """
    if "<lambda>" in claim.name:
        what = f"{claim.operator}() of a function without a name"
        raise BadProperty(what, place=claim.place, next_step='define it with def, or add name="..."')
    if not claim.name.isidentifier():
        what = f"{claim.operator}() cannot be called {claim.name!r}"
        raise BadProperty(what, place=claim.place, next_step="name it with letters, digits and _, as in a program")


def _temporal(operator: str, p: Predicate, q: Predicate | None, name: str) -> Temporal:
    chosen = name or (f"{operator}_{p.name}" if isinstance(p, Property) else _name(p))
    made = Temporal(chosen, "", _plain(p), TEMPORAL, place_of(_plain(p)), operator, None if q is None else _plain(q))
    everywhere = "" if operator == POSSIBLE else "in every fair run, "
    return replace(made, statement=f"{everywhere}{_sentence(made)}")


def _plain(predicate: Predicate) -> Predicate:
    """Return the function of a property about single configurations, or the function itself."""
    return predicate.predicate or predicate if isinstance(predicate, Property) else predicate


def _sentence(claim: Temporal) -> str:
    words = {name: phrase(predicate) for name, predicate in zip("pq", claim.predicates, strict=False)}
    return SENTENCES[claim.operator].format(**words)


def _name(predicate: Predicate) -> str:
    return predicate.name if isinstance(predicate, Property) else getattr(predicate, "__name__", "?")
