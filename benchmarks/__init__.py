"""How fast flpcheck is, and against whom: see README.md in this folder."""
