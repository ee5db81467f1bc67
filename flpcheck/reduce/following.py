"""Which properties follow one process, or one value, along a run: modulo symmetry these change their names on the way.

TLC's combination of the two invents and misses violations; Bosnacki (2003) has one that is sound.
"""

from __future__ import annotations

from collections.abc import Iterable

from flpcheck.authoring.property import (
    Property,
    any_input_validity,
    correct_unanimity,
    interactive_consistency,
    termination,
    validity,
)
from flpcheck.authoring.reduction import Interchangeable, Symmetric, Symmetry
from flpcheck.authoring.temporal import (
    ALWAYS_EVENTUALLY,
    EVENTUALLY,
    EVENTUALLY_ALWAYS,
    POSSIBLE,
    Temporal,
)

FOLLOW_PROCESSES = (termination, correct_unanimity, interactive_consistency)
FOLLOW_VALUES = (validity, any_input_validity)


def symmetries_for(claims: Iterable[Property]) -> tuple[type[Symmetry], ...]:
    """Return which kinds of symmetry may be used to judge some properties; none if none are named.

    Examples
    --------
    >>> from flpcheck import agreement
    >>> [kind.__name__ for kind in symmetries_for([agreement, validity])]
    ['Symmetric']
    """
    asked = tuple(claims)
    if not asked or any(map(follows_processes, asked)):
        return ()
    return (Symmetric,) if any(claim in FOLLOW_VALUES for claim in asked) else (Symmetric, Interchangeable)


def follows_processes(claim: Property) -> bool:
    """Return whether a property follows a process through more than one configuration."""
    return claim in FOLLOW_PROCESSES or claim.kind not in {"standard", "invariant", "sometimes"}


def follows_runs(claim: Property) -> bool:
    """Return whether a property is one of runs."""
    return claim == termination or isinstance(claim, Temporal)


def unfollowed_operator(claim: Property, *, silent: bool) -> str:
    """Return where runs are not followed modulo symmetry for a temporal property; empty if they are.

    Parameters
    ----------
    claim
        The property.
    silent
        Whether crashes are elided.
    """
    if not isinstance(claim, Temporal):
        return ""
    if claim.operator == POSSIBLE:
        return "processes fall silent, or each of them is followed" if silent or claim.each else ""
    followed = {EVENTUALLY, ALWAYS_EVENTUALLY, EVENTUALLY_ALWAYS}
    return f"{claim.operator} is claimed for each process" if claim.each and claim.operator not in followed else ""
