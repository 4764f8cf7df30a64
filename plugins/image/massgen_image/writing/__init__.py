"""Pictures, written: each format's own settings, and who made it in every file."""
