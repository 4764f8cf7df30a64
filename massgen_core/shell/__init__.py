"""Tools with which an agent runs commands and programs in a sandbox of its own session."""
