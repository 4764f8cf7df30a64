"""Runs commands for massgen-core in bubblewrap sandboxes, without a container engine."""
