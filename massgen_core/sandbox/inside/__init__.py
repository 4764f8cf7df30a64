"""What runs beside commands, wherever they run: standard library alone, shipped as text by `sandbox.shipping`."""
