"""From a system to its state graph."""

from flpcheck.explore.bounds import Bounds, Cut, parse_size, peak_memory, physical_memory
from flpcheck.explore.engine import ENGINES, ORDERS, explore
from flpcheck.explore.graph import StateGraph
from flpcheck.explore.native_obstacles import obstacle
from flpcheck.explore.progress import Progress

__all__ = [
    "ENGINES",
    "ORDERS",
    "Bounds",
    "Cut",
    "Progress",
    "StateGraph",
    "explore",
    "obstacle",
    "parse_size",
    "peak_memory",
    "physical_memory",
]
