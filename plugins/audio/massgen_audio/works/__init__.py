"""The work functions: what a process of its own does with files that were handed to it."""
