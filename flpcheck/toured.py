"""The other instances of a spec through which its tours lead: explored, so that a page of one holds all tours."""

from __future__ import annotations

from dataclasses import replace

from flpcheck.analyse import analyse
from flpcheck.budget import OutOfBudget
from flpcheck.errors import FlpcheckError
from flpcheck.examine import Examination, claims_of
from flpcheck.explore import explore
from flpcheck.instance import Instance
from flpcheck.settle import Overrides, Request, settle

LARGEST = 20_000
"""Maximum number of configurations of an instance that is explored for its tours alone."""


def toured(request: Request, largest: int = LARGEST) -> list[Examination]:
    """Return the other instances of a request's spec through which tours lead, explored and analysed.

    Parameters
    ----------
    request
        Its own instance is not among them.
    largest
        Maximum number of configurations; larger instances are left out.

    Returns
    -------
    list of Examination
        In the order of the tours.  An instance that cannot be explored is left out, too.  Cost: that of exploring them.

    Examples
    --------
    >>> from flpcheck.spec import load
    >>> [one.request.instance.name for one in toured(settle(load("paxos"), Overrides()), largest=1_000)]
    ['round']
    """
    mine = request.instance.name if request.instance else None
    names = dict.fromkeys(tour.instance for tour in request.spec.tours if tour.instance != mine)
    instances = [request.spec.instance(name) for name in names]
    found = (_examined(request, one, largest) for one in instances if not one.on_demand and _fits(one, largest))
    return [one for one in found if one is not None]


def _fits(instance: Instance, largest: int) -> bool:
    return instance.configurations is None or instance.configurations <= largest


def _examined(request: Request, instance: Instance, largest: int) -> Examination | None:
    """Return an instance explored; None if it is too large, or cannot be."""
    try:
        other = settle(request.spec, Overrides(instance=instance.name))
        bounds = replace(other.bounds, configurations=min(other.bounds.configurations or largest, largest) + 1)
        graph = explore(other.system, bounds)
        if len(graph) > largest or graph.system.symmetry is not None:
            return None
        return Examination(other, analyse(graph, claims_of(other, graph.system, graph.deciding)))
    except OutOfBudget:
        raise
    except FlpcheckError:
        return None
