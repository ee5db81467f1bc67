"""What a spec author writes with: records, protocols, processes, events, steps, properties, quorums."""
