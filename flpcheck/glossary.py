"""The terms of the field that flpcheck uses, each with its meaning and the paper that it comes from.

`docs/glossary.md` is generated from here; the explorer's tooltips and error messages refer to it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PAGE = "docs/glossary.md"
WIDTH = 240
"""Maximum number of characters of an entry: two lines."""


class Term(NamedTuple):
    """A term.

    Parameters
    ----------
    meaning
        One or two sentences.
    source
        The paper; empty for a term of flpcheck's own.
    """

    meaning: str
    source: str = ""

    def __str__(self) -> str:
        return f"{self.meaning} ({self.source})" if self.source else self.meaning


FLP = "Fischer, Lynch, Paterson 1985"
HERLIHY = "Herlihy 1991"
GADGETS = "Chandra, Hadzilacos, Toueg 1996"
GENERALS = "Lamport, Shostak, Pease 1982"
DETECTORS = "Chandra, Toueg 1996"
PARTIAL = "Dwork, Lynch, Stockmeyer 1988"

TERMS: dict[str, Term] = {
    "admissible": Term(
        "Of a run: at most the allowed number of processes is faulty, and every other process steps for ever and "
        "receives every message sent to it.",
        f"{FLP}, section 2",
    ),
    "adversary": Term(
        "Whatever the protocol does not control: the order of events and, as far as the world allows, crashes, losses "
        "and lies.",
        FLP,
    ),
    "ballot": Term("A numbered attempt to have a value chosen; a term, view or epoch elsewhere.", "Lamport 1998"),
    "bivalent": Term(
        "Of a configuration: two different decisions, at least, can still be reached from it.", f"{FLP}, section 3"
    ),
    "blocks": Term(
        "Of a protocol: it can reach a configuration from which, with the crashes allowed, no process can ever decide.",
        f"Skeen 1981; {FLP}",
    ),
    "bound": Term(
        "A limit of the search: configurations, depth, time or memory. What it cuts off is unknown, so a verdict that "
        "needs it is INCOMPLETE."
    ),
    "busy period": Term(
        "A part of a run throughout which some process can start, or receive something that changes anything."
    ),
    "Byzantine": Term(
        "Of a process: it may send anything to any process at any time, or nothing; signatures limit what it can "
        "forge.",
        GENERALS,
    ),
    "certificate": Term(
        "A statement together with the number of processes that have signed it, whichever these are.",
        "Castro, Liskov 1999",
    ),
    "component": Term("The local state and the mailbox of one process."),
    "configuration": Term(
        "The local states of all processes and the messages in flight, with whatever the world itself keeps track of.",
        f"{FLP}, section 2",
    ),
    "consensus number": Term(
        "Of a shared object: the largest number of processes for which objects of its kind and registers solve "
        "consensus, whatever the number of crashes.",
        HERLIHY,
    ),
    "constant": Term(
        "Of a model: a parameter that makes it finite, such as a number of ballots. Verdicts are labelled `within` it.",
        "Lamport 2002",
    ),
    "corner": Term(
        "Events of two different processes that lead from one configuration to opposite univalent ones.",
        f"after {GADGETS}",
    ),
    "correct": Term("Of a process: not faulty."),
    "counterexample": Term("A schedule that violates a property; it is replayed before it is shown."),
    "crash point": Term(
        "Where in a step a crash may fall: `between` steps, or after a part of the step: `cut`, `write-first`, `torn`, "
        "`send-first`."
    ),
    "critical": Term(
        "Of a configuration: bivalent, and every step of any process makes it univalent.", f"{FLP}, Lemma 3"
    ),
    "dead letter": Term(
        "A message that its receiver ignores in every local state that it can still reach; `--reduce dead-letters` "
        "drops it.",
        "Bozga, Fernandez, Ghirvu 1999",
    ),
    "deciders": Term(
        "The processes that can decide: their local state has a field `decision`. Termination requires a decision of "
        "each correct one, except with `decides=False`.",
        f"{FLP}, section 2",
    ),
    "decision": Term("The write-once output of a process.", f"{FLP}, section 2"),
    "depth": Term("The number of events on a shortest path from an initial configuration."),
    "disagrees": Term("Of a protocol: two different values can be decided in one run.", FLP),
    "elided": Term(
        "Of crashes: no events of the graph. A crashed process is then one that never steps again, which gives smaller "
        "graphs and the same verdicts.",
        FLP,
    ),
    "equal states": Term(
        "Local states of a process that neither a run nor a property tells apart; `--reduce equal-states` merges them.",
        "Graf, Steffen, Lüttgen 1996",
    ),
    "event": Term(
        "An indivisible step of a run: a process starts, receives, gathers or times out, or the world crashes a "
        "process, loses a message and the like.",
        f"{FLP}, section 2",
    ),
    "failure detector": Term(
        "An oracle that tells processes which ones to suspect (P, S, diamond-P, diamond-S) or to trust (omega), and "
        "may be wrong.",
        DETECTORS,
    ),
    "fair cycle": Term(
        "A set of configurations, each reachable from every other one, in which a fair run can stay for ever."
    ),
    "fair run": Term(
        "A run in which every correct process steps for ever and receives every message sent to it.",
        f"`admissible` in {FLP}",
    ),
    "faulty": Term("Of a process: it crashes for good, is Byzantine, or may omit messages.", "Lynch 1996"),
    "fork": Term("Two events of one process that lead from one configuration to opposite univalent ones.", GADGETS),
    "frontier": Term("The configurations that were found but not yet expanded, or left so by a bound."),
    "gather": Term(
        "To receive several messages in one step. The guard yields the groups that may be received; a group that it "
        "yields from a mailbox it must also yield from the group alone."
    ),
    "general protocol": Term(
        "A protocol given by `initial` and by actions on whole configurations; one in shared memory is an example."
    ),
    "GST": Term(
        "Global stabilisation time: unknown to the processes; from then on messages, or timers, are reliable.", PARTIAL
    ),
    "HOLDS": Term("The search was complete and found no violation."),
    "hook": Term(
        "An event of a process that leads to one value now, and to the other one after another event of the same "
        "process.",
        GADGETS,
    ),
    "horn": Term(
        "A way in which, by the theorem, a protocol must fail: it disagrees, is trivial, blocks, or has an undecided "
        "lasso.",
        FLP,
    ),
    "INCOMPLETE": Term(
        "A bound cut the search, or an assumption of the world cannot hold, before the question was settled: nothing "
        "is proved."
    ),
    "instance": Term("A protocol with its parameters in a world, with what is expected of it."),
    "kernel": Term("The compiled engine for large models; it finds what the reference engine finds."),
    "lasso": Term("An infinite run as a finite stem and a loop that repeats for ever.", "Vardi, Wolper 1986"),
    "leads to": Term(
        "A property of runs: whenever the one predicate is true, the other is true at that time or later.",
        "Owicki, Lamport 1982",
    ),
    "linearizable": Term(
        "Of a history: each operation seems to take effect at one point between its invocation and its response.",
        "Herlihy, Wing 1990",
    ),
    "mailbox": Term("The messages sent to a process that it has not received yet.", f"message buffer in {FLP}"),
    "observer": Term(
        "An automaton that the notes of processes feed; it remembers for properties what configurations do not.",
        "history variable in Abadi, Lamport 1991",
    ),
    "omission": Term("A faulty process fails to send or to receive some messages.", "Perry, Toueg 1986"),
    "outside": Term(
        "Of a protocol: the theorem does not apply to it, because the world, or the protocol, does not meet its "
        "assumptions.",
        FLP,
    ),
    "passive learner": Term(
        "A process without steps, whose decisions are computed from its mailbox.", "learner in Lamport 1998"
    ),
    "pivot": Term("The process whose next step settles the outcome, at a fork or hook.", GADGETS),
    "predicate": Term(
        "Of communication: what is guaranteed in each round about which processes hear which.",
        "Charron-Bost, Schiper 2009",
    ),
    "quorum": Term(
        "A set of processes that is enough to act; usually any two quorums have a member in common.", "Gifford 1979"
    ),
    "quotient": Term(
        "A graph whose configurations stand for all those that differ only in what a declared reduction ignores: "
        "names, ballot numbers, stale mail.",
        "Ip, Dill 1996",
    ),
    "recovery": Term("A crashed process runs again, with its stable fields and the defaults of the others."),
    "reference engine": Term("The search in plain Python, which defines what is found."),
    "refinement": Term(
        "A mapping of configurations under which each step is a step of another protocol, or changes nothing there.",
        "Abadi, Lamport 1991",
    ),
    "run": Term("A schedule from an initial configuration, finite or infinite.", f"{FLP}, section 2"),
    "rushing": Term("Of liars in rounds: they see what they are sent in a round before they send in it."),
    "schedule": Term("A sequence of events, each applicable where its turn comes.", f"{FLP}, section 2"),
    "send-first": Term(
        "Crash points of a process that sends before it stores: a crash may leave the old stable fields and any "
        "subset of the messages."
    ),
    "stable": Term("Of a field of a state: it survives a crash.", "Lampson, Sturgis 1979"),
    "stale mail": Term("Messages that can no longer change anything, which a reduction therefore drops."),
    "stubborn set": Term(
        "Events of a configuration that are enough to expand, because all others can wait; `--reduce stubborn` expands "
        "no others.",
        "Valmari 1990",
    ),
    "torn": Term(
        "Crash points like `write-first`, except that a crash may also leave only some of the stable fields that the "
        "step changes, and no message."
    ),
    "transition": Term("An event, with one outcome of its step, from a configuration to a different one."),
    "trivial": Term("Of a protocol: only one value can ever be decided.", FLP),
    "twins": Term(
        "A process that runs twice under one name: a simple kind of Byzantine behaviour.", "Bano and others 2021"
    ),
    "undecided_lasso": Term("Of a protocol: it has a fair run that goes on for ever without a decision.", FLP),
    "univalent": Term("Of a configuration: exactly one decision can still be reached from it.", f"{FLP}, section 3"),
    "vacuity": Term(
        "A property holds only because the protocol never does what the property is about.",
        "Beer, Ben-David, Eisner, Rodeh 1997",
    ),
    "valence": Term("The set of decisions that can still be reached from a configuration.", f"{FLP}, section 3"),
    "VIOLATED": Term(
        "The property is false, whatever a bound may have cut off; a schedule shows it, where there is one."
    ),
    "wait-free": Term(
        "Of a protocol: every process that keeps taking steps is done after finitely many of them, whatever the "
        "others do.",
        HERLIHY,
    ),
    "witness": Term("A schedule that shows that something which should be possible is."),
    "world": Term("What surrounds a protocol: network, timing, failures, timers and failure detectors."),
    "write-first": Term(
        "Crash points of a process that stores before it sends: a crash leaves nothing of the step, or all its writes "
        "and any subset of its messages.",
        "Ongaro, Ousterhout 2014",
    ),
}
"""The terms by name, in alphabetical order."""


OCCURRENCES = {
    "configuration": r"\bconfigurations?\b",
    "bivalent": r"\bbivalent\b",
    "univalent": r"\b(?!bi|uni)\w+-valent\b|\bunivalent\b",
    "critical": r"[1-9][\d,]* critical\b",
    "disagrees": r"\bdisagrees\b|[1-9][\d,]* disagreeing\b",
    "blocks": r"\bblocks\b",
    "undecided_lasso": r"\bundecided_lasso\b",
    "outside": r"\boutside\b",
    "trivial": r"\btrivial\b",
    "elided": r"\(elided\)",
    "failure detector": r"\bfailure detector\b",
    "GST": r"\bGST\b",
    "Byzantine": r"\bByzantine\b",
    "omission": r"\bomi(?:ts|ssion)\b",
    "torn": r"\btorn\b",
    "write-first": r"\bwrite-first\b",
    "INCOMPLETE": r"\bINCOMPLETE\b",
}
"""Terms that commands explain where their output contains them, each with how it occurs there."""


def terms_in(text: str) -> dict[str, str]:
    """Return the terms to explain in an output, in the order in which they occur, each with its first sentence.

    Examples
    --------
    >>> terms_in("0 disagreeing, 3 bivalent, up to 1 crash (elided)")["bivalent"]
    'Of a configuration: two different decisions, at least, can still be reached from it.'
    >>> list(terms_in("0 disagreeing, 3 bivalent, up to 1 crash (elided)"))
    ['bivalent', 'elided']
    """
    places = {name: found.start() for name, form in OCCURRENCES.items() if (found := re.search(form, text))}
    first = {name: TERMS[name].meaning.partition(". ")[0].rstrip(".") for name in places}
    return {name: f"{first[name]}." for name in sorted(places, key=places.__getitem__)}


def see(*names: str) -> str:
    """Return the reference to some terms that ends an error message.

    Examples
    --------
    >>> see("torn", "write-first")
    "see 'torn' and 'write-first' in docs/glossary.md"
    """
    assert TERMS.keys() >= {*names}, names
    return f"see {' and '.join(map(repr, names))} in {PAGE}"


def meanings(*names: str) -> dict[str, str]:
    """Return some terms with their meanings and sources, as texts."""
    return {name: str(TERMS[name]) for name in names}
