"""Settling a request: an instance of a spec, changed as options say.

A request consists of values.  The system that it describes is built once, by `Request.built` or at its first use, and
handed on with the request.  Two questions need the protocol earlier: which inputs a process has (`--input`), and
whether a bound that an option names is the usual one of the engine that will explore.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property
from flpcheck.authoring.protocol import is_in_rounds, with_parameters
from flpcheck.authoring.values import key, show
from flpcheck.errors import BadRequest, nearest
from flpcheck.explore import Bounds, obstacle, physical_memory
from flpcheck.instance import Instance
from flpcheck.reduce import reduced, symmetries_for
from flpcheck.spec import Spec
from flpcheck.system import System, system_of
from flpcheck.world import World, asynchronous, synchronous
from flpcheck.world.changed import Changes, changed

MOST_DEPTH = 500
MOST_CONFIGURATIONS = {"kernel": 100_000_000, "reference": 1_000_000}
MOST_MEMORY = 0.75
"""The bounds of a search whose instance and options name none, because an unbounded protocol must end somewhere: depth,
configurations by engine, share of the machine's memory."""
PATIENCE = ("seconds", "memory")
"""Bounds that may cut the search of an instance without making it another one."""
AUTO, DEAD_LETTERS, EQUAL_STATES, STUBBORN, NONE = REDUCTIONS = (
    "auto", "dead-letters", "equal-states", "stubborn", "none"
)  # fmt: skip
"""Values of `reduce`."""
REDUCED = frozenset({DEAD_LETTERS, EQUAL_STATES, STUBBORN})
"""Those that ask for a reduction, which is refused where it cannot be used."""
BOUNDS = tuple(f.name for f in dataclasses.fields(Bounds))


@dataclass(frozen=True)
class Request:
    """A request: what to explore, and how.

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
    limits
        The bounds that the instance or options name, by field of `Bounds`; 0 or None removes one.
    engine, order, workers
        As for `explore`.
    reduction
        Whether to explore the quotient by the reductions that the protocol declares.
    symmetry
        Whether symmetries may be among them, as far as what is asked allows.
    reduce
        Which reduction that needs no declaration to use: `dead-letters`; `equal-states`, which drops dead letters, too;
        `stubborn`, which uses both and leaves events out; `none`; or `auto`, dead letters where counts are not wanted.
    """

    spec: Spec
    protocol: Any
    world: World
    inputs: Mapping[Pid, Hashable] = field(default_factory=dict)
    claims: tuple[Property, ...] = ()
    instance: Instance | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "auto"
    order: str = "bfs"
    reduction: bool = True
    symmetry: bool = True
    workers: int = 1
    reduce: str = AUTO

    @cached_property
    def system(self) -> System:
        """The system to explore, built once; not modulo symmetry for an FLP verdict, which names processes."""
        system = system_of(self.protocol, self.world, self.inputs)
        symmetric = self.symmetry and (self.instance is None or self.instance.flp is None)
        return reduced(system, symmetries_for(self.claims) if symmetric else ()) if self.reduction else system

    @cached_property
    def bounds(self) -> Bounds:
        """The bounds that are named, and the usual ones of the engine that will explore for those that are not."""
        unnamed = set(BOUNDS) - self.limits.keys()
        usual = self.usual_bounds if unnamed - {"seconds"} else {}
        return Bounds(**{name: bound or None for name, bound in {**usual, **self.limits}.items()})

    @property
    def usual_bounds(self) -> dict[str, Any]:
        """The default bounds of a search."""
        native = self.engine != "reference" and not obstacle(self.system, self.order)
        most = MOST_CONFIGURATIONS["kernel" if native else "reference"]
        return {"configurations": most, "depth": MOST_DEPTH, "memory": int(MOST_MEMORY * physical_memory()) or None}

    def built(self) -> Request:
        """Return this request with its system built and its bounds known.

        Raises
        ------
        SpecError, BadWorld, BadRequest
            If there is no such system: the protocol is malformed, or the world does not fit it.
        """
        _ = self.system, self.bounds
        return self

    @property
    def unfolded(self) -> Request:
        """The same without symmetry, for what follows one process; what the instance expects is then not found."""
        symmetry = self.system.symmetry
        if symmetry is None:
            return self
        plainer = dataclasses.replace(self, symmetry=False, instance=None)
        vars(plainer)["system"] = symmetry.below  # a quotient by symmetry has asked only for initial configurations
        return plainer


