"""Subtitles: read, written, drawn into the picture."""
