"""Random protocols, worlds and graphs, each made from one number; and known protocols with planted changes."""
