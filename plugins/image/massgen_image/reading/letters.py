"""Text in a picture: by tesseract where the system has it, else by rapidocr where it is installed."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from PIL import Image

from massgen_image.problems import refuse

SECONDS = 120
_LANGUAGE = re.compile(r"[a-z]{3}(_[a-z]+)?(\+[a-z]{3}(_[a-z]+)?)*")
_LEAST_SIDE, _LARGEST_SIDE = 700, 4000
HOW = "no OCR engine is here: install tesseract-ocr from the system's packages, or massgen-image[ocr]"


@dataclass(frozen=True, slots=True)
class Letters:
    """The text, line by line, who read it, and how sure it is (0 to 1)."""

    text: str
    engine: str
    confidence: float


def engine_here() -> str | None:
    """Which engine there is: ``tesseract``, ``rapidocr`` or none."""
    if shutil.which("tesseract"):
        return "tesseract"
    return "rapidocr" if find_spec("rapidocr") and find_spec("onnxruntime") else None


def letters(image: Image.Image, language: str = "eng") -> Letters:
    """The text in a picture; ``language`` is for tesseract (``eng``, ``deu+eng``).

    Raises:
        ToolFailed: No engine is here, or it does not know the language; says what to do.
    """
    if not _LANGUAGE.fullmatch(language):
        raise refuse(f"{language[:20]!r} is no language for OCR: write eng, deu, or eng+deu")
    engine = engine_here()
    if engine is None:
        raise refuse(HOW)
    ready = _readable(image)
    return _by_tesseract(ready, language) if engine == "tesseract" else _by_rapidocr(ready)


def _readable(image: Image.Image) -> Image.Image:
    """On white, and of a size that engines read well."""
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    seen = ground.convert("RGB")
    side = max(seen.size)
    scale = min(_LARGEST_SIDE / side, 3.0) if side > _LARGEST_SIDE or side < _LEAST_SIDE else 1.0
    if scale == 1.0:
        return seen
    if side < _LEAST_SIDE:
        scale = min(3.0, 1400 / side)
    size = max(1, round(seen.width * scale)), max(1, round(seen.height * scale))
    return seen.resize(size, Image.Resampling.LANCZOS)


def _by_tesseract(image: Image.Image, language: str) -> Letters:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    command = ["tesseract", "stdin", "stdout", "-l", language, "--psm", "3", "tsv"]
    try:
        done = subprocess.run(command, input=out.getvalue(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise refuse(
            f"reading the text took more than {SECONDS} seconds: crop the picture to the part with text"
        ) from None
    if done.returncode:
        raise refuse(f"tesseract cannot read with {language!r}: {done.stderr.decode('utf-8', 'replace').strip()[:300]}")
    return _from_table(done.stdout.decode("utf-8", "replace"))


def _from_table(table: str) -> Letters:
    """The words of tesseract's table (tsv), put together by block, paragraph and line."""
    lines: dict[tuple[str, ...], list[str]] = {}
    sure: list[float] = []
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[0] == "5" and cells[11].strip():
            lines.setdefault(tuple(cells[2:5]), []).append(cells[11].strip())
            sure.append(float(cells[10]) / 100)
    text = "\n".join(" ".join(words) for words in lines.values())
    return Letters(text, "tesseract", round(sum(sure) / len(sure), 3) if sure else 0.0)


@lru_cache(maxsize=1)
def _rapid() -> Any:
    """The engine, loaded once; without its classifier of turned lines, which turns upright ones around."""
    from rapidocr import RapidOCR

    import_module("onnxruntime")  # what it runs on, and does not ask for
    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "critical"})


def _by_rapidocr(image: Image.Image) -> Letters:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    found = _rapid()(out.getvalue())
    texts = [str(text) for text in (found.txts or ())]
    scores = [float(score) for score in (found.scores or ())]
    return Letters("\n".join(texts), "rapidocr", round(sum(scores) / len(scores), 3) if scores else 0.0)
