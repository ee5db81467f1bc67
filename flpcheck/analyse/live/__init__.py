"""Liveness: runs that are fair and never meet an obligation, found in the arrays of a state graph."""
