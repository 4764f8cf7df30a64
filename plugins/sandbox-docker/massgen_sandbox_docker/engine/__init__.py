"""The conversation with one engine: its address, control calls, hijacked streams, their frames, failures in words."""
