"""A run as something to look at or to hand on: space-time diagrams, its fate, Mermaid, ITF, ShiViz."""
