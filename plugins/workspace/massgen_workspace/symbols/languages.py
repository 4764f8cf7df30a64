"""Which languages there are outlines of, and what has to be installed for each."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

ENDINGS: dict[str, str] = {
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".go": "go",
    ".h": "cpp",
    ".hpp": "cpp",
    ".java": "java",
    ".js": "javascript",
    ".jsx": "javascript",
    ".cjs": "javascript",
    ".mjs": "javascript",
    ".php": "php",
    ".py": "python",
    ".pyi": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}
"""The language of a file, by how its name ends."""

EXTRA = "massgen-workspace[symbols]"

_BUILT_IN = frozenset({"python"})


def language_of(name: str) -> str | None:
    """The language of a file by its name; None where there are no outlines of it."""
    dot = name.rfind(".")
    return ENDINGS.get(name[dot:].lower()) if dot >= 0 else None


@cache
def available(language: str) -> bool:
    """Whether what reads the language is installed."""
    if language in _BUILT_IN:
        return True
    package = {"tsx": "typescript"}.get(language, language)
    needed = ("tree_sitter", f"tree_sitter_{package}", *(["tree_sitter_javascript"] if package == "typescript" else []))
    return all(find_spec(each) is not None for each in needed)
