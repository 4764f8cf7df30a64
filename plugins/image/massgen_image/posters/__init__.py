"""Typographic posters: words that always fit, on a ground with a figure or a picture."""
