"""QR codes, made and read; other bar codes, read."""
