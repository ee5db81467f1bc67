"""Examining a spec: settle what is to be explored, explore it, analyse it, and compare with what was expected."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from flpcheck.analyse import Finding, Findings, Growth, Judged, Pump, analyse, causes_of_growth, pump_of
from flpcheck.analyse.orbits import symmetries_for
from flpcheck.analyse.properties import standard_claims
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, Verdict
from flpcheck.authoring.protocol import is_in_rounds, with_parameters
from flpcheck.authoring.values import key, show
from flpcheck.budget import INTERRUPTED, stage
from flpcheck.errors import BadRequest, nearest
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.expectations import Difference, differences_of
from flpcheck.explore import Bounds, Cut, Progress, StateGraph, explore, obstacle, physical_memory
from flpcheck.explore.watching import STOPPED
from flpcheck.instance import Instance
from flpcheck.purity import Inquiry
from flpcheck.reduce import Orbits, plain, reduced
from flpcheck.run import finished, run_of
from flpcheck.spec import Spec
from flpcheck.system import System, system_of
from flpcheck.world import World, asynchronous, synchronous
from flpcheck.world.changed import changed

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint

MOST_DEPTH = 500
MOST_CONFIGURATIONS = {"kernel": 100_000_000, "reference": 1_000_000}
MOST_MEMORY = 0.75
"""The bounds of a search whose instance and options name none, because an unbounded protocol must end somewhere: depth,
configurations by engine, share of the machine's memory."""
SEARCHING = 0.95
"""Share of the time limit for a search and the judging of what it finds: the rest is for what comes after."""


@dataclass(frozen=True)
class Setting:
    """What is to be explored, and how.

    Parameters
    ----------
    spec, protocol, world
        The protocol with its parameters, and what surrounds it.
    inputs
        Inputs that are fixed.
    claims
        The properties to judge; if empty, the standard ones that make sense and the spec's own.
    instance
        The instance that this is exactly, with its expectations; None if options changed it.
    bounds, engine, order, workers
        How to explore.
    reduction
        Whether to explore the quotient by the reductions that the protocol declares.
    symmetry
        Whether symmetries may be among them, as far as what is asked allows.
    """

    spec: Spec
    protocol: Any
    world: World
    inputs: Mapping[Pid, Hashable] = field(default_factory=dict)
    claims: tuple[Property, ...] = ()
    instance: Instance | None = None
    bounds: Bounds = field(default_factory=Bounds)
    engine: str = "auto"
    order: str = "bfs"
    reduction: bool = True
    symmetry: bool = True
    workers: int = 1

    @property
    def system(self) -> System:
        """What is to be explored, with nothing asked yet; an FLP verdict is about processes, so not modulo symmetry."""
        system = system_of(self.protocol, self.world, self.inputs)
        symmetric = self.symmetry and (self.instance is None or self.instance.flp is None)
        return reduced(system, symmetries_for(self.claims) if symmetric else ()) if self.reduction else system

    @property
    def unfolded(self) -> Setting:
        """The same without symmetry, for whatever follows one process; what the instance expects is then not found."""
        folded = isinstance(self.system, Orbits)
        return dataclasses.replace(self, symmetry=False, instance=None) if folded else self


@dataclass(frozen=True)
class Wishes:
    """What options ask for; everything that is not asked for is as the instance has it.

    Parameters
    ----------
    instance
        Name of the instance to start from; the first one if None.
    parameters
        Parameters of the protocol, as text.
    network, failures, oracle, rounds
        Changes to the world, by field name.
    timing, timers
        Another timing than the instance has, another rule for timers.
    inputs
        Inputs to fix, as text.
    claims
        Names of the properties to judge.
    bounds
        Changes to the bounds, by field name; 0 removes a bound.
    engine, order, workers
        How to explore.
    reduction
        Whether to use the reductions that the protocol declares; as the instance has it if None.
    """

    instance: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    failures: Mapping[str, Any] = field(default_factory=dict)
    oracle: Mapping[str, Any] = field(default_factory=dict)
    rounds: Mapping[str, Any] = field(default_factory=dict)
    timing: str | None = None
    timers: str | None = None
    inputs: Mapping[Pid, str] = field(default_factory=dict)
    claims: Sequence[str] = ()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "auto"
    order: str = "bfs"
    reduction: bool | None = None
    workers: int = 1


