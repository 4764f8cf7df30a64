"""Sounds as pictures: the waveform, and the spectrogram."""
