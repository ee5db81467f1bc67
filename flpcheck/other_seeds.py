"""Does a spec behave the same under other hash seeds?  Asked of specs that walk through sets they build themselves.

Fresh interpreters, each with its own seed, explore the first configurations and compare what they saw.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from itertools import islice

from flpcheck.authoring.set_order import suspicious_places
from flpcheck.errors import NondeterministicStep
from flpcheck.examine import Setting, Wishes, settle
from flpcheck.explore import Bounds, explore
from flpcheck.spec import load

SEEDS = ("1", "2", "3", "4")
LOOK = 400
"""How many configurations each interpreter looks at."""


def check_other_seeds(setting: Setting, wishes: Wishes) -> None:
    """Raise `NondeterministicStep` if the protocol explores differently under different hash seeds.

    Parameters
    ----------
    setting
        What is about to be explored.
    wishes
        The options that led to it.

    Raises
    ------
    NondeterministicStep
        With the first suspicious line as its place.
        Cost: nothing for specs without suspicious places; else four short-lived interpreters side by side.
    """
    places = suspicious_places(setting.spec.file)
    if not places:
        return
    question = pickle.dumps((setting.spec.file, type(setting.protocol).__name__, wishes))
    if len({answer for answer in _answers(question) if answer}) > 1:
        raise NondeterministicStep(
            "the protocol does different things in different runs",
            place=places[0],
            why="here a set is walked through in an order that depends on the hash seed of the interpreter",
            next_step="walk through sorted(...) instead",
        )


def _answers(question: bytes) -> list[str]:
    children = []
    for seed in SEEDS:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "flpcheck.other_seeds"]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        children.append(child)
    return [child.communicate(question)[0].decode().strip().rpartition("\n")[2] for child in children]


def _digest(file: str, protocol: str, wishes: Wishes) -> str:
    """Return a fingerprint of the first configurations and transitions of a setting."""
    setting = settle(load(file, {"protocol": protocol}), wishes)
    graph = explore(setting.system, Bounds(configurations=LOOK))
    seen = hashlib.sha256()
    for number in islice(range(len(graph)), LOOK):
        events = [str(transition.event) for transition in graph.transitions(number)]
        seen.update(json.dumps([graph.describe(number), events]).encode())
    return seen.hexdigest()


if __name__ == "__main__":
    sys.stdout.write("\n" + _digest(*pickle.load(sys.stdin.buffer)) + "\n")
