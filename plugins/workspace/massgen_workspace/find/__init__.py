"""Finding files by name and by content, in a stable order, beneath a root."""
