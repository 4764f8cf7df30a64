"""In what two files or two folders differ."""
