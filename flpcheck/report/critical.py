"""Critical configurations in shared memory, in words: which operations decide, and who can tell which came first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flpcheck.analyse.theorem.critical import Critical, Criticals, Rivals

TextLine = tuple[str, bool | None, str]
"""A lemma: its name, whether it holds (None: open), and why."""
NAME = "Herlihy (critical on one object, no register)"


def lemma_on_objects(found: Criticals) -> TextLine:
    """Return what came of the lemma of Loui and Abu-Amara (1987) and Herlihy (1991)."""
    if not found.found:
        return NAME, True, "nothing is critical"
    looked = f"{len(found.found):,} of {found.number:,}" if len(found.found) < found.number else f"{found.number:,}"
    if not found.exceptions:
        return NAME, True, f"all {looked}, on {_objects(found.found)}"
    first = found.exceptions[0]
    told = (
        f"not {len(found.exceptions):,} of {looked}, for instance configuration {first.number}, on {_objects([first])}"
    )
    return NAME, False, f"{told}: the lemma assumes that no decision waits for a single process"


def _objects(found: Sequence[Critical]) -> str:
    things = {thing.name: type(thing).__name__ for one in found for thing in one.objects}
    return " and ".join(f"{name} ({kind})" for name, kind in things.items())


def sentences(found: Criticals) -> Iterator[str]:
    """Yield a sentence for one critical configuration of each kind."""
    for one in found.examples:
        steps = "; ".join(
            f"{found.names[step.process]} {step.op} "
            + (f"leaves only {step.leaves}" if step.leaves else "changes nothing")
            for step in one.pending
        )
        yield f"critical configuration {one.number}: {steps}; {_who_can_tell(found.names, one.weakest)}"


def _who_can_tell(names: tuple[str, ...], pair: Rivals) -> str:
    one, other = names[pair.one], names[pair.other]
    if pair.tell is None:
        return f"every process can tell which of {one} and {other} came first"
    told = [names[index] for index in pair.tell]
    if not told:
        return f"the steps of {one} and {other} commute, so nothing can be decided after both"
    if len(told) == 1:
        return f"only {told[0]} can tell which of {one} and {other} came first, so the others cannot decide without it"
    return f"only {' and '.join(told)} can tell which came first"
