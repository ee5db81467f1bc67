"""What surrounds a protocol: the network, the failures, the timing."""

from flpcheck.world.failures import Failures
from flpcheck.world.network import NETWORKS, UNLIMITED, Network
from flpcheck.world.oracle import DETECTORS, EVENTUAL, TIMERS, Oracle
from flpcheck.world.world import World, asynchronous, eventually_synchronous

__all__ = [
    "DETECTORS",
    "EVENTUAL",
    "NETWORKS",
    "TIMERS",
    "UNLIMITED",
    "Failures",
    "Network",
    "Oracle",
    "World",
    "asynchronous",
    "eventually_synchronous",
]
