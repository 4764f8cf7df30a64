"""Videos for agents: made from words, cut, read, without a key and without a network."""

__version__ = "0.1.0"
