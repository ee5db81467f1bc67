"""The summary: the protocol, its world, the counts, the verdicts, and their meaning in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flpcheck.analyse import Analysis, Finding, Schedule, Vacuity
from flpcheck.analyse.alphabet import Alphabet
from flpcheck.analyse.deciders import overlooked
from flpcheck.analyse.message_delays import MessageDelays
from flpcheck.authoring.property import Verdict, termination
from flpcheck.authoring.protocol import constants, is_general, parameters
from flpcheck.authoring.rules import Rule
from flpcheck.authoring.values import shorten
from flpcheck.budget import PARTS
from flpcheck.examine import Examination
from flpcheck.reduce import reduced, unused
from flpcheck.reduce.universe import MOST_ROWS
from flpcheck.report.command import replay_of
from flpcheck.report.cures import multiplied
from flpcheck.report.fastest_runs import sentences
from flpcheck.report.narrate import NarratedStep, steps_of
from flpcheck.report.wording import counted
from flpcheck.settle import EQUAL_STATES, STUBBORN, Request
from flpcheck.system import System

COLOURS = {Verdict.HOLDS: "green", Verdict.VIOLATED: "bold red", Verdict.INCOMPLETE: "yellow"}
LONG_TEXT = 400
"""Maximum length of a sentence about values, in characters; the middle of a longer one is left out."""
MOST_DIFFERENCES = 3
"""Maximum number of differences from what the instance expects that are listed before the traces."""
LONG_TRACE = 60
"""Maximum number of events of a schedule that is shown whole; of longer ones the middle is left out."""


def summary(examination: Examination, *, timed: bool = True) -> Group:
    """Return the summary of an examination, to be printed with rich; without seconds it is always the same."""
    verdicts = verdict_table((finding, examination.expected(finding)) for finding in examination.judged.findings)
    table = counts(examination, timed=timed, delays=examination.delays)
    parts: list[RenderableType] = [head(examination), table, verdicts]
    parts += [Padding(Text(line), (0, 1)) for line in meaning(examination)]
    parts += [Padding(Text(line, style="yellow"), (0, 1)) for line in remarks(examination)]
    return Group(*parts)


def head(examination: Examination) -> Text:
    """Return what was explored: the protocol with its parameters, in its world."""
    clock = examination.system.clock
    return head_of(examination.request, clock.assumed if clock else "")


def head_of(request: Request, assumed: str = "") -> Text:
    """Return what is asked about: a protocol with its parameters, in its world."""
    text = Text(request.spec.title, style="bold")
    named = f" · instance {request.instance.name!r}" if request.instance and request.instance.name else ""
    given = {**parameters(request.protocol), **constants(request.protocol)}
    chosen = ", ".join(f"{name}={shorten(str(value))}" for name, value in given.items())
    text.append(f"\n{request.spec.name}{named}{' · ' + chosen if chosen else ''}", style="not bold")
    text.append(f"\n{request.world.text(with_network=not is_general(request.protocol))}", style="not bold")
    if assumed:
        text.append(f"\nassumed: {assumed}", style="not bold")
    if request.inputs:
        fixed = ", ".join(f"{pid}={shorten(str(value))}" for pid, value in request.inputs.items())
        text.append(f"\ninputs fixed: {fixed}", style="not bold")
    return text


def counts(
    examination: Examination, *, timed: bool, with_flp: bool = True, delays: MessageDelays | None = None
) -> Table:
    """Return how much was explored, the valence census, message delays, and with `with_flp` the FLP verdict."""
    graph, judged = examination.judged.graph, examination.judged
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    depth = "depth" if graph.order == "bfs" else "longest path found"
    size = f"{len(graph):,} configurations, {graph.steps:,} transitions, {depth} {graph.farthest:,}"
    table.add_row("explored", Text(size) + _cut(examination))
    initial = f"{len(set(graph.roots)):,}"
    if isinstance(judged, Analysis) and judged.deciding:
        table.add_row("valence", census_line(judged))
        table.add_row("initial", f"{initial}: {valence_line(judged.initial)}")
        special = f"{len(judged.critical):,} critical, {len(judged.disagreeing):,} disagreeing"
        table.add_row("of interest", special + _chain(judged))
    else:
        table.add_row("initial", initial)
    for number, sentence in enumerate(sentences(delays) if delays else ()):
        table.add_row("" if number else "fastest", sentence)
    odds = judged.odds if isinstance(judged, Analysis) else None
    for number, sentence in enumerate(odds.sentences() if odds else ()):
        table.add_row("" if number else "coins", sentence)
    if judged.flp is not None and with_flp:
        table.add_row("FLP", f"{', '.join(judged.flp.verdicts)}: {shorten(judged.flp.because, LONG_TEXT)}")
    if timed and examination.spent:
        table.add_row("seconds", seconds_text(examination.spent))
    return table


def census_line(analysis: Analysis) -> str:
    """Return the valence census as one line, with how many configurations it counts modulo symmetry."""
    line = valence_line(analysis.census)
    if analysis.graph.system.symmetry is None:
        return line
    return f"{line} (of {int(analysis.graph.weights.sum()):,} without symmetry)"


def _chain(analysis: Analysis) -> str:
    """Tell the longest bivalent chain: after how many rounds the outcome can still be open."""
    if analysis.chain is None:
        return ""
    rounds = sum(transition.event.kind == "round" for transition in analysis.chain.transitions)
    return f", bivalent for up to {counted(rounds, 'round')}" if rounds else ", bivalent at the start only"


def _cut(examination: Examination) -> Text:
    cut = examination.cut
    if cut is None:
        return Text("")
    return Text(f" ({cut.bound.label}: {cut.frontier:,} configurations left unexpanded)", style="yellow")


def seconds_text(spent: Mapping[str, float]) -> str:
    """Return what a run has taken, and the share of each part.

    Examples
    --------
    >>> seconds_text({"explore": 1.26, "analyse": 3.74})
    '5.00 in all: exploring 1.26, judging 3.74'
    """
    parts = ", ".join(f"{PARTS[part]} {spent[part]:.2f}" for part in PARTS if part in spent)
    return f"{sum(spent.values()):.2f} in all: {parts}"


def valence_line(census: Any) -> str:
    """Return a valence census as one line.

    Examples
    --------
    >>> from flpcheck.analyse import Census
    >>> valence_line(Census(8, {"0": 3, "1": 5}, 0, 0))
    '8 bivalent, 3 0-valent, 5 1-valent'
    """
    parts = [
        f"{census.bivalent:,} bivalent",
        *(f"{n:,} {shorten(value)}-valent" for value, n in census.univalent.items()),
    ]
    parts += [f"{census.none:,} from which no decision is reachable"] if census.none else []
    parts += [f"{census.unknown:,} unknown"] if census.unknown else []
    return ", ".join(parts)


def verdict_table(findings: Iterable[tuple[Finding, Verdict | None]]) -> Table:
    """Return findings as a table, each beside the verdict that is expected, if any."""
    table = Table(show_edge=False, pad_edge=False, header_style="dim", box=None, padding=(0, 2, 0, 0))
    for column in ("property", "verdict", "shown by", "because"):
        table.add_column(column, overflow="fold")
    for finding, expected in findings:
        table.add_row(finding.claim.name, _verdict(finding, expected), _shown_by(finding), _because(finding))
    return table


def _verdict(finding: Finding, expected: Verdict | None) -> Text:
    text = Text(finding.verdict.value, style=COLOURS[finding.verdict])
    if expected is finding.verdict and finding.verdict is not Verdict.HOLDS:
        text = Text(f"{finding.verdict.value} (expected)", style="magenta")
    elif expected is not None and expected is not finding.verdict:
        text.append(f" (expected {expected.value})")
    return text


def _shown_by(finding: Finding) -> str:
    if finding.schedule is None:
        return ""
    loop = (
        "" if finding.schedule.loop is None else f", {len(finding.schedule) - finding.schedule.loop} of them for ever"
    )
    return f"{len(finding.schedule)} event{'' if len(finding.schedule) == 1 else 's'}{loop}"


def _because(finding: Finding) -> str:
    return shorten(finding.because or finding.claim.statement, LONG_TEXT)


def meaning(examination: Examination) -> Iterator[str]:
    """Yield what the verdicts mean, a sentence each."""
    findings, graph = examination.judged, examination.judged.graph
    by = {verdict: [f for f in findings.findings if f.verdict is verdict] for verdict in Verdict}
    names = {verdict: _listing([f.claim.name.replace("_", " ") for f in found]) for verdict, found in by.items()}
    limits = within(examination)
    if by[Verdict.HOLDS]:
        verb = "holds" if len(by[Verdict.HOLDS]) == 1 else "hold"
        looked = f": all {len(graph):,} configurations were examined" if graph.complete else ""
        yield f"{names[Verdict.HOLDS]} {verb}{limits}{looked}."
    for finding in by[Verdict.VIOLATED]:
        yield f"{finding.claim.name.replace('_', ' ')} fails{limits}: {_because(finding)}."
    unfinished, judged = findings.unfinished, [f.because for f in by[Verdict.INCOMPLETE]]
    if unfinished:
        yield f"INCOMPLETE: {'; '.join(unfinished)}."
    if any(because not in unfinished for because in judged) and graph.cut is not None:
        stop = graph.cut.bound
        cure = f"; {stop.advice}" if stop.advice else ""
        yield f"Nothing is proved about {names[Verdict.INCOMPLETE]}: the search was {stop.label}{cure}."
    yield from (f"{claim.name} is not judged without transitions: {why}." for claim, why in findings.not_asked.items())


def within(examination: Examination) -> str:
    """Label verdicts with the model's constants, the world's, and what liars can say: limits of what was looked at."""
    request, system = examination.request, examination.system.plain
    given = [f"{name}={value}" for name, value in constants(request.protocol).items()]
    labels = ([f"within {', '.join(given)}"] if given else []) + [request.world.oracle.within]
    labels += ["for twins, not for all Byzantine behaviour"] if request.world.failures.twins else []
    limits = [*filter(None, labels), *system.assumptions]
    said = Alphabet.of(system)
    return (f" ({'; '.join(limits)})" if limits else "") + (f", {said}" if said else "")


def _listing(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


def remarks(examination: Examination) -> Iterator[str]:
    """Yield what the author should look at: differences from the expectations, and what was never exercised."""
    yield from _reductions(examination)
    if examination.purity:
        yield f"purity: {examination.purity}"
    if examination.judged.graph.fallback:
        yield f"the reference engine explored, because {examination.judged.graph.fallback}"
    yield from map(str, examination.growth)
    yield from multiplied(examination)
    claims = examination.request.spec.own_properties
    yield from overlooked(examination.system, examination.judged.deciding, claims)
    differences = examination.differences
    yield from (f"differs: {shorten(str(difference), LONG_TEXT)}" for difference in differences[:MOST_DIFFERENCES])
    if more := differences[MOST_DIFFERENCES:]:
        yield f"differs in {len(more)} more; `flpcheck check {examination.request.spec.path}` lists them"
    yield from _never(examination.judged.vacuity) if isinstance(examination.judged, Analysis) else ()
    said = Alphabet.of(examination.system)
    yield from said.hints if said else ()


def _never(vacuity: Vacuity) -> Iterator[str]:
    """Say what was never exercised."""
    yield from unexercised(vacuity.rules, vacuity.messages)
    if vacuity.liars:
        yield f"never heeded: no lie of {' or '.join(vacuity.liars)} changes anything"


def unexercised(rules: Sequence[Rule], messages: Sequence[str]) -> Iterator[str]:
    """Say which rules were never taken, and which kinds of messages never received."""
    if rules:
        yield f"never taken: {'; '.join(f'{rule.name} (line {rule.place.line})' for rule in rules)}"
    if messages:
        yield f"never received: {', '.join(messages)}"


def _reductions(examination: Examination) -> Iterator[str]:
    """Say what a configuration stands for, and why a declared reduction is not used."""
    system, request = examination.system, examination.request
    declared = reduced(system.plain) if request.reduction else system
    if (symmetry := system.symmetry) is not None:
        alike = " and ".join(", ".join(map(str, names)) for names in symmetry.alike)
        yield (
            f"modulo symmetry: {alike} are interchangeable; one configuration stands for up to {symmetry.most:,}; "
            "what distinguishes processes (termination, the theorem, pictures of the graph) is found without it"
        )
    elif declared.symmetry is not None:
        yield "the declared symmetry is not used: what is judged here distinguishes single processes or values"
    if system.dead_letters is not None:
        yield (
            "dead letters are dropped: messages that their receivers will ignore are in no mailbox, "
            "so there may be fewer configurations than in the whole graph (--reduce none)"
        )
        if system.dead_letters.merged:
            yield (
                "equal local states are merged: where neither a run nor a property tells two states of a process "
                "apart, one stands for both; rules that were never taken are not reported"
            )
        elif request.reduce == EQUAL_STATES:
            yield "no equal local states were found, so none are merged"
    if system.stubborn is not None:
        yield (
            "events that can wait are left out: of each configuration a stubborn set is expanded, "
            "so verdicts are those of the whole graph, and a configuration that is not here may be reachable"
        )
    elif request.reduce == STUBBORN:
        yield f"no events are left out: the protocol has more than {MOST_ROWS:,} local rows"
    if request.reduction and (left_out := unused(system.plain)):
        yield left_out


def traces(examination: Examination) -> Iterator[Group]:
    """Yield the schedule of every violated property, narrated, with the command that replays it."""
    shown: dict[tuple[Any, ...], str] = {}
    for finding in examination.judged.findings:
        if finding.schedule is None or not finding.is_counterexample:
            continue
        events = (finding.schedule.initial, finding.schedule.loop, *map(str, finding.schedule.as_json()))
        if events in shown:
            yield Group(
                "", Text(f"{finding.claim.name} is violated by the same schedule as {shown[events]}", style="bold")
            )
        else:
            shown[events] = finding.claim.name
            yield _trace(examination, finding)
    yield from improbable(examination)


def improbable(examination: Examination) -> Iterator[Group]:
    """Yield the run that never decides and has probability zero, where there are coins and such a run."""
    for finding in examination.judged.findings:
        if finding.claim is termination and finding.verdict is Verdict.HOLDS and finding.schedule is not None:
            head = Text("a run of probability zero", style="bold").append(f"  ({_shown_by(finding)})", "dim")
            steps = steps_of(examination.system, finding.schedule, examination.judged.valence)
            yield Group("", head, *narration(steps))


def _trace(examination: Examination, finding: Finding) -> Group:
    assert finding.schedule is not None
    graph = examination.judged.graph
    shortest = graph.order == "bfs" and finding.schedule.loop is None and finding.shortest
    kind = "shortest " if shortest else ""
    head = Text(f"{finding.claim.name} is violated", style="bold")
    switches = counted(finding.schedule.context_switches, "context switch")
    head.append(f"  ({kind}schedule: {_shown_by(finding)}, {switches})", "dim")
    steps = steps_of(graph.system, finding.schedule, examination.judged.valence, finding.beside)
    end = Text(f"  ⇒  {_because(finding)}", style="bold red")
    command = replay_of(examination, finding.schedule)
    return Group("", head, *narration(steps), end, *verbatim(command))


def verbatim(command: str) -> list[Text]:
    """Return a command to be copied, in one line whatever the width; no line if there is none."""
    return [Text(f"     {command}", style="dim", overflow="ignore", no_wrap=True)] if command else []


def narration(steps: list[NarratedStep], limit: int | None = LONG_TRACE) -> list[Text]:
    """Return narrated steps as rich text; beyond a limit the middle is left out."""
    if limit is None or len(steps) <= limit:
        return list(_rich_lines(steps))
    left_out = len(steps) - limit
    gap = Text(f"     ... {left_out} steps omitted; the replay shows all ...", style="dim")
    return [*_rich_lines(steps[: limit // 2]), gap, *_rich_lines(steps[-limit // 2 :])]


def _rich_lines(steps: list[NarratedStep]) -> Iterator[Text]:
    looping = False
    for step in steps:
        if step.loops and not looping:
            looping = True
            yield Text("     from here on, for ever:", style="bold yellow")
        line = Text(f"{step.number:>3}  ", style="dim")
        line.append(step.title, style="bold" if step.number else "")
        line.append(f"   {step.rule}" if step.rule else "", style="cyan")
        line.append(f"   [{step.valence}]" if step.valence else "", style="magenta")
        yield line
        for change in step.changes:
            yield Text(f"       {change}")


def final(system: System, schedule: Schedule) -> Group:
    """Return the last configuration of a schedule, process by process, and what has been decided."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, fields in system.describe(schedule.configurations[-1]).items():
        mail = fields.get("mail", [])
        shown = [f"{field}={text}" if field else str(text) for field, text in fields.items() if field != "mail"]
        table.add_row(f"     {name}", ", ".join(shown) + (f"   waiting: {'; '.join(mail)}" if mail else ""))
    outputs = system.outputs(schedule.configurations[-1])
    decided = ", ".join(f"{pid} has decided {' and '.join(map(str, values))}" for pid, values in outputs.items())
    return Group(
        Text("\n     the configuration at the end:", style="dim"),
        table,
        Text(f"  ⇒  {decided or 'no process has decided'}"),
    )