def settle(spec: Spec, wishes: Wishes) -> Setting:
    """Return what is to be explored: an instance of the spec, changed as the options wish.

    Raises
    ------
    BadRequest, BadWorld
        If an option names something that does not exist, or a value that does not fit.
    """
    base = _base(spec, wishes.instance)
    protocol = with_parameters(base.protocol, dict(wishes.parameters))
    world = changed(
        base.world, wishes.timing, wishes.timers,
        network=wishes.network, failures=wishes.failures, oracle=wishes.oracle, rounds=wishes.rounds,
    )  # fmt: skip
    inputs = _inputs(protocol, base, wishes.inputs)
    claims = tuple(spec.property_named(name) for name in wishes.claims)
    reduction = base.reduction if wishes.reduction is None else wishes.reduction
    system = system_of(protocol, world, inputs)
    likely = symmetries_for(claims or base.verdicts)
    defaults = _default_bounds(reduced(system, likely) if reduction else system, wishes)
    bounds = _bounds(base, defaults, wishes.bounds)
    as_it_is = reduction == base.reduction or not hasattr(protocol, "reductions")
    # Time and memory may cut the search of an instance; they do not make it another one.
    as_it_is = as_it_is and dataclasses.replace(_bounds(base, defaults, {}), **_patience(bounds)) == bounds
    instance = _matching(spec, protocol, world, inputs, base) if as_it_is else None
    if not claims:
        claims = tuple((instance or base).verdicts)
    how = (bounds, wishes.engine, wishes.order, reduction)
    return Setting(spec, protocol, world, inputs, claims, instance, *how, workers=wishes.workers)


def _base(spec: Spec, name: str | None) -> Instance:
    if name is not None:
        return spec.instance(name)
    if spec.instances:
        return spec.instances[0]
    protocol = spec.protocol()
    return Instance("", protocol, synchronous() if is_in_rounds(protocol) else asynchronous())


def _inputs(protocol: Any, base: Instance, wished: Mapping[Pid, str]) -> dict[Pid, Hashable]:
    kept = dict(base.inputs) if protocol == base.protocol else {}
    if not wished:
        return kept
    known = _known_inputs(protocol, base.world)
    for pid, text in wished.items():
        if pid not in known:
            raise BadRequest(f"process {pid!r} has no input", why=nearest(pid, known))
        kept[pid] = _input_written(pid, text, known[pid])
    return kept


def _input_written(pid: Pid, text: str, known: Sequence[Hashable]) -> Hashable:
    """Return the one input of a process that is written like this."""
    meant = [value for value in known if str(value) == text]
    if not meant:
        raise BadRequest(f"process {pid!r} has no input {text!r}", why=nearest(text, map(str, known)))
    if len(meant) > 1:
        written = " and ".join(map(show, meant))
        raise BadRequest(f"--input {pid}={text} may mean {written}", next_step="fix it in an instance: inputs={...}")
    return meant[0]


def _known_inputs(protocol: Any, world: World) -> dict[Pid, list[Hashable]]:
    known: dict[Pid, list[Hashable]] = {}
    for initial in system_of(protocol, world).initial():
        for pid, value in initial.inputs.items():
            known.setdefault(pid, [])
            if key(value) not in map(key, known[pid]):
                known[pid].append(value)
    return known


def _default_bounds(system: System, wishes: Wishes) -> dict[str, Any]:
    native = wishes.engine != "reference" and not obstacle(system, wishes.order)
    most = MOST_CONFIGURATIONS["kernel" if native else "reference"]
    memory = int(MOST_MEMORY * physical_memory()) or None
    return {"configurations": most, "depth": MOST_DEPTH, "memory": memory}


def _bounds(base: Instance, defaults: Mapping[str, Any], wished: Mapping[str, Any]) -> Bounds:
    names = {f.name for f in dataclasses.fields(Bounds)}
    own = {name.removeprefix("max_"): bound for name, bound in base.bounds.items()}
    for name in own:
        if name not in names:
            raise BadRequest(f"instance {base.name!r} has an unknown bound {name!r}", why=nearest(name, sorted(names)))
    merged: dict[str, Any] = {**defaults, **own, **wished}
    return Bounds(**{name: bound or None for name, bound in merged.items()})


def _patience(bounds: Bounds) -> dict[str, Any]:
    return {"seconds": bounds.seconds, "memory": bounds.memory}


def _matching(
    spec: Spec, protocol: Any, world: World, inputs: Mapping[Pid, Hashable], base: Instance
) -> Instance | None:
    """Return the instance that this is exactly; the one that was asked for if several are."""
    for instance in (base, *spec.instances):
        same = instance.protocol == protocol and instance.world == world and _same_inputs(instance.inputs, inputs)
        same = same and instance.reduction == base.reduction
        if same and instance in spec.instances and dict(instance.bounds) == dict(base.bounds):
            return instance
    return None


def _same_inputs(one: Mapping[Pid, Hashable], other: Mapping[Pid, Hashable]) -> bool:
    return {pid: key(value) for pid, value in one.items()} == {pid: key(value) for pid, value in other.items()}


