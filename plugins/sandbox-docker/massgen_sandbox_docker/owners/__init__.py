"""Whose containers they are, and how those of programs that no longer run are removed."""
