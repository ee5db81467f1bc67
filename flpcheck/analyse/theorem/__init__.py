"""The theorem itself: its notions and lemmas on the protocol at hand, and the adversary of its proof at work."""
