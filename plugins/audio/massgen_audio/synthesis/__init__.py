"""Sounds that are calculated: tones, noise, chords, and a simple music bed."""
