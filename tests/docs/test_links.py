"""Links between pages lead somewhere, and every page can be found."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.docs.conftest import Page

_LINK = re.compile(r"(?<!\\)\]\((?P<target>[^)\s]+)\)|<img [^>]*src=\"(?P<image>[^\"]+)\"")
_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(?P<words>.+?)\s*$", re.MULTILINE)


def test_links_between_pages_resolve(page: Page) -> None:
    """Every relative link names a file that exists and, behind ``#``, a heading in it."""
    broken = [link for link in _links(page) if not _resolves(page.path, link)]
    assert not broken, f"{page.name} links to {', '.join(broken)}"


def test_the_index_leads_to_every_page(pages: tuple[Page, ...]) -> None:
    """docs/README.md names every page of the documentation."""
    [index] = [page for page in pages if page.name == "docs/README.md"]
    linked = {(index.path.parent / link.partition("#")[0]).resolve() for link in _links(index)}
    missing = [page.name for page in pages if _is_guide(page) and page.path.resolve() not in linked]
    assert not missing, f"docs/README.md does not link to {', '.join(missing)}"


def test_a_link_that_leads_nowhere_is_found(write_page: Callable[[str], Page]) -> None:
    """Missing files and headings are broken links; addresses and code are not links between pages."""
    page = write_page("# One\n[a](none.md) [b](#two) [c](#one) [d](https://example.com) `[e](f.md)`\n")
    assert [link for link in _links(page) if not _resolves(page.path, link)] == ["none.md", "#two"]


def _is_guide(page: Page) -> bool:
    return page.name not in ("README.md", "CONTRIBUTING.md", "docs/README.md")


def _links(page: Page) -> list[str]:
    targets = [match["target"] or match["image"] for match in _LINK.finditer(_CODE.sub("", page.text))]
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def _resolves(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """The headings as GitHub names them in links."""
    headings = _HEADING.findall(re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S))
    return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for words in headings}
