"""Write the reference pages from the code: `python docs/reference/generate.py`, or `--check` that they are current."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from attempts_page import attempts_page
from commands_page import commands_page
from names_pages import api_page, errors_page, hooks_page
from settings_page import settings_page

PAGES: dict[str, Callable[[], str]] = {
    "configuration.md": settings_page,
    "hooks.md": hooks_page,
    "errors.md": errors_page,
    "cli.md": commands_page,
    "api.md": api_page,
    "attempts.md": attempts_page,
}


def main() -> int:
    """Write every page; with ``--check`` only say which are stale, and return 1 when any is."""
    folder = Path(__file__).parent
    if "--check" not in sys.argv:
        for name, page in PAGES.items():
            (folder / name).write_text(page(), encoding="utf-8")
        return 0
    stale = [name for name, page in PAGES.items() if not _is_current(folder / name, page())]
    for name in stale:
        sys.stderr.write(f"docs/reference/{name} is stale: run python docs/reference/generate.py\n")
    return 1 if stale else 0


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
