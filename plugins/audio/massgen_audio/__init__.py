"""Sound for agents: speech, transcripts and edits, without a key and without a network."""

__version__ = "0.1.0"
