"""Checking instances in separate processes, one after the other or side by side.

What comes back from an examination is a `Checked`: what a report says of it.  It is the same wherever the examination
was made, and comes in the order of the tasks whatever the number of processes; graphs never leave their process.  A
spec that does not load, exits, never returns or crashes its interpreter is a `Failure` among the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flpcheck.cli import code_of
from flpcheck.cli.isolated import Death, InterruptedJob, Pool, say_alive
from flpcheck.cli.options import quiet
from flpcheck.errors import BadRequest, Place, SpecNotFound, nearest
from flpcheck.exit_codes import INTERRUPTED
from flpcheck.failure import Failure, failure_of
from flpcheck.stops import StopReason

if TYPE_CHECKING:
    from flpcheck.spec import Spec

ReportOf = Callable[[Any], Any]
"""Turns an examination into the part of the report about it; must be picklable, and its results too."""


@dataclass(frozen=True)
class How:
    """Options for examining instances.

    Parameters
    ----------
    engine
        As for `explore`.
    bounds
        Bounds of each search, by field name.
    keep
        As for `examine`.
    alone
        Whether one is examined at a time, so that a line of progress makes sense.
    counted
        Whether the counts of all configurations are wanted, expected or not.
    """

    engine: str = "auto"
    bounds: Mapping[str, Any] = field(default_factory=dict)
    keep: bool = True
    alone: bool = True
    counted: bool = False


@dataclass(frozen=True)
class Task:
    """One instance of one spec.

    Parameters
    ----------
    path
        A file or a bundled name.
    instance
        Its name; None for a spec without any.
    place
        Where its result stands among all: the number of the spec and its own.
    """

    path: str
    instance: str | None
    place: tuple[int, int]


@dataclass(frozen=True)
class Listing:
    """The question which instances of a spec are wanted; `place` as in `Task`."""

    path: str
    place: tuple[int, int]


@dataclass(frozen=True)
class Listed:
    """The reply to a listing: the instances wanted, those that exist, and the number of those on demand."""

    wanted: tuple[str | None, ...]
    known: tuple[str, ...]
    left_out: int


@dataclass(frozen=True)
class Checked:
    """The report on one examination.

    Parameters
    ----------
    part
        The part of the report; None after a failure, until a format fills it in.
    code
        The exit code of this examination alone.
    interrupted
        Whether Ctrl-C ended it.
    heartbeat
        A line for a waiting user.
    failure
        Why there was no examination.
    """

    part: Any
    code: int
    interrupted: bool
    heartbeat: str
    failure: Failure | None = None


def files(specs: Iterable[str]) -> list[str]:
    """Return specs with the folders among them replaced by the specs inside.

    Raises
    ------
    SpecNotFound
        If there is none in a folder.
    """
    from flpcheck.spec import specs_in

    found: list[str] = []
    for spec in specs:
        inside = list(map(str, specs_in(Path(spec)))) if Path(spec).is_dir() else [spec]
        if not inside:
            advice = "name a folder with Python files; names that begin with `_` and the folder `tours` do not count"
            raise SpecNotFound(f"no spec in {spec}", next_step=advice)
        found += inside
    return found


@dataclass(frozen=True)
class Selection:
    """Which instances of a spec are wanted.

    Parameters
    ----------
    names
        Only these; all if empty.
    on_demand
        Whether all includes those that are explored on demand.
    """

    names: tuple[str, ...] = ()
    on_demand: bool = False

    def of(self, spec: Spec) -> Listed:
        """Return the wanted instances; None among them is a spec without any."""
        known = tuple(instance.name for instance in spec.instances)
        if self.names:
            return Listed(tuple(name for name in known if name in self.names), known, 0)
        if not known:
            return Listed((None,), known, 0)
        wanted = tuple(i.name for i in spec.instances if self.on_demand or not i.on_demand)
        return Listed(wanted, known, len(known) - len(wanted))


class Checks:
    """Examinations of specs in order; Ctrl-C ends them, and what was known by then is there.

    Parameters
    ----------
    paths
        The specs.
    selection
        Names of their instances to check.
    told
        Turns an examination into the part of the report about it.
    how
        How they are examined.
    jobs
        Number of examinations side by side.
    """

    def __init__(self, paths: Iterable[str], selection: Selection, told: ReportOf, how: How, jobs: int = 1) -> None:
        self.selection = selection
        self.left_out = 0
        self.interrupted = 0
        """The exit code of an interrupted run; 0 of another."""
        self._known: dict[str, None] = {}
        self._missing = set(selection.names)
        self._todo: deque[Task | Listing] = deque(Listing(path, (n, -1)) for n, path in enumerate(paths))
        self._open = {job.place for job in self._todo}
        self._done: dict[tuple[int, int], Checked] = {}
        work = partial(_answered, selection=selection, told=told, how=how)
        self._pool = Pool(work, min(jobs, 256), how.bounds.get("seconds"))

    def __iter__(self) -> Iterator[Checked]:
        """Yield what was checked in the order of the specs and their instances."""
        try:
            yield from self._until_interrupted()
            for job, answer in self._pool.parting() if self.interrupted else ():
                if not isinstance(answer, Death):  # Ctrl-C ended it
                    self._take(job, answer)
            for place in sorted(self._done):
                yield self._done.pop(place)
        finally:
            self._pool.end()

    def _until_interrupted(self) -> Iterator[Checked]:
        try:
            for job, answer in self._pool.answers(self._todo):
                self._take(job, answer)
                yield from self._next()
                if self.interrupted:
                    return
        except KeyboardInterrupt as interrupt:
            self.interrupted = code_of(interrupt)

    def refuse_unknown_names(self) -> None:
        """Raise `BadRequest` if a requested instance exists in no spec."""
        if self._missing and not self.interrupted:
            name = min(self._missing)
            raise BadRequest(f"no spec has an instance {name!r}", why=nearest(name, self._known))

    def _take(self, job: Task | Listing, answer: Any) -> None:
        if isinstance(answer, Listed):
            self._open.discard(job.place)
            self._known |= dict.fromkeys(answer.known)
            self._missing -= set(answer.known)
            self.left_out += answer.left_out
            tasks = [Task(job.path, name, (job.place[0], n)) for n, name in enumerate(answer.wanted)]
            self._open |= {task.place for task in tasks}
            self._todo.extendleft(reversed(tasks))
        elif isinstance(answer, InterruptedJob):
            self.interrupted = self.interrupted or INTERRUPTED
        else:
            self._done[job.place] = checked = answer if isinstance(answer, Checked) else _dead(job, answer)
            self.interrupted = self.interrupted or INTERRUPTED * checked.interrupted

    def _next(self) -> Iterator[Checked]:
        """Yield what is there before anything that is still awaited."""
        while self._open and min(self._open) in self._done:
            place = min(self._open)
            self._open.remove(place)
            yield self._done.pop(place)


def _dead(job: Task | Listing, death: Death) -> Checked:
    instance = (job.instance or "") if isinstance(job, Task) else ""
    doing = "it was examined" if isinstance(job, Task) else "it was loaded"
    failure = Failure(
        job.path,
        instance,
        f"the process that examined the spec died while {doing}",
        death.how,
        "run `flpcheck explore` on it alone; look for code that exits, loops in C code, or uses up the memory",
        death.place or Place(job.path, 1),
    )
    return _failed(failure)


def _failed(failure: Failure) -> Checked:
    heartbeat = f"{failure.spec} {failure.instance}: {failure.brief}"
    return Checked(None, failure.code, interrupted=False, heartbeat=heartbeat, failure=failure)


# What follows runs in the children.


@cache
def _loaded(path: str) -> Spec:
    from flpcheck.spec import load

    return load(path)


def _answered(job: Task | Listing, selection: Selection, told: ReportOf, how: How) -> Listed | Checked:
    """Work off a job; whatever goes wrong is part of the answer."""
    from flpcheck.budget import Bounds, BudgetMonitor, OutOfBudget, monitored, stage
    from flpcheck.explore.overtime import Limited

    seconds = how.bounds.get("seconds")
    bounds = Bounds(seconds=seconds or None, memory=how.bounds.get("memory") or None)
    try:
        with quiet(), Limited(seconds, say_alive), monitored(BudgetMonitor(bounds)):
            if isinstance(job, Listing):
                with stage("load", "loading the spec"):
                    return selection.of(_loaded(job.path))
            return _examined(job, told, how)
    except KeyboardInterrupt:
        raise
    except OutOfBudget as spent:
        if spent.bound is StopReason.INTERRUPTED:
            raise KeyboardInterrupt from None
        return _failed(failure_of(spent, job.path, (job.instance or "") if isinstance(job, Task) else ""))
    except BaseException as error:
        return _failed(failure_of(error, job.path, (job.instance or "") if isinstance(job, Task) else ""))


def _examined(task: Task, told: ReportOf, how: How) -> Checked:
    from flpcheck.budget import stage
    from flpcheck.cli.progress import Meter
    from flpcheck.examine import examine
    from flpcheck.settle import Overrides, settle

    with stage("load", "loading the spec"):
        overrides = Overrides(instance=task.instance, engine=how.engine, bounds=how.bounds)
        request = settle(_loaded(task.path), overrides).built()
    with Meter(silent=not how.alone) as meter:
        examination = examine(request, meter, keep=how.keep, counted=how.counted)
    size, cut = examination.size, examination.cut
    return Checked(
        part=told(examination),
        code=examination.exit_code,
        interrupted=cut is not None and cut.bound is StopReason.INTERRUPTED,
        heartbeat=f"{task.path} {task.instance or ''}: {size:,} configurations",
    )
