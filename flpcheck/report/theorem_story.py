"""The theorem on a protocol in short sentences: the question, the answer, why it matters, the proof in three steps."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from flpcheck.analyse.theorem.tour import TheoremResult
from flpcheck.examine import Examination
from flpcheck.report.command import command_line, options_of
from flpcheck.report.diamond import gadget_sentence
from flpcheck.report.summary import head, verbatim, within
from flpcheck.report.theorem import certificates, theorem
from flpcheck.report.wording import counted, input_text

QUESTION = (
    "One process may crash, and a message may take any time. Can a protocol still never decide two different values "
    "(agreement), have either of two outcomes possible (non-triviality), and always decide (termination)? The theorem "
    "of Fischer, Lynch and Paterson (FLP, 1985) says that no deterministic one can. Which of the three is lacking here?"
)
ANSWERS = {
    "disagrees": "It disagrees: some run decides two different values. Agreement is lacking.",
    "trivial": "It is trivial: whatever the inputs, at most one value can be decided. Non-triviality is lacking.",
    "blocks": "It blocks: it can get to where no process can ever decide, whatever comes. Termination is lacking.",
    "undecided_lasso": (
        "It has an undecided lasso: a run that goes round in a loop for ever, in which every correct process keeps "
        "stepping and receives its messages, and none decides. Termination is lacking."
    ),
    "outside": "It is outside the theorem, which therefore demands nothing of it.",
    "unknown": "The answer is unknown: nothing was found before the search was cut.",
}
"""The meaning of each verdict."""
MATTERS = {
    "disagrees": "A process that does not wait for a silent one may guess wrong: the silent one may only be slow.",
    "trivial": "Where no input can change the outcome, nothing is decided that was not known before.",
    "blocks": "A process cannot tell a crashed process from a slow one, so a protocol that waits may wait for ever.",
    "undecided_lasso": "An unlucky order of events, again and again, is enough to keep every process undecided.",
}
"""The importance of each verdict."""


def story(examination: Examination, found: TheoremResult | None) -> Group:
    """Return what the theorem says about a protocol, for a reader who does not know its proof.

    Parameters
    ----------
    examination
        The examination.
    found
        What was found of the theorem; None in rounds, where the story is the whole text.
    """
    if found is None:
        return theorem(examination, None)
    parts: list[RenderableType] = [head(examination), _title("the question"), _sentence(QUESTION)]
    parts += [_title("the answer"), *(_sentence(line) for line in _answers(examination, found))]
    parts += certificates(examination, found)
    parts += [_title("the proof on this protocol"), *(_sentence(line) for line in _proof(found))]
    parts += [Text(""), *verbatim(_details(examination))]
    return Group(*parts)


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _sentence(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 2))


def _answers(examination: Examination, found: TheoremResult) -> Iterator[str]:
    verdict = found.verdict
    for name in verdict.verdicts:
        because = f" {verdict.because[:1].upper()}{verdict.because[1:]}." if name == "outside" else ""
        answer = ANSWERS[name]
        if examination.request.inputs:
            answer = answer.replace("whatever the inputs", "with the fixed inputs")
        yield f"{answer}{because}{within(examination)}"
        if name in MATTERS:
            yield f"Why it matters: {MATTERS[name]}"
    if examination.cut is not None:
        yield f"The search was cut ({examination.cut.bound.label}): more may be found in what it left out."
    if "undecided_lasso" in verdict.verdicts or "blocks" in verdict.verdicts or "disagrees" in verdict.verdicts:
        yield "Below is a run that shows it; [ ] holds the values that can still be decided (the valence)."


def _proof(found: TheoremResult) -> Iterator[str]:
    """Yield the steps of the proof: the beginning, the way, and the step that decides."""
    yield f"1. At the beginning (Lemma 2): {_beginning(found)}"
    yield f"2. On the way (Lemma 3): {_way(found)}"
    yield f"3. Where the outcome is settled: {_settled(found)}"


def _beginning(found: TheoremResult) -> str:
    lemma, starts = found.lemma2, counted(len(found.graph.roots), "initial configuration")
    if lemma.bivalent:
        one, several = found.graph.initial[lemma.bivalent[0]], len(lemma.bivalent) > 1
        return (
            f"{len(lemma.bivalent)} of {starts} {'are' if several else 'is'} bivalent: two outcomes are possible, and "
            f"the order of events chooses. One has {input_text(one.inputs, one.dead)}."
        )
    if not found.graph.complete:
        return f"no bivalent one (with two outcomes possible) was found among {starts}, but the search was cut."
    told = f"none of {starts} is bivalent (with two outcomes possible): the inputs settle what can be decided."
    there = f" Where only the input of {lemma.pivot} differs that changes, so there no process can decide without it."
    return told + there if lemma.chain else told


def _way(found: TheoremResult) -> str:
    lemma = found.lemma3
    if not lemma.pairs:
        return "no configuration is bivalent, so there is no choice to keep open."
    if lemma.failures:
        why = found.why_lemma3_fails
        return (
            f"{lemma.failures:,} of {lemma.pairs:,} times that an event is possible in a bivalent configuration, there "
            f"is no way of taking it, now or later, that leaves two outcomes possible. {why[:1].upper()}{why[1:]}."
        )
    if not lemma.complete:
        return "no event was found that has to settle the outcome, but the search was cut."
    told = (
        "whichever event is possible in a bivalent configuration, there is a way of taking it, now or later, that "
        "leaves two outcomes possible."
    )
    play = found.adversary
    endless = play is not None and play.for_ever
    return f"{told} So an adversary (a scheduler that wants no decision) never has to give up." if endless else told


def _settled(found: TheoremResult) -> str:
    critical = len(found.gadgets.critical)
    if not critical:
        told = "no configuration is critical (bivalent, and the next step of any process settles the outcome)."
    else:
        are = "is" if critical == 1 else "are"
        what = f"{counted(critical, 'configuration')} {are} critical"
        told = f"{what}: bivalent, and the next step of any process settles the outcome."
    if found.gadget is None:
        return told
    return f"{told} In configuration {found.gadget.number}, {gadget_sentence(found.case, found.gadget)}."


def _details(examination: Examination) -> str:
    request = examination.request
    command = command_line("flp", request.spec, *options_of(request), "--details")
    return f"the lemmas in numbers, and the adversary at work: {command}"
