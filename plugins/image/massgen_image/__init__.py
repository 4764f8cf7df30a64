"""Images for agents: drawn, edited, read, without a key and without a network."""
