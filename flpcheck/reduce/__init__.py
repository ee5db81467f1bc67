"""Exact reductions: declared in the spec, verified on every question that exploration puts, refused when wrong."""

from __future__ import annotations

from flpcheck.reduce.lift import Punctuality, lifted, punctuality
from flpcheck.reduce.quotient import Quotient, plain, reduced, representative

__all__ = ["Punctuality", "Quotient", "lifted", "plain", "punctuality", "reduced", "representative"]
