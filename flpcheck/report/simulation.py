"""The report on random runs: what they covered, what they have shown, and how to see it again."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flpcheck.analyse import Finding
from flpcheck.authoring.property import Verdict
from flpcheck.report.command import command_line, options_of
from flpcheck.report.summary import head, seconds_text, traces, unexercised, verbatim, verdict_table
from flpcheck.report.wording import counted
from flpcheck.simulate import Simulation


def simulation_report(simulation: Simulation, *, timed: bool = True) -> Group:
    """Return the report on random runs, to be printed with rich; without seconds it is always the same."""
    examination = simulation.examination
    verdicts = verdict_table((f, simulation.expected(f)) for f in examination.judged.findings)
    parts: list[RenderableType] = [head(examination), _counts(simulation, timed=timed), verdicts]
    parts += [Padding(Text(line), (0, 1)) for line in meaning(simulation)]
    parts += [Padding(Text(line, style="yellow"), (0, 1)) for line in remarks(simulation)]
    parts += [*traces(examination), *_origins(simulation)]
    return Group(*parts)


def _counts(simulation: Simulation, *, timed: bool) -> Table:
    plan, walks = simulation.plan, simulation.walks
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    wanted = f"run {plan.only}" if plan.only is not None else f"{walks.made:,} of {plan.runs:,}"
    table.add_row("random runs", f"{wanted} (seed {plan.seed}), {counted(walks.steps, 'event')}")
    table.add_row("reached", " ".join(reached_text(simulation)))
    table.add_row("exercised", simulation.coverage.sentence)
    if timed and simulation.examination.spent:
        table.add_row("seconds", seconds_text(simulation.examination.spent))
    return table


def reached_text(simulation: Simulation) -> Iterator[str]:
    """Yield what is known of how much the runs have reached, a clause each; the whole is not known."""
    chance = 100 * simulation.chance_of_new
    yield f"{counted(simulation.examination.size, 'configuration')}, so there are at least as many;"
    yield f"one more event of such runs leads to another one with a probability of about {chance:.2g} %"


def meaning(simulation: Simulation) -> Iterator[str]:
    """Yield what the verdicts mean, a sentence each."""
    findings = simulation.examination.judged.findings
    for finding in findings:
        if finding.verdict is Verdict.VIOLATED:
            yield f"{finding.claim.name.replace('_', ' ')} fails: {finding.because or finding.claim.statement}."
    if any(finding.verdict is Verdict.INCOMPLETE for finding in findings):
        yield "Random runs prove nothing: what they have not reached may violate what is INCOMPLETE."
    for claim, why in simulation.examination.judged.not_asked.items():
        yield f"{claim.name} is not judged on random runs: {why}."


def remarks(simulation: Simulation) -> Iterator[str]:
    """Yield what limits the runs, and what they never exercised, a sentence each."""
    examination = simulation.examination
    if examination.purity:
        yield f"purity: {examination.purity}"
    if examination.system.listens:
        yield "liars say only what they knew when the runs began: a search hears more, and lets them say that too"
    cut = examination.cut
    if cut is not None and cut.bound.is_bound:
        yield f"the runs were {cut.bound.label}; {cut.bound.advice}"
    yield from unexercised(simulation.coverage.rules, simulation.coverage.messages)


def _origins(simulation: Simulation) -> Iterator[RenderableType]:
    """Yield in which run each schedule was found, with the command that makes this run again."""
    told = set[int]()
    for finding in simulation.examination.judged.findings:
        found = simulation.found_in.get(finding.claim)
        if found is not None and found.number not in told:
            told.add(found.number)
            yield Text(
                f"\nfound in run {found.number} ({found.policy}){_shortening(simulation, finding)}:", style="dim"
            )
            yield from verbatim(run_command(simulation, found.number))


def _shortening(simulation: Simulation, finding: Finding) -> str:
    before, schedule = simulation.found_in[finding.claim].events, finding.schedule
    shorter = schedule is not None and len(schedule) < before
    return f", after {counted(before, 'event')}, of which {len(schedule)} are enough" if shorter and schedule else ""


def run_command(simulation: Simulation, number: int) -> str:
    """Return the command that makes one of the runs again."""
    request, plan = simulation.examination.request, simulation.plan
    how = ("--seed", str(plan.seed), "--max-length", str(plan.length), "--run", str(number))
    return command_line("simulate", request.spec, *options_of(request), *how)
