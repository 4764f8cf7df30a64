"""The pages of the documentation and the fenced blocks in them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The pages show the container backend too, so these tests belong to an environment that has it.
collect_ignore_glob = [] if importlib.util.find_spec("massgen_sandbox_docker") else ["test_*.py"]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_FILE_COMMENT = re.compile(r"(?:#|//) (?P<name>[\w./-]+\.\w+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: its language, the words after it, its text.

    The words are ``docker`` (needs an engine), ``output`` (what the block before it prints), ``wrong`` (a config that
    must be refused), ``file:NAME`` and, at the end, ``no-run: REASON``. A block whose first line is a comment with a
    file's name is that file too.
    """

    line: int
    language: str
    words: tuple[str, ...]
    exempt: str | None
    text: str = field(repr=False)

    @property
    def file(self) -> str | None:
        """The file that the block is."""
        named = [word.removeprefix("file:") for word in self.words if word.startswith("file:")]
        found = _FILE_COMMENT.match(self.text)
        return named[0] if named else found["name"] if found else None

    @property
    def docker(self) -> bool:
        """Whether it needs a Docker Engine."""
        return "docker" in self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root of the repository."""
        return self.path.relative_to(ROOT).as_posix() if self.path.is_relative_to(ROOT) else self.path.name

    @property
    def text(self) -> str:
        """What it says."""
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its fenced blocks, from top to bottom."""
        return tuple(_blocks(self.text))


def _blocks(text: str) -> Iterator[Block]:
    for match in _FENCE.finditer(text):
        info, _, reason = match["info"].partition("no-run:")
        language, *words = info.split() or [""]
        indent = len(match["indent"])
        yield Block(
            line=text.count("\n", 0, match.start()) + 1,
            language=language,
            words=tuple(words),
            exempt=reason.strip() if "no-run:" in match["info"] else None,
            text="".join(line[indent:] for line in match["text"].splitlines(keepends=True)),
        )


@cache
def all_pages() -> tuple[Page, ...]:
    """README.md, CONTRIBUTING.md and every page under docs/; the packages in docs/examples have tests of their own."""
    guides = (path for path in (ROOT / "docs").rglob("*.md") if "examples" not in path.parts)
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(guides)]
    return tuple(Page(path=path) for path in found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes ``page`` every page, ``docker_page`` those that need an engine somewhere."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", all_pages(), ids=lambda page: page.name)
    if "docker_page" in metafunc.fixturenames:
        needing = [page for page in all_pages() if any(block.docker for block in page.blocks)]
        metafunc.parametrize("docker_page", needing, ids=lambda page: page.name)


@pytest.fixture
def write_page(tmp_path: Path) -> Callable[[str], Page]:
    """Make a page of a text in which three apostrophes stand for a fence."""

    def write(text: str) -> Page:
        path = tmp_path / "page.md"
        path.write_text(text.replace("'''", "```"), encoding="utf-8")
        return Page(path=path)

    return write


@pytest.fixture(name="pages")
def _pages() -> tuple[Page, ...]:
    """Every page."""
    return all_pages()
