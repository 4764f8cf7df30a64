"""Sound for agents: speech, transcripts and edits, without a key and without a network."""