@dataclass(frozen=True)
class Overrides:
    """The settings of an instance that options override.

    Parameters
    ----------
    instance
        Name of the instance to start from; the first one if None.
    parameters
        Parameters of the protocol, as text.
    world
        Changes to the world, by part and field.
    inputs
        Inputs to fix, as text.
    claims
        Names of the properties to judge.
    bounds
        Changes to the bounds, by field name; 0 removes a bound.
    engine, order, workers
        As for `explore`.
    reduction
        Whether to use the reductions that the protocol declares; as the instance has it if None.
    reduce
        As for a request.
    """

    instance: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    world: Changes = field(default_factory=dict)
    inputs: Mapping[Pid, str] = field(default_factory=dict)
    claims: Sequence[str] = ()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "auto"
    order: str = "bfs"
    reduction: bool | None = None
    workers: int = 1
    reduce: str = AUTO


def settle(spec: Spec, overrides: Overrides) -> Request:
    """Return the request: an instance of the spec, with the overrides of options.

    Raises
    ------
    BadRequest, BadWorld
        If an option names something that does not exist, or a value that does not fit.

    Examples
    --------
    >>> from flpcheck.spec import load
    >>> request = settle(load("wait_for_all"), Overrides(parameters={"n": "2"}, bounds={"depth": 9}))
    >>> request.protocol.n, request.instance, request.limits
    (2, None, {'depth': 9})
    """
    base = _base(spec, overrides.instance)
    protocol = with_parameters(base.protocol, dict(overrides.parameters))
    world = changed(base.world, overrides.world)
    inputs = _inputs(protocol, base, overrides.inputs)
    claims = tuple(spec.property_named(name) for name in overrides.claims)
    reduction = base.reduction if overrides.reduction is None else overrides.reduction
    own = _own_bounds(base)
    request = Request(
        spec, protocol, world, inputs, claims or tuple(base.verdicts), None, {**own, **overrides.bounds},
        overrides.engine, overrides.order, reduction, workers=overrides.workers, reduce=overrides.reduce,
    )  # fmt: skip
    as_it_is = reduction == base.reduction or not hasattr(protocol, "reductions")
    as_it_is = as_it_is and not (overrides.reduce in REDUCED and base.counts)
    as_it_is = as_it_is and all(_is_usual(request, own, *named) for named in overrides.bounds.items())
    instance = _matching(request, base) if as_it_is else None
    if instance is None:
        return request
    return dataclasses.replace(request, instance=instance, claims=claims or tuple(instance.verdicts))


def _base(spec: Spec, name: str | None) -> Instance:
    if name is not None:
        return spec.instance(name)
    if spec.instances:
        return spec.instances[0]
    protocol = spec.protocol()
    return Instance("", protocol, synchronous() if is_in_rounds(protocol) else asynchronous())


def _inputs(protocol: Any, base: Instance, given: Mapping[Pid, str]) -> dict[Pid, Hashable]:
    kept = dict(base.inputs) if protocol == base.protocol else {}
    if not given:
        return kept
    known = _known_inputs(protocol, base.world)
    for pid, text in given.items():
        if pid not in known:
            raise BadRequest(f"there is no process {pid!r} with an input", why=nearest(pid, known))
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
    """Return the inputs of each process: the protocol is asked for its initial configurations."""
    known: dict[Pid, list[Hashable]] = {}
    for initial in system_of(protocol, world).initial():
        for pid, value in initial.inputs.items():
            known.setdefault(pid, [])
            if key(value) not in map(key, known[pid]):
                known[pid].append(value)
    return known


def _own_bounds(base: Instance) -> dict[str, Any]:
    own = {name.removeprefix("max_"): bound for name, bound in base.bounds.items()}
    for name in own:
        if name not in BOUNDS:
            raise BadRequest(f"instance {base.name!r} has an unknown bound {name!r}", why=nearest(name, sorted(BOUNDS)))
    return own


def _is_usual(request: Request, own: Mapping[str, Any], name: str, bound: Any) -> bool:
    """Whether a bound that an option names leaves an instance what it is: the same bound, or one of patience."""
    if name in PATIENCE:
        return True
    if name in own:
        return (own[name] or None) == (bound or None)
    known = bound in {MOST_DEPTH, *MOST_CONFIGURATIONS.values()}  # which is usual depends on the engine: ask the system
    return known and bool(bound == request.usual_bounds[name])


def _matching(request: Request, base: Instance) -> Instance | None:
    """Return the instance that a request is exactly; the one that was asked for if several are."""
    for instance in (base, *request.spec.instances):
        same = instance.protocol == request.protocol and instance.world == request.world
        same = same and _same_inputs(instance.inputs, request.inputs) and instance.reduction == base.reduction
        if same and instance in request.spec.instances and dict(instance.bounds) == dict(base.bounds):
            return instance
    return None


def _same_inputs(one: Mapping[Pid, Hashable], other: Mapping[Pid, Hashable]) -> bool:
    return {pid: key(value) for pid, value in one.items()} == {pid: key(value) for pid, value in other.items()}
