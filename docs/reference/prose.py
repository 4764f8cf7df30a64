"""Docstrings as Markdown."""

from __future__ import annotations

import inspect
import re
import textwrap

NOTE = "<!-- Written by docs/reference/generate.py from the code; edit the code. -->"


def page(title: str, *parts: str) -> str:
    """A whole page under its title."""
    return "\n\n".join([NOTE, f"# {title}", *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def prose(thing: object) -> str:
    """The docstring of something, with Markdown's single backticks; its ``Raises:`` section becomes a list."""
    text = inspect.cleandoc(getattr(thing, "__doc__", None) or "").replace("``", "`")
    body, _, raises = text.partition("\nRaises:\n")
    return body.strip() + _raises(raises)


def first_sentence(thing: object) -> str:
    """The docstring up to the end of its first sentence."""
    summary = " ".join(prose(thing).split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", summary)[0]


def _raises(section: str) -> str:
    if not section.strip():
        return ""
    entries = re.split(r"\n(?=\S)", textwrap.dedent(section).strip())
    lines = (re.sub(r"^(\w+):\s*", r"`\1`: ", " ".join(entry.split())) for entry in entries)
    return "\n\nRaises:\n\n" + "\n".join(f"- {line}" for line in lines)
