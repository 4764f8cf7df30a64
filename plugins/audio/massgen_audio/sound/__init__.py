"""Sound as a stream of samples: read from files, changed on the way, written into files."""
