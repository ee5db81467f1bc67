"""The theorem on one protocol, as the JSON contract has it."""

from __future__ import annotations

from typing import Any

from flpcheck.analyse.lemmas import Commutation
from flpcheck.analyse.theorem.adversary import Play
from flpcheck.analyse.theorem.blocking import BlockingCertificate, Wait
from flpcheck.analyse.theorem.constants import Holdback
from flpcheck.analyse.theorem.lemma2 import Beginning
from flpcheck.analyse.theorem.lemma3 import Preservation
from flpcheck.analyse.theorem.livelock import Livelock
from flpcheck.analyse.theorem.tour import TheoremResult
from flpcheck.analyse.theorem.why import Why
from flpcheck.analyse.verdict import FlpVerdict


def verdict_as_json(verdict: FlpVerdict) -> dict[str, Any]:
    """Return the verdict of the theorem; Lemma 3 is null where it was not checked."""
    return {
        "verdicts": list(verdict.verdicts),
        "because": verdict.because,
        "bivalent_initial": verdict.bivalent_initial,
        "lemma1": _lemma(verdict.lemma1) if verdict.lemma1 else None,
        "lemma3": _lemma(verdict.lemma3) if verdict.lemma3 else None,
    }


def theorem_as_json(found: TheoremResult) -> dict[str, Any]:
    """Return all of it, with the certificates."""
    return {
        **verdict_as_json(found.verdict),
        "lemma1": _lemma(found.lemma1),
        "lemma2": _beginning(found.lemma2),
        "lemma3": {**_lemma(found.lemma3), "because": found.why_lemma3_fails},
        "silent": _silent(found),
        "gadgets": _gadgets(found),
        "blocking": None if found.blocking is None else blocking_as_json(found.blocking),
        "within": [holdback_as_json(held) for held in found.within],
        "lasso": None if found.lasso is None else livelock_as_json(found.lasso),
        "cycles": [{"configurations": c.size, "faulty": list(c.faulty), "valence": c.valence} for c in found.cycles],
        "adversary": None if found.adversary is None else play_as_json(found.adversary),
    }


def _silent(found: TheoremResult) -> dict[str, Any]:
    silent, names = found.case.silent, found.graph.system.names
    dead = {name: int(silent.dead_without(index).sum()) for index, name in enumerate(names)}
    return {"dead": dead, "non_uniform": int(silent.non_uniform.sum())}


def _gadgets(found: TheoremResult) -> dict[str, Any]:
    first, names = found.gadget, found.graph.system.names
    counts = {kind: len(getattr(found.gadgets, kind)) for kind in ("critical", "forks", "hooks", "corners")}
    if first is None:
        return {**counts, "first": None}
    return {**counts, "first": {"kind": first.kind, "configuration": first.number, "pivot": names[first.pivot]}}


def _lemma(lemma: Commutation | Preservation) -> dict[str, Any]:
    example = lemma.example if isinstance(lemma, Commutation) else _lost(lemma)
    return {"pairs": lemma.pairs, "failures": lemma.failures, "complete": lemma.complete, "example": example}


def _lost(lemma: Preservation) -> str:
    return f"in configuration {lemma.first[0]}: {lemma.first[1]}" if lemma.first else ""


def _beginning(lemma: Beginning) -> dict[str, Any]:
    links = [{"inputs": {p: str(v) for p, v in link.inputs.items()}, "valence": link.valence} for link in lemma.chain]
    return {"bivalent": len(lemma.bivalent), "chain": links, "pivot": lemma.pivot, "without_pivot": lemma.silent}


def wait_as_json(wait: Wait) -> dict[str, Any]:
    """Return for what a process waits."""
    letters = [{"message": text, "sender": pid} for text, pid in wait.letters]
    return {"process": wait.process, "letters": letters, "steps": list(wait.steps)}


def blocking_as_json(certificate: BlockingCertificate) -> dict[str, Any]:
    """Return why a protocol blocks."""
    return {
        "configuration": certificate.number,
        "initial": certificate.schedule.initial,
        "length": len(certificate.schedule),
        "silent": list(certificate.silent),
        "crashed": list(certificate.crashed),
        "waits": list(map(wait_as_json, certificate.waits)),
        "schedule": certificate.schedule.as_json(),
    }


def holdback_as_json(held: Holdback) -> dict[str, Any]:
    """Return a constant that holds a process back."""
    return {"constant": held.name, "value": held.value, "event": str(held.event)}


def livelock_as_json(lasso: Livelock) -> dict[str, Any]:
    """Return a run that never decides, and why it goes on for ever."""
    dodges = [
        {"step": dodge.step, "taken": str(dodge.taken), "instead": str(dodge.instead), "valence": dodge.valence}
        for dodge in lasso.dodges
    ]
    return {
        "initial": lasso.schedule.initial,
        "length": len(lasso.schedule),
        "loop": lasso.schedule.loop,
        "turn": lasso.turn,
        "rise": lasso.rise,
        "faulty": list(lasso.faulty),
        "valence": lasso.valence,
        "because": lasso.because,
        "dodges": dodges,
        "schedule": lasso.schedule.as_json(),
    }


def play_as_json(play: Play) -> dict[str, Any]:
    """Return what the adversary of the proof does."""
    stages = [
        {"process": stage.process, "event": None if stage.event is None else str(stage.event), "first": stage.first,
         "detour": stage.detour}
        for stage in play.stages
    ]  # fmt: skip
    return {
        "stages": stages,
        "initial": play.schedule.initial,
        "loop": play.schedule.loop,
        "stuck": None if play.stuck is None else {"process": play.stuck[0], "event": str(play.stuck[1])},
        "schedule": play.schedule.as_json(),
    }


def why_as_json(found: Why) -> dict[str, Any]:
    """Return what is known of one configuration."""
    loss = found.loss
    return {
        "configuration": found.number,
        "initial": found.schedule.initial,
        "schedule": found.schedule.as_json(),
        "valence": found.valence,
        "critical": found.critical,
        "disagrees": found.disagrees,
        "ways": {str(way.value): way.schedule.as_json()[way.start :] for way in found.ways},
        "lost": None if loss is None else {"step": loss.step, "before": loss.before, "after": loss.after},
        "without": [
            {"silent": list(one.silent), "waits": list(map(wait_as_json, one.waits))} for one in found.dependences
        ],
    }
