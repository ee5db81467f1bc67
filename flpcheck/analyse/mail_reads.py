"""Which properties depend on what waits in mailboxes, so that dead letters have to be kept."""

from __future__ import annotations

from collections.abc import Iterable

from flpcheck.analyse.field_reads import names_it
from flpcheck.authoring.property import Property, deadlock_freedom
from flpcheck.authoring.refinement import REFINES
from flpcheck.authoring.temporal import TEMPORAL

MAIL = "mail"


class ReadsMail(Exception):
    """A predicate has looked at the mail of a configuration that may lack dead letters."""


def reader_of_mail(claims: Iterable[Property], *, steps: bool) -> str:
    """Return a property that may depend on what waits in mailboxes, as a clause; empty if there is none.

    Parameters
    ----------
    claims
        The properties.
    steps
        Whether steps are judged.

    Examples
    --------
    >>> from flpcheck import agreement
    >>> reader_of_mail([agreement, deadlock_freedom], steps=False)
    'deadlock_freedom depends on what can still be delivered'
    """
    for claim in claims:
        if steps and claim.kind == "step":
            return f"{claim.name} is asked of deliveries that change nothing, too"
        if claim.kind in {REFINES, TEMPORAL}:
            return f"{claim.name} follows whole runs"
        if claim == deadlock_freedom:
            return f"{claim.name} depends on what can still be delivered"
        if any(names_it(predicate, MAIL) for predicate in claim.predicates):
            return f"{claim.name} reads {MAIL}"
    return ""
