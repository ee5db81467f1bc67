"""The theorem on a protocol as text: verdict and certificates, lemmas, forks and hooks, the adversary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.theorem.adversary import Play
from flpcheck.analyse.theorem.blocking import BlockingCertificate
from flpcheck.analyse.theorem.lemma2 import Beginning
from flpcheck.analyse.theorem.livelock import Livelock
from flpcheck.analyse.theorem.tour import TheoremResult
from flpcheck.analyse.verdict import FlpVerdict
from flpcheck.examine import Examination
from flpcheck.report.command import replay_command
from flpcheck.report.critical import TextLine, lemma_on_objects, sentences
from flpcheck.report.diamond import gadget_sentence
from flpcheck.report.narrate import steps_of
from flpcheck.report.summary import counts, head, narration, traces, verbatim, within
from flpcheck.report.wording import counted, input_text
from flpcheck.settle import Request

MOST_STAGES = 24
"""Maximum number of stages of the adversary that are narrated; of a longer play its two ends."""

IN_SHARED_MEMORY = (
    "  in shared memory the theorem is that of Loui and Abu-Amara (1987), on registers; FLP's lemmas are on messages"
)


def theorem(examination: Examination, found: TheoremResult | None, *, timed: bool = True) -> Group:
    """Return what the theorem says about a protocol, to be printed with rich; in rounds that is the verdict."""
    parts: list[RenderableType] = [head(examination), counts(examination, timed=timed, with_flp=False)]
    if found is None:
        return Group(*parts, *_in_rounds(examination))
    parts += [_verdict(examination, found.verdict), *certificates(examination, found)]
    parts += [
        _title("the lemmas on this protocol"),
        *([Text(IN_SHARED_MEMORY)] if found.criticals else []),
        _lemmas(found),
    ]
    parts += [_title("where the outcome is decided"), *_gadgets(found)]
    parts += [_title("without one process"), _silent(found)]
    parts += _adversary(examination, found)
    return Group(*parts)


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _verdict(examination: Examination, verdict: FlpVerdict) -> Text:
    text = Text("\nthe theorem's verdict: ", style="bold")
    text.append(", ".join(verdict.verdicts), "bold magenta")
    fixed = ", with the fixed inputs" if "trivial" in verdict.verdicts and examination.request.inputs else ""
    text.append(f"  ({verdict.because}{fixed}){within(examination)}", "not bold")
    return text


def _in_rounds(examination: Examination) -> Iterator[RenderableType]:
    """Yield the verdict on a protocol in rounds, and what is violated, and how long the outcome can stay open."""
    analysis = examination.analysis
    assert analysis.flp is not None
    yield _verdict(examination, analysis.flp)
    yield Text("  the lemmas, forks and hooks concern steps of single processes; in rounds all processes step together")
    yield from traces(examination)
    if analysis.chain is None:
        return
    yield _title(f"the longest bivalent chain: {counted(len(analysis.chain) + 1, 'configuration')}")
    yield from narration(steps_of(analysis.graph.system, analysis.chain, analysis.valence))
    command = replay_command(examination.request, analysis.graph.system, analysis.chain)
    yield from verbatim(command)


def certificates(examination: Examination, found: TheoremResult) -> Iterator[RenderableType]:
    """Yield what shows each horn: a schedule, narrated, with the command that replays it."""
    request = examination.request
    if found.disagreement is not None:
        yield _told(request, found, "disagrees", found.disagreement, "two different values are decided")
    if "blocks" in found.verdict.verdicts and found.blocking is not None:
        yield _blocking(request, found, found.blocking)
    if found.lasso is not None:
        yield _lasso(request, found, found.lasso)


def _lasso(request: Request, found: TheoremResult, lasso: Livelock) -> Group:
    faulty = lasso.faulty
    who = f"{' and '.join(faulty)} silent, all others take" if faulty else "no process is faulty, all take"
    because = f"{who} steps and receive their messages, and no process ever decides"
    told = _told(request, found, "undecided_lasso", lasso.schedule, because)
    kinds = Counter((cycle.valence, cycle.faulty) for cycle in found.cycles)
    sizes = {kind: [c.size for c in found.cycles if (c.valence, c.faulty) == kind] for kind in kinds}
    census = "; ".join(_cycles(*kind, sizes[kind]) for kind in kinds) or "none found before the search was cut"
    return Group(
        told,
        Text(f"     it repeats for ever: {lasso.because}", style="bold red"),
        Text(f"     fair cycles in which no process has decided: {census}"),
    )


def _cycles(valence: str, faulty: tuple[str, ...], sizes: list[int]) -> str:
    """Return the fair cycles of one kind in a few words."""
    without = f" without {' and '.join(faulty)}" if faulty else ""
    size = f"{min(sizes):,}" if len(set(sizes)) == 1 else f"{min(sizes):,} to {max(sizes):,}"
    return f"{len(sizes)} [{valence}]{without} of {size} configuration{'' if size == '1' else 's'}"


def _told(request: Request, found: TheoremResult, name: str, schedule: Schedule, because: str) -> Group:
    line = Text(f"\n  {name}: ", style="bold red")
    line.append(because, "not bold")
    steps = narration(steps_of(found.graph.system, schedule, found.case.valence))
    return Group(line, *steps, *verbatim(replay_command(request, found.graph.system, schedule)))


def _blocking(request: Request, found: TheoremResult, certificate: BlockingCertificate) -> Group:
    told = _told(request, found, "blocks", certificate.schedule, certificate.because)
    waits = [str(wait) for wait in certificate.waits if wait.letters or wait.steps]
    alone = f" without {' and '.join(certificate.silent)}" if certificate.silent else ""
    waits = waits or [f"nothing that can still happen{alone} leads to a decision"]
    lines = [Text(f"     {wait}", style="red") for wait in waits]
    return Group(told, *lines, *(Text(f"     {held}", style="yellow") for held in found.within))


def _lemmas(found: TheoremResult) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    lines = [_lemma1(found), _lemma2(found), _lemma3(found)]
    lines += [lemma_on_objects(found.criticals)] if found.criticals is not None else []
    for name, holds, because in lines:
        word = "holds" if holds else "fails" if holds is not None else "open"
        table.add_row(f"  {name}", Text(word, style="green" if holds else "yellow"), because)
    return table


def _lemma1(found: TheoremResult) -> TextLine:
    lemma = found.lemma1
    where = "in every configuration" if lemma.complete else "in a sample of the configurations"
    if lemma.failures:
        told = f"{lemma.failures:,} of {lemma.pairs:,} pairs do not commute, for instance {lemma.example}"
        return "Lemma 1 (steps of different processes commute)", False, told
    return "Lemma 1 (steps of different processes commute)", True, f"{counted(lemma.pairs, 'pair')} checked, {where}"


def _lemma2(found: TheoremResult) -> TextLine:
    name, lemma = "Lemma 2 (a bivalent initial configuration)", found.lemma2
    starts = counted(len(found.graph.roots), "initial configuration")
    if lemma.bivalent:
        verb = "is" if len(lemma.bivalent) == 1 else "are"
        return name, True, f"{len(lemma.bivalent)} of {starts} {verb} bivalent{_chain(lemma)}"
    if not found.graph.complete:
        return name, None, "none found among {starts}, but the search was cut"
    if not lemma.chain:
        return name, False, "none: all inputs lead to the same outcome"
    return name, False, f"none of {starts} is bivalent, so no process can decide without {lemma.pivot}{_chain(lemma)}"


def _chain(lemma: Beginning) -> str:
    """Return the chain of adjacent inputs in words."""
    if not lemma.chain:
        return ""
    links = " | ".join(f"{input_text(link.inputs)} [{link.valence}]" for link in lemma.chain)
    alone = "nothing" if lemma.silent == "none" else f"only {lemma.silent}"
    return f": {links}; without {lemma.pivot} {alone} can be decided where the valence changes"


def _lemma3(found: TheoremResult) -> TextLine:
    name, lemma = "Lemma 3 (bivalence can survive any event)", found.lemma3
    tried = f"{lemma.pairs:,} pairs of a bivalent configuration and an event"
    if lemma.failures:
        return name, False, f"for {lemma.failures:,} of {tried}: {found.why_lemma3_fails}"
    if not lemma.complete:
        return name, None, f"no failure among {tried}, but the search was cut"
    return name, True, f"for all {tried}" if lemma.pairs else "no configuration is bivalent"


def _gadgets(found: TheoremResult) -> Iterator[RenderableType]:
    gadgets = found.gadgets
    kinds = (
        (gadgets.critical, "critical configuration"),
        (gadgets.forks, "fork"),
        (gadgets.hooks, "hook"),
        (gadgets.corners, "corner"),
    )
    yield Text("  " + ", ".join(counted(len(numbers), kind) for numbers, kind in kinds))
    if found.gadget is not None:
        yield Padding(
            Text(f"in configuration {found.gadget.number}, {gadget_sentence(found.case, found.gadget)}"), (0, 0, 0, 2)
        )
    if found.criticals is not None:
        yield from (Padding(Text(line), (0, 0, 0, 2)) for line in sentences(found.criticals))


def _silent(found: TheoremResult) -> RenderableType:
    """Return in how many configurations no other process can decide without each process."""
    silent, names = found.case.silent, found.graph.system.names
    dead = [(name, int(silent.dead_without(index).sum())) for index, name in enumerate(names)]
    told = [f"{number:,} without {name}" for name, number in dead if number]
    lines = (
        f"configurations from which no process can decide: {', '.join(told)}"
        if told
        else "whichever single process stops, some other process can always still decide"
    )
    uniform = f"non-uniform: {counted(int(silent.non_uniform.sum()), 'configuration')}"
    return Padding(
        Text(f"{lines}\n{uniform} (what can be decided depends on which single process is missing)"), (0, 0, 0, 2)
    )


def _adversary(examination: Examination, found: TheoremResult) -> Iterator[RenderableType]:
    adversary = found.adversary
    if adversary is None:
        return
    yield _title("the adversary at work")
    start = found.graph.initial[adversary.schedule.initial]
    yield Text(f"  from {input_text(start.inputs, start.dead)}: the processes take turns, each with its oldest event")
    yield from _stages(adversary)
    yield Text(f"  {adversary.because}", style="bold")
    yield from verbatim(replay_command(examination.request, found.graph.system, adversary.schedule))
    if found.ending is not None:
        rest = len(found.ending.schedule) - len(adversary.schedule)
        later = f"{counted(rest, 'event')} later " if rest else ""
        gone = " and ".join((*found.ending.silent, *found.ending.crashed))
        alone = f"{gone} never steps again, and " if gone else ""
        yield Text(f"  it can also block the protocol: {later}{alone}no process can ever decide", style="bold")


def _stages(adversary: Play) -> Iterator[Text]:
    stages, told = adversary.stages, len(adversary.stages)
    left_out = range(MOST_STAGES // 2, told - MOST_STAGES // 2) if told > MOST_STAGES else range(0)
    looping = False
    for number, stage in enumerate(stages):
        loop = adversary.schedule.loop
        if loop is not None and not looping and stage.first >= loop:
            looping = True
            yield Text("     from here on, for ever:", style="bold yellow")
        if number in left_out:
            if number == left_out.start:
                yield Text(f"     ... {counted(len(left_out), 'stage')} omitted ...", style="dim")
            continue
        yield Text(f"{number + 1:>4}  {stage}")
