"""One of the interpreters of `purity`: it puts the first questions about a protocol in a world, and writes the answers.

Its hash seed is set from outside.
"""

from __future__ import annotations

import json
import os
import pickle
from functools import partial

from flpcheck.interpreters import serve
from flpcheck.purity import FIRST, LOOK, SECONDS, SEEDS, answers_by_question, mark_interpreter
from flpcheck.spec import import_spec
from flpcheck.system import system_of
from flpcheck.system.rows import first_questions, put_questions


def first_answers(spec: str, subject: bytes, *, backwards: bool) -> bytes:
    """Return the answers to the first questions about a protocol, as JSON.

    Parameters
    ----------
    spec
        The file of the protocol, if it was loaded as a spec.
    subject
        Protocol, world and inputs, pickled.
    backwards
        Whether to ask in another order.
    """
    mark_interpreter()
    if spec:
        import_spec(spec)
    protocol, world, inputs = pickle.loads(subject)
    system = system_of(protocol, world, inputs)
    put_questions(system, backwards=backwards, most=LOOK, seconds=SECONDS)
    return json.dumps(answers_by_question(first_questions(system, FIRST))).encode()


def main() -> None:
    """Answer until there are no more questions."""
    serve(partial(first_answers, backwards=os.environ["PYTHONHASHSEED"] != str(SEEDS[0])))
