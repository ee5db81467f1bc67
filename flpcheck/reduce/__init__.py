"""Exact reductions: declared in the spec, verified on every question that exploration puts, refused when wrong."""

from __future__ import annotations

from flpcheck.reduce.layers import assumed_of, declared_by, in_old_names, plain_system, reduced, representative, unused
from flpcheck.reduce.lift import Punctuality, lifted, punctuality
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient

__all__ = [
    "Orbits",
    "Punctuality",
    "Quotient",
    "assumed_of",
    "declared_by",
    "in_old_names",
    "lifted",
    "plain_system",
    "punctuality",
    "reduced",
    "representative",
    "unused",
]
