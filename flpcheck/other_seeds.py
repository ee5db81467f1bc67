"""One of the interpreters of `purity`: reads a protocol in a world, puts its first questions, and writes the answers.

Its hash seed is set from outside.  What the spec prints is lost, so that it does not come between the answers.
"""

from __future__ import annotations

import json
import os
import pickle
import sys

from flpcheck.purity import FIRST, LOOK, SECONDS, SEEDS, Table, enter, told
from flpcheck.spec import import_spec
from flpcheck.system import system_of
from flpcheck.system.rows import first_questions, walk


def answers(spec: str, subject: bytes, *, backwards: bool) -> Table:
    """Return the answers to the first questions about a protocol.

    Parameters
    ----------
    spec
        The file of the protocol, if it was loaded as a spec.
    subject
        Protocol, world and inputs, pickled.
    backwards
        Whether to ask in another order.
    """
    enter()
    if spec:
        import_spec(spec)
    protocol, world, inputs = pickle.loads(subject)
    system = system_of(protocol, world, inputs)
    walk(system, backwards=backwards, most=LOOK, seconds=SECONDS)
    return told(first_questions(system, FIRST))


def main(spec: str, subject: bytes) -> None:
    """Write the answers to the standard output; what the spec itself writes there is lost."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    backwards = os.environ.get("PYTHONHASHSEED") != str(SEEDS[0])
    with out:
        json.dump(answers(spec, subject, backwards=backwards), out)
