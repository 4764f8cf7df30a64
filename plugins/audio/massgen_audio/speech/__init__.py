"""Text said aloud: what is to be said, by which voice, and the samples of it."""
