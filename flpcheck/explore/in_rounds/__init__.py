"""Protocols in rounds for the kernel: plans of the adversary, rows of processes, packed configurations."""
