"""Videos for agents: made from words, cut, read, without a key and without a network."""
