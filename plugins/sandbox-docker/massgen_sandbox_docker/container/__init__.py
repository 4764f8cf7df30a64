"""One hardened container: what it is held to, its main process, commands beside it, and its end."""
