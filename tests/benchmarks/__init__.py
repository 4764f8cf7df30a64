"""Measurements against what a user would pick instead, taken in turn in one run."""
