"""The world of a protocol: the network, the failures, the timing."""

from flpcheck.world.constructors import (
    WORLDS,
    asynchronous,
    eventually_synchronous,
    heard_of,
    partially_synchronous,
    synchronous,
)
from flpcheck.world.failures import Failures
from flpcheck.world.fairness import Fairness, strong, weak
from flpcheck.world.network import NETWORKS, UNLIMITED, Network
from flpcheck.world.oracle import DETECTORS, EVENTUAL, TIMERS, Oracle
from flpcheck.world.predicates import PREDICATES
from flpcheck.world.rounds import Rounds
from flpcheck.world.timers import AFTER_DELAYS, AFTER_MESSAGES, ANY_TIME, assumed, delays_in
from flpcheck.world.world import World

__all__ = [
    "AFTER_DELAYS",
    "AFTER_MESSAGES",
    "ANY_TIME",
    "DETECTORS",
    "EVENTUAL",
    "NETWORKS",
    "PREDICATES",
    "TIMERS",
    "UNLIMITED",
    "WORLDS",
    "Failures",
    "Fairness",
    "Network",
    "Oracle",
    "Rounds",
    "World",
    "assumed",
    "asynchronous",
    "delays_in",
    "eventually_synchronous",
    "heard_of",
    "partially_synchronous",
    "strong",
    "synchronous",
    "weak",
]
