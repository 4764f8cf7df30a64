"""The command group `massgen-core workspace`."""
