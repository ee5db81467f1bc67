"""Exact reductions: declared in the spec, verified on every question that exploration puts, refused when wrong."""

from __future__ import annotations

from flpcheck.reduce.following import symmetries_for
from flpcheck.reduce.layers import declared_by, reduced, unused, used
from flpcheck.reduce.lift import Punctuality, lifted, punctuality
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient

__all__ = [
    "Orbits",
    "Punctuality",
    "Quotient",
    "declared_by",
    "lifted",
    "punctuality",
    "reduced",
    "symmetries_for",
    "unused",
    "used",
]
