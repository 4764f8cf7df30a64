"""Readers: a file of each format into blocks and text, with bounds on what a hostile one can take."""
