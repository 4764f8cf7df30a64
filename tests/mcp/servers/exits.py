"""Ends at once, with words on stderr."""

import sys

print("Traceback: No module named 'cheese'", file=sys.stderr)
sys.exit(7)
