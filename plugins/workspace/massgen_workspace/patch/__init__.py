"""Patches over several files: the V4A format of `apply_patch`, and unified diffs."""
