"""A plugin that leaves a hook by `sys.exit`."""

import sys

from massgen_core import hookimpl


@hookimpl
def massgen_providers() -> object:
    sys.exit(7)
