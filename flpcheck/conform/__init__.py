"""Conformance: whether what a real system has logged is a run of a spec."""

from flpcheck.conform.like import Like, like
from flpcheck.conform.lines import LogLine
from flpcheck.conform.seen import Seen, crash, deliver, effect, look, own, recover

__all__ = ["Like", "LogLine", "Seen", "crash", "deliver", "effect", "like", "look", "own", "recover"]
