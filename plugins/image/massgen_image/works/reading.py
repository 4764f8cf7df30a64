"""Work functions that look at pictures: facts, and what can be read in them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.codes.reading import codes
from massgen_image.opening import Picture
from massgen_image.opening.colours import has_alpha
from massgen_image.reading.fingerprint import fingerprint
from massgen_image.reading.letters import HOW, engine_here, letters
from massgen_image.reading.palette import palette
from massgen_image.works.frame import opened, preview


def info(work: Work) -> dict[str, Any]:
    """What the header says; nothing is decoded."""
    return {"outputs": [], "warnings": [], "pictures": [facts_of(opened(work, at)) for at in range(len(work.files))]}


def facts_of(picture: Picture) -> dict[str, Any]:
    """Format, size, mode, frames, and the words that the file has about itself."""
    facts: dict[str, Any] = {
        "format": picture.kind.name,
        "mime_type": picture.kind.mime_type,
        "width": picture.width,
        "height": picture.height,
        "aspect_ratio": _ratio(picture.width, picture.height),
        "mode": picture.mode,
        "frames": picture.frames,
    }
    kept = picture.kept
    said: dict[str, Any] = {name: str(value) for name, value in (kept.exif or {}).items()}
    own = {"description": kept.description, "source": kept.source, "source_type": kept.source_type}
    said |= {name: value for name, value in own.items() if value}
    if said:
        facts["metadata"] = said
    return facts | ({"has_location": True} if kept.place else {})


def look(work: Work) -> dict[str, Any]:
    """Options: ``text``, ``language``, ``codes``, ``colours``, ``preview`` (all true where not given).

    A small JPEG goes along, for the agent's own eyes; what is seen in a picture is not put into words here.
    """
    options = work.options
    picture = opened(work, 0)
    image = picture.first()
    facts = facts_of(picture)
    facts["alpha"] = has_alpha(image)
    warnings = list(picture.notes)
    if options.get("question"):
        warnings.append("questions about a picture are not answered here: look at the picture that comes along")
    if options.get("colours", True):
        facts["palette"] = palette(image)
        facts["fingerprint"] = fingerprint(image)
    work.progress(0.2, "colours")
    if options.get("codes", True):
        facts["codes"] = codes(image)
    work.progress(0.4, "codes")
    if options.get("text", True):
        facts |= _text(image, options.get("language") or "eng", warnings)
    output: dict[str, Any] = {"text": _in_words(facts), "details": facts}
    if options.get("preview", True):
        output["preview"] = preview(work, image)
    return {"outputs": [output], "warnings": warnings}


def _text(image: Image.Image, language: str, warnings: list[str]) -> dict[str, Any]:
    if engine_here() is None:
        warnings.append(HOW)
        return {}
    found = letters(image, language)
    return {"text": found.text, "text_engine": found.engine, "text_confidence": found.confidence}


def _in_words(facts: dict[str, Any]) -> str:
    """The facts as a few lines that people read."""
    frames = f", {facts['frames']} frames" if facts["frames"] > 1 else ""
    lines = [f"{facts['format'].upper()}, {facts['width']}x{facts['height']} pixels, {facts['mode']}{frames}"]
    if metadata := facts.get("metadata"):
        lines.append("; ".join(f"{name}: {value}" for name, value in metadata.items()))
    if colours := facts.get("palette"):
        lines.append(
            "colours: " + ", ".join(f"{each['name']} {each['colour']} {each['share']:.0%}" for each in colours)
        )
    lines += [f"{code['format']}: {code['text']}" for code in facts.get("codes", ())]
    if "text" in facts:
        sure = f" ({facts['text_engine']}, {facts['text_confidence']:.0%} sure)"
        lines.append(f"text{sure}:\n{facts['text']}" if facts["text"] else f"no text was found{sure}")
    lines.append("What it shows is not described here: look at the picture, or configure a vision engine.")
    return "\n".join(lines)


def _ratio(width: int, height: int) -> str:
    found = Fraction(width, height).limit_denominator(32)
    return f"{found.numerator}:{found.denominator}"
