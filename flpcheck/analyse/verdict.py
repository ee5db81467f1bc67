"""On which horn of the FLP theorem a protocol ends.

Fischer, Lynch, Paterson (1985), Theorem 1: a deterministic asynchronous protocol that tolerates one crash cannot keep
agreement and non-triviality and always decide. So it disagrees, is trivial, blocks, or has an admissible run that
stays undecided; several can hold. Loui and Abu-Amara (1987) have shown the same of shared registers. A weaker adversary
is `outside` the theorem, and so is a protocol that escapes because its steps do not commute (objects stronger than
registers); a cut search without a horn is `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.lemmas import Commutation, commutation
from flpcheck.analyse.live.search import FairComponent
from flpcheck.analyse.sweep import backward, bits
from flpcheck.analyse.theorem.lemma3 import Preservation, preservation
from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import Key, key
from flpcheck.budget import looking
from flpcheck.errors import InternalError
from flpcheck.explore.graph import StateGraph
from flpcheck.system import System
from flpcheck.system.questions import Memory
from flpcheck.world import World

BINARY = 2
QUICK = 5_000
"""Maximum number of possibly bivalent configurations for which Lemma 3 is part of the summary."""


@dataclass(frozen=True)
class FlpVerdict:
    """The verdict, in the words of the theorem.

    Parameters
    ----------
    verdicts
        Some of `disagrees`, `trivial`, `blocks`, `undecided_lasso`; or `outside`, or `unknown`.
    because
        One sentence.
    bivalent_initial
        Whether some initial configuration is bivalent.
    lemma1
        Whether events of different processes commute; None in rounds, where no process steps alone.
    lemma3
        Whether bivalence is preserved; None in rounds, and where that takes longer than a summary should.
    """

    verdicts: tuple[str, ...]
    because: str
    bivalent_initial: bool
    lemma1: Commutation | None
    lemma3: Preservation | None

    @classmethod
    def unknown(cls) -> FlpVerdict:
        """Return the verdict where the budget of the run was used up before there was one."""
        return cls(
            ("unknown",), "the run ended before there was a verdict", bivalent_initial=False, lemma1=None, lemma3=None
        )


def flp_verdict(case: Case) -> FlpVerdict | None:
    """Return on which horn of the theorem a protocol ends; None unless it decides between two values.

    None on a quotient by symmetries as well: the theorem is about processes, and there they change their names.

    Cost: what valence and termination cost, which are shared with the properties.
    """
    domain = _domain(case)
    if not case.graph.deciding or len(domain) != BINARY or case.graph.system.symmetry is not None:
        return None
    bivalent = bool(case.valence.bivalent[list(case.graph.roots)].any())
    lemma1 = None if case.graph.system.in_rounds else commutation(case.graph)
    found = _horns(case)
    outside = " and ".join(filter(None, [_outside(case.graph.system.world, bool(found)), _coins(case.graph.system)]))
    if outside:
        found["outside"] = outside
    elif not found and (enough := _enough(case.graph)):
        found["outside"] = enough
    elif not found and (alone := _faulty_deciders(case.graph)):
        found["outside"] = f"where {' and '.join(alone)} may be faulty, no correct process has to decide"
    elif not found and (safe := _never_crashing(case)):
        found["outside"] = f"{', '.join(safe)} cannot crash"
    elif not found:
        if lemma1 is not None and not lemma1.failures and not lemma1.complete:
            lemma1 = commutation(case.graph, len(case.graph))
        found = _escape(case, lemma1)
    few = int((case.valence.bivalent | case.valence.open).sum()) <= QUICK
    lemma3 = preservation(case.valence) if few and lemma1 is not None else None
    return FlpVerdict(tuple(found), "; ".join(found.values()), bivalent, lemma1, lemma3)


def _escape(case: Case, lemma1: Commutation | None) -> dict[str, str]:
    """Return why no horn was found, with Lemma 1 checked everywhere."""
    if case.graph.system.memory is not None:
        return _stronger(case, case.graph.system.memory)
    if lemma1 is not None and lemma1.failures:
        return {"outside": f"Lemma 1 fails: steps of different processes do not commute ({lemma1.example})"}
    if unsaid := _unsaid(case.graph):
        return {"outside": f"a Byzantine process cannot imitate a correct one that crashes: it never sends {unsaid}"}
    return {"unknown": _unknown(case)}


def _stronger(case: Case, memory: Memory) -> dict[str, str]:
    """Return which objects escape the theorem for shared memory, that of Loui and Abu-Amara (1987) on registers."""
    strong = [f"{thing.name} ({type(thing).__name__})" for thing in memory.objects if thing.consensus_number != 1]
    if not strong:
        return {"unknown": _unknown(case)}
    return {"outside": f"the theorem for shared memory assumes registers alone, and there is {' and '.join(strong)}"}


def _unsaid(graph: StateGraph) -> str:
    """Return a message that some correct process sends and no liar can: then lies do not make up for crashes."""
    liars = graph.system.liars
    if liars is None:
        return ""
    lies = {letter for _, voice in liars.speech.voices for _, letters in voice for letter in letters}
    boxes = {component for here in looking(graph.configurations) for component in here.components}
    sent = (e for component in boxes for e in component.mailbox if e.sender != component.owner)
    return min((repr(envelope) for envelope in sent if envelope not in lies), default="")


def _outside(world: World, contradicted: bool) -> str:  # noqa: FBT001
    """Return which assumption of the theorem a world relaxes; empty if none, or if the protocol fails all the same.

    Recoveries, lies, omissions and losses are no relaxation: they make the adversary stronger.
    """
    failures = world.failures
    if world.weaker:
        return world.weaker
    named = failures.misbehaving if isinstance(failures.misbehaving, tuple) else failures.faulty
    if named and not contradicted and not (failures.crashes and failures.faulty is None):
        return f"only {' and '.join(named)} may fail, and this is known in advance"
    return ""


def _coins(system: System) -> str:
    return "steps toss coins" if system.tosses else ""


def _unknown(case: Case) -> str:
    """Return why no horn was found; with the search complete that would contradict the theorem."""
    if case.graph.cut is not None:
        return f"the search was {case.graph.cut.bound.label}"
    what = "no horn of the FLP theorem applies to this protocol, which contradicts the theorem"
    raise InternalError(what, next_step="please report this with the spec")


def _enough(graph: StateGraph) -> str:
    """Return what is promised of every round, if the protocol makes do with it; empty if nothing is promised.

    Where any process may miss any other, consensus is as impossible as in the theorem (Santoro, Widmayer 1989).
    """
    rounds = graph.system.world.rounds
    if rounds is None or not graph.system.in_rounds or rounds.predicate == "any":
        return ""
    claim, processes = rounds.predicate_before.claim, len(graph.system.names)
    return f"in every round, {claim}, and this suffices for {processes} processes"


def _faulty_deciders(graph: StateGraph) -> tuple[Pid, ...]:
    """Return a choice of faulty processes that leaves no other decider: the theorem asks that some process decides."""
    system, named = graph.system, graph.system.world.failures.initially_dead
    deciders = {system.registers[index] for index in bits(graph.deciders)}
    crashable = {system.names[index] for index in system.crashable}
    for initial in graph.initial:
        faulty = (*initial.faulty, *initial.dead)
        left = deciders - {*faulty}
        spared = system.world.failures.crashes - (0 if isinstance(named, tuple) else len(initial.dead))
        if not left or (faulty and left <= crashable and len(left) <= spared):
            return (*faulty, *sorted(left))
    return ()


def _never_crashing(case: Case) -> list[str]:
    """Return the processes that take steps and are never faulty: the theorem lets any process crash."""
    system = case.graph.system
    stepping = [] if case.graph.system.in_rounds else np.unique(case.graph.movers[case.graph.movers >= 0]).tolist()
    return [system.names[index] for index in stepping if index not in system.crashable]


def _domain(case: Case) -> set[Key]:
    inputs = {key(value) for initial in case.graph.initial for value in initial.inputs.values()}
    decided = {key(value) for value in case.valence.values}
    return decided if len(decided) >= BINARY else decided | inputs


def _horns(case: Case) -> dict[str, str]:
    valence, graph = case.valence, case.graph
    horns: dict[str, str] = {}
    if valence.disagreeing.any():
        horns["disagrees"] = "two different values are decided in one run"
    roots = [root for root, initial in zip(graph.roots, graph.initial, strict=True) if not initial.faulty]
    reachable = np.bitwise_or.reduce(valence.low[roots or list(graph.roots)])
    if graph.complete and len(bits(int(reachable))) < BINARY:
        honest = " as long as no process is faulty" if len(roots) < len(graph.roots) and roots else ""
        horns["trivial"] = f"only one value can ever be decided{honest}"
    blocks = _blocks(case)
    if blocks:
        horns["blocks"] = blocks
    if undecided_component(case) is not None or case.termination.endless is not None:
        horns["undecided_lasso"] = "there is a fair cycle in which no process has decided, although some still could"
    return horns


def _blocks(case: Case) -> str:
    """Return how no process can decide any more, with the crashes allowed; empty if some process always can.

    Where crashes are events, any process that can be silent can crash, so the valence says it all.
    """
    stuck = "there is a configuration from which no process can ever decide"
    stranded = case.termination.stranded & (case.graph.marks.decided == 0)
    if case.valence.none.any() or stranded.any():
        return stuck
    blocking = case.silent.blocking if case.graph.system.world.failures.events == "elided" else None
    if blocking is None:
        return ""
    return f"{stuck} if {' and '.join(case.graph.system.names[index] for index in blocking.silent)} never steps again"


def undecided_component(case: Case) -> FairComponent | None:
    """Return a fair cycle, of the fewest faulty processes, in which none has decided and a correct one still could.

    Where no decision is possible without those that the cycle treats unfairly, the others wait for them: that blocks.
    """
    graph, valence = case.graph, case.valence
    for component in case.termination.components:
        first = int(component.numbers[0])
        if not graph.marks.decided[first] and not valence.none[first] and _open_without(case, component):
            return component
    return None


def _open_without(case: Case, component: FairComponent) -> bool:
    """Whether some decision can be reached from a cycle although its faulty processes never step again."""
    if not component.faulty:
        return True
    graph = case.graph
    allowed = ~np.isin(graph.movers, component.faulty)
    return bool(backward(graph, graph.marks.values, allowed)[int(component.numbers[0])])
