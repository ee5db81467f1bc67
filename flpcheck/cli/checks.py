"""Checking instances, one after the other or side by side in processes.

What comes back from an examination is a `Checked`: what a report says of it.  It is the same wherever the examination
was made, and comes in the order of the tasks whatever the number of processes; graphs never leave their process.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flpcheck.cli.options import quiet
from flpcheck.cli.progress import Meter
from flpcheck.errors import FlpcheckError
from flpcheck.examine import Examination, Wishes, examine, settle
from flpcheck.report.ci import writer_of
from flpcheck.spec import Spec, load, specs_in

_loaded = cache(load)
Told = Callable[[Examination], Any]
"""What makes of an examination what is reported of it; it travels to other processes, and its results come back."""
WORDS = {0: "[green]as expected[/]", 1: "[bold red]differs[/]", 3: "[yellow]incomplete[/]"}


@dataclass(frozen=True)
class Task:
    """One instance of one spec, and how to explore it.

    Parameters
    ----------
    path
        A file or a bundled name.
    wishes
        Which instance, and what is to be different.
    """

    path: str
    wishes: Wishes


@dataclass(frozen=True)
class Checked:
    """What is reported of one examination.

    Parameters
    ----------
    part
        What is told of it.
    code
        The exit code of this examination alone.
    interrupted
        Whether Ctrl-C ended it.
    heartbeat
        A line for somebody who waits.
    """

    part: Any
    code: int
    interrupted: bool
    heartbeat: str


def files(specs: Iterable[str]) -> list[str]:
    """Return specs with the folders among them replaced by the specs inside."""
    found: list[str] = []
    for spec in specs:
        if Path(spec).is_dir():
            found += map(str, specs_in(Path(spec)))
        else:
            found.append(spec)
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

    def of(self, spec: Spec) -> list[str | None]:
        """Return the names of the wanted instances; None is a spec without any."""
        if self.names:
            return [i.name for i in spec.instances if i.name in self.names]
        if not spec.instances:
            return [None]
        return [i.name for i in spec.instances if self.on_demand or not i.on_demand]

    def left_out(self, paths: Iterable[str]) -> int:
        """Return how many instances are not wanted only because they are large."""
        skips = not self.names and not self.on_demand
        return sum(i.on_demand for path in paths for i in _loaded(path).instances) if skips else 0


def tasks(
    paths: Iterable[str], selection: Selection, engine: str = "auto", seconds: float | None = None
) -> Iterator[Task]:
    """Yield the wanted instances of some specs."""
    bounds = {} if seconds is None else {"seconds": seconds}
    for path in paths:
        with quiet():
            spec = _loaded(path)
        for name in selection.of(spec):
            yield Task(path, Wishes(instance=name, engine=engine, bounds=bounds))


def examined(task: Task, meter: Meter | None = None) -> Examination:
    """Examine one instance."""
    with quiet():
        return examine(settle(_loaded(task.path), task.wishes), meter)


def checked(todo: Iterator[Task], told: Told, workers: int = 1) -> Iterator[Checked]:
    """Examine instances and yield what `told` makes of them, in order.

    An error of a spec is raised when its turn has come, so that what is printed before it is the same whatever the
    number of processes.
    """
    if workers > 1:
        yield from _side_by_side(todo, told, workers)
        return
    for task in todo:
        with Meter() as meter:
            examination = examined(task, meter)
        yield _checked(task, examination, told)


def _side_by_side(todo: Iterator[Task], told: Told, workers: int) -> Iterator[Checked]:
    known, error = _listed(todo)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, max(len(known), 1)), context, _leave_interrupts_to_the_parent)
    futures: list[Future[Checked]] = []
    try:
        futures += [pool.submit(_alone, task, told) for task in known]
        for future in futures:
            yield future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    if error is not None:
        raise error


def _listed(todo: Iterator[Task]) -> tuple[list[Task], FlpcheckError | None]:
    """Return the tasks up to the first spec that cannot be loaded, and why it cannot."""
    known: list[Task] = []
    try:
        known.extend(todo)
    except FlpcheckError as error:
        return known, error
    return known, None


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _alone(task: Task, told: Told) -> Checked:
    return _checked(task, examined(task), told)


def _checked(task: Task, examination: Examination, told: Told) -> Checked:
    instance, graph = examination.setting.instance, examination.graph
    return Checked(
        part=told(examination),
        code=examination.exit_code,
        interrupted=graph.cut is not None and graph.cut.bound == "interrupted",
        heartbeat=f"{task.path} {instance.name if instance else ''}: {len(graph):,} configurations",
    )


def told_in(form: str) -> Told:
    """Return what makes of an examination what a format says of it."""
    return cells if form == "text" else writer_of(form).part


def cells(examination: Examination) -> tuple[str, ...]:
    """Return the row of an examination in the table that people read."""
    setting, graph = examination.setting, examination.graph
    name = setting.instance.name if setting.instance else "(no instance)"
    details = [str(difference) for difference in examination.differences]
    if graph.cut is not None and examination.exit_code:
        details.append(f"cut by {graph.cut.bound}")
    result = "\n".join([WORDS[examination.exit_code], *details])
    return setting.spec.name, name, f"{len(graph):,}", f"{graph.seconds:.2f}", result
