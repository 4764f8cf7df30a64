"""Folders that come to a container that runs already: a small process mounts them for us."""
