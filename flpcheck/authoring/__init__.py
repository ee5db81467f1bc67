"""The vocabulary of a spec: records, protocols, processes, events, steps, properties, quorums."""
