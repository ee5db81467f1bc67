"""Why a configuration is bivalent, univalent or blocked, as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.theorem.why import Dependence, Loss, WayOut, Why
from flpcheck.examine import Examination
from flpcheck.report.command import replay_command
from flpcheck.report.diamond import gadget_sentence
from flpcheck.report.narrate import NarratedStep, steps_of
from flpcheck.report.summary import final, head, narration, verbatim
from flpcheck.report.wording import counted


def explanation(examination: Examination, found: Why) -> Group:
    """Return the explanation of a configuration, to be printed with rich."""
    parts: list[RenderableType] = [head(examination), _what(found), *_reached(examination, found)]
    parts += [final(examination.graph.system, found.schedule)]
    if found.gadget is not None:
        parts.append(Text(f"\n  {gadget_sentence(examination.analysis.case, found.gadget)}", style="bold"))
    parts += [line for way in found.ways for line in _way(examination, way)] if len(found.ways) > 1 else []
    parts += list(_lost(examination, found.loss)) if found.loss is not None else []
    parts += list(_settled(found))
    parts += [line for dependence in found.dependences for line in _without(dependence)]
    return Group(*parts)


def _what(found: Why) -> Text:
    kinds = [name for name, holds in (("critical", found.critical), ("disagreeing", found.disagrees)) if holds]
    text = Text(f"\nconfiguration {found.number}", style="bold")
    text.append(f"  [{found.valence}]", "magenta")
    return text.append(f"  {', '.join(kinds)}", "bold")


def _reached(examination: Examination, found: Why) -> Iterator[RenderableType]:
    yield Text(f"  reached by {counted(len(found.schedule), 'event')}:")
    yield from narration(_steps(examination, found.schedule))
    command = replay_command(examination.request, examination.graph.system, found.schedule)
    yield from verbatim(command)


def _steps(examination: Examination, schedule: Schedule) -> list[NarratedStep]:
    return steps_of(examination.graph.system, schedule, examination.analysis.valence)


def _way(examination: Examination, way: WayOut) -> Iterator[RenderableType]:
    """Yield the continuation to one decision."""
    more = len(way.schedule) - way.start
    if not more:
        yield Text(f"\n  {way.value} has been decided", style="bold")
        return
    yield Text(f"\n  to decide {way.value}, {counted(more, 'event')} more:", style="bold")
    yield from narration(_steps(examination, way.schedule)[way.start + 1 :])


def _lost(examination: Examination, loss: Loss) -> Iterator[RenderableType]:
    yield Text(f"\n  at event {loss.step} the valence went from {loss.before} to {loss.after}", style="bold")
    for way in loss.instead:
        more = len(way.schedule) - way.start
        yield Text(f"  instead, {way.value} could still have been decided, by {counted(more, 'event')}:")
        yield from narration(_steps(examination, way.schedule)[way.start + 1 :])


def _settled(found: Why) -> Iterator[RenderableType]:
    """Yield why there was nothing to lose on the way."""
    if found.loss is None and len(found.ways) == 1:
        yield Text(f"\n  settled from the beginning: on this path only {found.ways[0].value} was ever possible")


def _without(dependence: Dependence) -> Iterator[RenderableType]:
    if dependence.silent:
        yield Text(
            f"\n  without {' and '.join(dependence.silent)} no process can ever decide from here:", style="bold red"
        )
    else:
        yield Text("\n  no process can ever decide from here:", style="bold red")
    yield from (Text(f"     {wait}", style="red") for wait in dependence.waits)
