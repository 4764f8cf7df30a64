"""Python that runs inside a sandbox: modules of ours become one word for ``python3 -c``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files


@cache
def program(*modules: str) -> str:
    """The last of the modules as the main one, those before it as what it imports; each by its full name."""
    *below, main = modules
    lines = ["import sys, types"]
    for name in below:
        lines.append(f"module = sys.modules[{name!r}] = types.ModuleType({name!r})")
        lines.append(f"exec({_source(name)!r}, vars(module))")
    lines.append(f"exec({_source(main)!r}, {{'__name__': '__main__'}})")
    return "\n".join([*lines, ""])


def _source(module: str) -> str:
    package, _, name = module.rpartition(".")
    return files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")


def isolated(text: str, *arguments: str) -> Sequence[str]:
    """The command that runs a program without looking at the environment or at installed packages."""
    return ("python3", "-I", "-S", "-c", text, *arguments)
