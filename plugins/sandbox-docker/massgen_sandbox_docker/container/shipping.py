"""Python that runs inside a container: modules of ours become one word for ``python3 -c``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files


@cache
def program(package: str, *modules: str) -> str:
    """The last of a package's modules as the main one, those before it as what it imports, by their full names."""
    *below, main = modules
    lines = ["import sys, types"]
    for name in below:
        full = f"{package}.{name}"
        lines.append(f"module = sys.modules[{full!r}] = types.ModuleType({full!r})")
        lines.append(f"exec({_source(package, name)!r}, vars(module))")
    lines.append(f"exec({_source(package, main)!r}, {{'__name__': '__main__'}})")
    return "\n".join([*lines, ""])


def _source(package: str, name: str) -> str:
    return files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")


def isolated(text: str, *arguments: str) -> Sequence[str]:
    """The command that runs a program without looking at the environment or at installed packages."""
    return ("python3", "-I", "-S", "-c", text, *arguments)
