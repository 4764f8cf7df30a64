"""Never answers anything; says why on stderr."""

import sys

print("waiting for the database", file=sys.stderr, flush=True)
print("hello from stdout", flush=True)
for _ in sys.stdin:
    pass
