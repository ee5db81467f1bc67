"""From findings to something to look at: text, JSON, pictures.  Nothing here explores, nothing here prints."""
