"""Diagrams: flows laid out in layers, sequences, trees, timelines; out of a few lines of text or JSON."""
