"""What an Office file says about itself (ECMA-376 part 2, core properties), without a clock."""

from __future__ import annotations

import re
from typing import Any

from massgen_document.writing.request import About

_DATES = re.compile(rb"<dcterms:(created|modified)\b[^>]*>[^<]*</dcterms:\1>|<dcterms:(?:created|modified)\b[^>]*/>")

_COMMENTED = re.compile(rb' w:date="[^"]*"')


def write_facts(properties: Any, about: About) -> None:
    """Put the facts into the core properties of a python-docx or python-pptx document."""
    properties.title = about.title[:255]
    properties.author = about.author[:255]
    properties.last_modified_by = about.author[:255]
    properties.subject = about.subject[:255]
    properties.keywords = about.keywords[:255]
    properties.language = about.language[:255]
    properties.comments = f"Written by {about.program}"
    properties.revision = 1


def without_dates(name: str, data: bytes) -> bytes:
    """Core properties and comments without times, which would differ from run to run; other members as they are."""
    if name == "docProps/core.xml":
        return _DATES.sub(b"", data)
    return _COMMENTED.sub(b"", data) if name == "word/comments.xml" else data
