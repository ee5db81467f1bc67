"""From findings to something to look at: reports take what is finished and return text or bytes."""
