"""SVG: written, judged, and turned into pixels."""
