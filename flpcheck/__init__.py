"""flpcheck: an exhaustive model checker for consensus protocols, with FLP valence.

The public names, imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace as replace

    from flpcheck.authoring.actions import Action as Action
    from flpcheck.authoring.certificate import Certificate as Certificate
    from flpcheck.authoring.events import (
        Event as Event,
    )
    from flpcheck.authoring.events import (
        Gather as Gather,
    )
    from flpcheck.authoring.events import (
        Letter as Letter,
    )
    from flpcheck.authoring.events import (
        Pid as Pid,
    )
    from flpcheck.authoring.events import (
        Recovered as Recovered,
    )
    from flpcheck.authoring.events import (
        Start as Start,
    )
    from flpcheck.authoring.events import (
        Suspect as Suspect,
    )
    from flpcheck.authoring.events import (
        Timeout as Timeout,
    )
    from flpcheck.authoring.events import (
        Trust as Trust,
    )
    from flpcheck.authoring.history import (
        History as History,
    )
    from flpcheck.authoring.history import (
        Invoke as Invoke,
    )
    from flpcheck.authoring.history import (
        Operation as Operation,
    )
    from flpcheck.authoring.history import (
        Read as Read,
    )
    from flpcheck.authoring.history import (
        Return as Return,
    )
    from flpcheck.authoring.history import (
        Sequential as Sequential,
    )
    from flpcheck.authoring.history import (
        Write as Write,
    )
    from flpcheck.authoring.history import (
        history_observer as history_observer,
    )
    from flpcheck.authoring.history import (
        linearizable as linearizable,
    )
    from flpcheck.authoring.history import (
        register as register,
    )
    from flpcheck.authoring.objects import (
        CompareAndSwap as CompareAndSwap,
    )
    from flpcheck.authoring.objects import (
        FetchAndAdd as FetchAndAdd,
    )
    from flpcheck.authoring.objects import (
        Object as Object,
    )
    from flpcheck.authoring.objects import (
        Op as Op,
    )
    from flpcheck.authoring.objects import (
        Queue as Queue,
    )
    from flpcheck.authoring.objects import (
        Register as Register,
    )
    from flpcheck.authoring.objects import (
        Snapshot as Snapshot,
    )
    from flpcheck.authoring.objects import (
        Sticky as Sticky,
    )
    from flpcheck.authoring.objects import (
        TestAndSet as TestAndSet,
    )
    from flpcheck.authoring.picture import (
        Box as Box,
    )
    from flpcheck.authoring.picture import (
        Disc as Disc,
    )
    from flpcheck.authoring.picture import (
        Label as Label,
    )
    from flpcheck.authoring.picture import (
        Line as Line,
    )
    from flpcheck.authoring.picture import (
        Shape as Shape,
    )
    from flpcheck.authoring.process import (
        Mail as Mail,
    )
    from flpcheck.authoring.process import (
        Observer as Observer,
    )
    from flpcheck.authoring.process import (
        PassiveLearner as PassiveLearner,
    )
    from flpcheck.authoring.process import (
        Process as Process,
    )
    from flpcheck.authoring.process import (
        Processes as Processes,
    )
    from flpcheck.authoring.property import (
        HOLDS as HOLDS,
    )
    from flpcheck.authoring.property import (
        INCOMPLETE as INCOMPLETE,
    )
    from flpcheck.authoring.property import (
        VIOLATED as VIOLATED,
    )
    from flpcheck.authoring.property import (
        Property as Property,
    )
    from flpcheck.authoring.property import (
        View as View,
    )
    from flpcheck.authoring.property import (
        agreement as agreement,
    )
    from flpcheck.authoring.property import (
        any_input_validity as any_input_validity,
    )
    from flpcheck.authoring.property import (
        correct_unanimity as correct_unanimity,
    )
    from flpcheck.authoring.property import (
        deadlock_freedom as deadlock_freedom,
    )
    from flpcheck.authoring.property import (
        integrity as integrity,
    )
    from flpcheck.authoring.property import (
        interactive_consistency as interactive_consistency,
    )
    from flpcheck.authoring.property import (
        invariant as invariant,
    )
    from flpcheck.authoring.property import (
        non_triviality as non_triviality,
    )
    from flpcheck.authoring.property import (
        sometimes as sometimes,
    )
    from flpcheck.authoring.property import (
        step_invariant as step_invariant,
    )
    from flpcheck.authoring.property import (
        termination as termination,
    )
    from flpcheck.authoring.property import (
        uniform_agreement as uniform_agreement,
    )
    from flpcheck.authoring.property import (
        validity as validity,
    )
    from flpcheck.authoring.protocol import Constant as Constant
    from flpcheck.authoring.protocol import protocol as protocol
    from flpcheck.authoring.quorum import (
        gather_quorum as gather_quorum,
    )
    from flpcheck.authoring.quorum import (
        majority as majority,
    )
    from flpcheck.authoring.quorum import (
        next_ballot as next_ballot,
    )
    from flpcheck.authoring.quorum import (
        one_from_each as one_from_each,
    )
    from flpcheck.authoring.quorum import (
        quorums as quorums,
    )
    from flpcheck.authoring.reduction import (
        Ballot as Ballot,
    )
    from flpcheck.authoring.reduction import (
        BallotShift as BallotShift,
    )
    from flpcheck.authoring.reduction import (
        Choice as Choice,
    )
    from flpcheck.authoring.reduction import (
        Interchangeable as Interchangeable,
    )
    from flpcheck.authoring.reduction import (
        Reduction as Reduction,
    )
    from flpcheck.authoring.reduction import (
        StaleMail as StaleMail,
    )
    from flpcheck.authoring.reduction import (
        Symmetric as Symmetric,
    )
    from flpcheck.authoring.renaming import (
        Renaming as Renaming,
    )
    from flpcheck.authoring.rounds import (
        Heard as Heard,
    )
    from flpcheck.authoring.rounds import (
        Next as Next,
    )
    from flpcheck.authoring.rounds import (
        RoundProcess as RoundProcess,
    )
    from flpcheck.authoring.rounds import (
        one_of as one_of,
    )
    from flpcheck.authoring.shared_memory import SharedMemory as SharedMemory
    from flpcheck.authoring.shared_memory import SharedState as SharedState
    from flpcheck.authoring.stable import Stable as Stable
    from flpcheck.authoring.step import (
        DEFER as DEFER,
    )
    from flpcheck.authoring.step import (
        At as At,
    )
    from flpcheck.authoring.step import (
        Effects as Effects,
    )
    from flpcheck.authoring.step import Note as Note
    from flpcheck.authoring.step import Send as Send
    from flpcheck.authoring.step import (
        Step as Step,
    )
    from flpcheck.authoring.step import (
        broadcast as broadcast,
    )
    from flpcheck.authoring.step import (
        choose as choose,
    )
    from flpcheck.authoring.step import (
        embed as embed,
    )
    from flpcheck.authoring.step import (
        note as note,
    )
    from flpcheck.authoring.step import (
        reply as reply,
    )
    from flpcheck.authoring.step import (
        restart_timer as restart_timer,
    )
    from flpcheck.authoring.step import (
        send as send,
    )
    from flpcheck.authoring.step import (
        to_others as to_others,
    )
    from flpcheck.authoring.step import (
        toss as toss,
    )
    from flpcheck.authoring.tour import (
        Gauge as Gauge,
    )
    from flpcheck.authoring.tour import (
        Onward as Onward,
    )
    from flpcheck.authoring.tour import (
        Scene as Scene,
    )
    from flpcheck.authoring.tour import (
        Stop as Stop,
    )
    from flpcheck.authoring.tour import (
        Story as Story,
    )
    from flpcheck.authoring.tour import (
        Tour as Tour,
    )
    from flpcheck.authoring.tour import (
        crashes as crashes,
    )
    from flpcheck.authoring.tour import (
        gathers as gathers,
    )
    from flpcheck.authoring.tour import (
        receives as receives,
    )
    from flpcheck.authoring.tour import (
        starts as starts,
    )
    from flpcheck.authoring.tour import (
        times_out as times_out,
    )
    from flpcheck.authoring.values import put as put
    from flpcheck.authoring.values import record as record
    from flpcheck.explore import Bounds as Bounds
    from flpcheck.explore import StateGraph as StateGraph
    from flpcheck.instance import Instance as Instance
    from flpcheck.model import Model as Model
    from flpcheck.spec import Spec as Spec
    from flpcheck.spec import load as load
    from flpcheck.system import system_of as system_of
    from flpcheck.world import UNLIMITED as UNLIMITED
    from flpcheck.world import Failures as Failures
    from flpcheck.world import Network as Network
    from flpcheck.world import Oracle as Oracle
    from flpcheck.world import World as World
    from flpcheck.world import asynchronous as asynchronous
    from flpcheck.world import eventually_synchronous as eventually_synchronous
    from flpcheck.world import heard_of as heard_of
    from flpcheck.world import partially_synchronous as partially_synchronous
    from flpcheck.world import synchronous as synchronous

__version__ = "0.1.0"

_HOMES = {
    "dataclasses": "replace",
    "flpcheck.explore": "Bounds StateGraph",
    "flpcheck.instance": "Instance",
    "flpcheck.model": "Model",
    "flpcheck.authoring.actions": "Action",
    "flpcheck.authoring.certificate": "Certificate",
    "flpcheck.authoring.events": "Event Gather Letter Pid Recovered Start Suspect Timeout Trust",
    "flpcheck.authoring.history": (
        "History Invoke Operation Read Return Sequential Write history_observer linearizable register"
    ),
    "flpcheck.authoring.objects": ("CompareAndSwap FetchAndAdd Object Op Queue Register Snapshot Sticky TestAndSet"),
    "flpcheck.authoring.picture": "Box Disc Label Line Shape",
    "flpcheck.authoring.process": "Mail Observer PassiveLearner Process Processes",
    "flpcheck.authoring.property": (
        "HOLDS INCOMPLETE VIOLATED Property View agreement any_input_validity correct_unanimity deadlock_freedom "
        "integrity interactive_consistency invariant non_triviality sometimes step_invariant termination "
        "uniform_agreement validity"
    ),
    "flpcheck.authoring.protocol": "Constant protocol",
    "flpcheck.authoring.quorum": "gather_quorum majority next_ballot one_from_each quorums",
    "flpcheck.authoring.reduction": "Ballot BallotShift Choice Interchangeable Reduction StaleMail Symmetric",
    "flpcheck.authoring.renaming": "Renaming",
    "flpcheck.authoring.rounds": "Heard Next RoundProcess one_of",
    "flpcheck.authoring.shared_memory": "SharedMemory SharedState",
    "flpcheck.authoring.stable": "Stable",
    "flpcheck.authoring.step": (
        "DEFER At Effects Note Send Step broadcast choose embed note reply restart_timer send to_others toss"
    ),
    "flpcheck.authoring.tour": "Gauge Onward Scene Stop Story Tour crashes gathers receives starts times_out",
    "flpcheck.authoring.values": "put record",
    "flpcheck.spec": "Spec load",
    "flpcheck.system": "system_of",
    "flpcheck.world": (
        "Failures Network Oracle UNLIMITED World asynchronous eventually_synchronous heard_of "
        "partially_synchronous synchronous"
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  -- the test-suite compares it with the names above


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        message = f"module 'flpcheck' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
