"""The public names and where they are defined: for type checkers, and for `__getattr__`, which reads this file."""

# fmt: off
# A stub exports what it imports under its own name.

from flpcheck.authoring.actions import Action as Action
from flpcheck.authoring.certificate import Certificate as Certificate
from flpcheck.authoring.events import (
    Event as Event, Gather as Gather, Letter as Letter, Pid as Pid, Recovered as Recovered, Start as Start,
    Suspect as Suspect, Timeout as Timeout, Trust as Trust,
)
from flpcheck.authoring.history import (
    History as History, Invoke as Invoke, Operation as Operation, Read as Read, Return as Return,
    Sequential as Sequential, Write as Write, history_observer as history_observer,
    linearizable as linearizable, register as register,
)
from flpcheck.authoring.objects import (
    CompareAndSwap as CompareAndSwap, FetchAndAdd as FetchAndAdd, Object as Object, Op as Op, Queue as Queue,
    Register as Register, Snapshot as Snapshot, Sticky as Sticky, TestAndSet as TestAndSet,
)
from flpcheck.authoring.picture import Box as Box, Disc as Disc, Label as Label, Line as Line, Shape as Shape
from flpcheck.authoring.process import (
    Mail as Mail, Observer as Observer, PassiveLearner as PassiveLearner, Process as Process,
    Processes as Processes,
)
from flpcheck.authoring.property import (
    HOLDS as HOLDS, INCOMPLETE as INCOMPLETE, VIOLATED as VIOLATED, Property as Property, View as View,
    agreement as agreement, any_input_validity as any_input_validity, correct_unanimity as correct_unanimity,
    deadlock_freedom as deadlock_freedom, integrity as integrity,
    interactive_consistency as interactive_consistency, invariant as invariant,
    non_triviality as non_triviality, sometimes as sometimes, step_invariant as step_invariant,
    termination as termination, uniform_agreement as uniform_agreement, validity as validity,
)
from flpcheck.authoring.protocol import Constant as Constant, protocol as protocol
from flpcheck.authoring.quorum import (
    gather_quorum as gather_quorum, majority as majority, next_ballot as next_ballot,
    one_from_each as one_from_each, quorums as quorums,
)
from flpcheck.authoring.reduction import (
    Ballot as Ballot, BallotShift as BallotShift, Choice as Choice, Interchangeable as Interchangeable,
    Reduction as Reduction, StaleMail as StaleMail, Symmetric as Symmetric,
)
from flpcheck.authoring.refinement import refines as refines
from flpcheck.authoring.renaming import Renaming as Renaming
from flpcheck.authoring.rounds import Heard as Heard, Next as Next, RoundProcess as RoundProcess, one_of as one_of
from flpcheck.authoring.shared_memory import SharedMemory as SharedMemory, SharedState as SharedState
from flpcheck.authoring.stable import Stable as Stable
from flpcheck.authoring.step import (
    DEFER as DEFER, At as At, Effects as Effects, Note as Note, Send as Send, Step as Step,
    broadcast as broadcast, choose as choose, embed as embed, note as note, reply as reply,
    restart_timer as restart_timer, send as send, to_others as to_others, toss as toss,
)
from flpcheck.authoring.temporal import (
    always_eventually as always_eventually, eventually as eventually, eventually_always as eventually_always,
    for_each as for_each, leads_to as leads_to, possible_from_everywhere as possible_from_everywhere,
    until as until,
)
from flpcheck.authoring.tour import (
    Gauge as Gauge, Onward as Onward, Scene as Scene, Stop as Stop, Story as Story, Tour as Tour,
    a_round as a_round, applies as applies, crashes as crashes, gathers as gathers, receives as receives,
    stabilises as stabilises, starts as starts, times_out as times_out,
)
from flpcheck.authoring.values import put as put, record as record, replace as replace
from flpcheck.explore import Bounds as Bounds, StateGraph as StateGraph
from flpcheck.instance import Instance as Instance
from flpcheck.model import Model as Model
from flpcheck.spec import Spec as Spec, load as load
from flpcheck.system import system_of as system_of
from flpcheck.world import (
    UNLIMITED as UNLIMITED, Failures as Failures, Fairness as Fairness, Network as Network, Oracle as Oracle,
    World as World,
    asynchronous as asynchronous, eventually_synchronous as eventually_synchronous, heard_of as heard_of,
    partially_synchronous as partially_synchronous, synchronous as synchronous,
)

__version__: str

def _homes() -> dict[str, str]: ...
