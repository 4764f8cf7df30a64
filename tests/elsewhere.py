"""A program that imports packages as on another system, and then runs ``massgen-core plugins`` there.

``elsewhere.py PLATFORM PACKAGE …``. What other people wrote is imported before, since it is this system's edition;
then the modules that only POSIX has are gone and the platform has another name.
"""

from __future__ import annotations

import importlib
import importlib.abc
import os
import pkgutil
import signal
import sys
from collections.abc import Iterable
from types import ModuleType

PROGRAMS = (
    "._template",
    ".audit.probes.",
    ".late.mounter",
    ".sandbox.inside.",
    ".supervised.inside.",
)  # what is copied elsewhere, or run in a container
POSIX_ONLY = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty")
OTHERS = (
    *("aiodocker", "aiohttp", "anyio._backends._asyncio", "asyncio", "click", "ctypes", "docstring_parser", "httpx2"),
    *("jsonschema", "logging.handlers", "mcp.client", "mcp.client.streamable_http", "mcp.shared.jsonrpc_dispatcher"),
    *("multiprocessing", "pluggy", "pydantic", "pytest", "rich.console", "rich.table", "structlog", "urllib.request"),
    *("venv", "yaml"),
)

NOT_ON_WINDOWS: dict[ModuleType, tuple[str, ...]] = {
    os: ("fork", "getuid", "geteuid", "getgid", "killpg", "setsid", "uname", "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC"),
    signal: ("SIGKILL", "SIGHUP", "SIGUSR1"),
}


class Missing(importlib.abc.MetaPathFinder):
    """Says of a few modules that there are none."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname in POSIX_ONLY:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def move_to(platform: str) -> None:
    """From here on this is another system, for whoever is imported now."""
    for name in OTHERS:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0]:  # it may be that a plugin needs it which is not installed
                raise
    for name in POSIX_ONLY:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing())
    if platform == "win32":
        for module, names in NOT_ON_WINDOWS.items():
            for name in names:
                delattr(module, name)
    sys.platform = platform


def import_all(packages: Iterable[str]) -> None:
    """Import every module of the packages, but for programs and what pytest alone loads."""
    for package in map(importlib.import_module, packages):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not any(part in module.name for part in PROGRAMS):
                importlib.import_module(module.name)


if __name__ == "__main__":
    move_to(sys.argv[1])
    import_all(sys.argv[2:])
    from massgen_core.cli import run

    sys.exit(run(["plugins", "--check"]))
