"""The work behind `massgen-core docker …`."""
