"""What the tests of documents share: a text with everything in it, writing and reading in one step, judges."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from massgen_document.reading.opened import Opened
from massgen_document.reading.reader import open_document
from massgen_document.reading.window import Place, chosen, show
from massgen_document.text.markdown import parse_markdown
from massgen_document.writing.formats import FORMATS
from massgen_document.writing.request import About, Job
from PIL import Image

REPORT = """# The harbour project

Prepared for the **steering committee** by *A. Writer*; see [the plan](https://example.org/plan) and `make report`.

## What happened

- Quay wall: 410 of 520 metres
- Cranes
  - two delivered
  - one in use since **12 March**
    1. tested empty
    2. tested at full load
- Dredging begins in May

### Money

| Item | Planned | Day |
|:-----|--------:|-----|
| Quay wall | 1,200,000 | 2026-01-31 |
| Cranes | 860,000.50 | 2026-02-28 |

> We said that we would be careful.

```python
def spent(invoices):
    return sum(invoices)
```

---

# Appendix

A second page, with ~~nothing~~ a little: “quotes”, a dash – and 12 €.
"""


def written(ending: str, text: str, **options: Any) -> bytes:
    """A file from Markdown."""
    job = options.pop("job", None) or Job(about=About(title="The title", author="A. Writer"), **options)
    out = io.BytesIO()
    FORMATS[ending].load()(parse_markdown(text), job, out)
    return out.getvalue()


def opened(data: bytes, name: str = "file", **options: Any) -> Opened:
    """A document of bytes."""
    return open_document(io.BytesIO(data), name, **options)


def read(data: bytes, name: str = "file", *, parts: str | None = None, most: int = 1_000_000, **options: Any) -> str:
    """The Markdown of a document."""
    document = opened(data, name, **options)
    return show(document, chosen(document, parts), Place(), most).text


def picture(width: int = 80, height: int = 60, kind: str = "PNG") -> io.BytesIO:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#2a9d8f").save(out, kind)
    return out


def judge(program: str, *arguments: str | Path, data: bytes | None = None) -> str:
    """What an independent program says; the test is skipped by name where it is not there."""
    if shutil.which(program) is None:
        if os.environ.get("MASSGEN_REQUIRE_JUDGES") == "1":
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([program, *map(str, arguments)], input=data, capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace")


def as_pdf(folder: Path, files: dict[str, bytes]) -> dict[str, Path]:
    """Office files as LibreOffice shows them: a PDF of each, by name."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    judge(
        "soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *(folder / name for name in files)
    )
    return {name: folder / f"{name.rpartition('.')[0]}.pdf" for name in files}


def pages_of(pdf: Path) -> int:
    """How many pages poppler counts."""
    return int(next(line for line in judge("pdfinfo", pdf).splitlines() if line.startswith("Pages:")).split()[1])
