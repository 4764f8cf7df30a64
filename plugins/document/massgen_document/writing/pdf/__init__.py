"""PDF (ISO 32000), set by reportlab."""