@dataclass(frozen=True, eq=False)
class Examination:
    """What came of examining a setting."""

    setting: Setting
    judged: Judged
    """`Findings` on a graph, or less if transitions were not kept."""
    purity: str = ""
    """How far it was checked that the protocol is a function of its arguments, where that is less than usual."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """What each part of the run has taken, in seconds: `load`, `explore`, `purity`, `analyse`, `draw`."""

    @property
    def findings(self) -> Findings:
        """What was found out about the graph, which there must be."""
        assert isinstance(self.judged, Findings), "transitions were not kept"
        return self.judged

    @property
    def graph(self) -> StateGraph:
        """The graph, which there must be."""
        return self.findings.graph

    @property
    def keeps_graph(self) -> bool:
        """Whether transitions were kept, and so all is there."""
        return isinstance(self.judged, Findings)

    @property
    def system(self) -> System:
        """What was explored."""
        return self.judged.graph.system

    @property
    def size(self) -> int:
        """The number of configurations."""
        return len(self.judged.graph)

    @property
    def transitions(self) -> int:
        """The number of transitions."""
        return self.judged.graph.steps

    @property
    def depth(self) -> int:
        """How far the farthest configuration is from the initial ones."""
        return self.judged.graph.farthest

    @cached_property
    def growth(self) -> list[Growth | Pump]:
        """What makes the state space grow, where a bound cut it."""
        graph = self.judged.graph
        if self.cut is None or self.cut.bound in {INTERRUPTED, STOPPED}:
            return []
        pump = pump_of(graph) if isinstance(graph, StateGraph) else None
        return [*([] if pump is None else [pump]), *causes_of_growth(graph)]

    @property
    def seconds(self) -> float:
        """How long it all took, in seconds."""
        return sum(self.spent.values())

    @property
    def cut(self) -> Cut | None:
        """What cut the search."""
        return self.judged.graph.cut

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that the instance expects and that was found otherwise."""
        instance = self.setting.instance
        return () if instance is None else tuple(differences_of(instance, self.judged))

    @property
    def exit_code(self) -> int:
        """The exit code of this examination alone.

        A violation that the instance expects may end the search, and is as wanted, whatever it leaves open.
        """
        expecting = self.setting.instance is not None and bool(self.setting.instance.verdicts)
        if self._differs(expecting=expecting):
            return DIFFERENT
        if self.cut is not None and self.cut.bound == STOPPED and self.judged.violated:
            return AS_WANTED
        left = self.differences if expecting else self.cut is not None
        return INCONCLUSIVE if left or self._undecided() else AS_WANTED

    def _differs(self, *, expecting: bool) -> bool:
        differs = expecting and any(not difference.incomplete for difference in self.differences)
        return differs or any(f.verdict is Verdict.VIOLATED and self.expected(f) is None for f in self.judged.findings)

    def _undecided(self) -> bool:
        """Whether a verdict is INCOMPLETE although the instance does not expect it, or there is no verdict at all."""
        findings = self.judged.findings
        left = any(f.verdict is Verdict.INCOMPLETE and self.expected(f) is not f.verdict for f in findings)
        return left or (not findings and bool(self.judged.not_asked))

    def expected(self, finding: Finding) -> Verdict | None:
        """Return the verdict that the instance expects on a property."""
        return None if self.setting.instance is None else self.setting.instance.verdicts.get(finding.claim)


def examine(
    setting: Setting,
    report: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    *,
    keep: bool = True,
) -> Examination:
    """Explore a setting and judge it, while other interpreters look whether the protocol is deterministic.

    Parameters
    ----------
    setting
        From `settle`.
    report, checkpoint
        As for `explore`.
    keep
        Whether to keep the graph, and analyse it; if not, the properties that need none are judged while the search
        runs, and the first violation ends it.

    Raises
    ------
    SpecError
        If the protocol misbehaves; `NondeterministicStep` if it depends on more than its arguments.

    Examples
    --------
    >>> from flpcheck.spec import load
    >>> examine(settle(load("wait_for_all"), Wishes(instance="one crash"))).exit_code
    0
    """
    with run_of(setting.bounds, report) as run, Inquiry(setting.protocol, setting.world, setting.inputs) as inquiry:
        system, bounds = setting.system, setting.bounds
        how: dict[str, Any] = {"engine": setting.engine, "order": setting.order, "workers": setting.workers}
        how |= {"report": run.report, "checkpoint": checkpoint}
        with stage("explore", "exploring", SEARCHING):
            found = explore(system, bounds, **how) if keep else _judged_meanwhile(setting, system, how)
        reached = found.graph if isinstance(found, Judged) else found
        purity = finished(inquiry, plain(reached.system), reached.cut)
        with stage("analyse", "judging"):
            judged = found if isinstance(found, Judged) else analyse(found, _claims(setting, system, found.deciding))
        return Examination(setting, judged, purity, run.seconds)


def _judged_meanwhile(setting: Setting, system: System, how: dict[str, Any]) -> Judged:
    return examine_safety(system, partial(_claims, setting, system), setting.bounds, **how)


def _claims(setting: Setting, system: System, deciding: int) -> tuple[Property, ...]:
    """Return what is judged: what is asked for, or else what makes sense and the spec's own properties."""
    usual = standard_claims(system, system.initial(), deciding)
    return setting.claims or (*usual, *setting.spec.own_properties)
