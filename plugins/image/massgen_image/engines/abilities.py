"""What the engines can do, as data."""

from __future__ import annotations

from typing import get_args

from massgen_core.media import Ability, Capabilities, Option

GENERATE, VARY, EDIT, UNDERSTAND = "image.generate", "image.vary", "image.edit", "image.understand"

PICTURES = ("png", "jpeg", "webp", "avif")
QUALITY = Option(kind="integer", minimum=1, maximum=100, description="Of jpeg, webp and avif; 100 is lossless in webp.")


def composer() -> Capabilities:
    """Draws what it has drawings for."""
    from massgen_image.composer.palettes import Palette

    options = {
        "size": Option(description="Pixels: `1024x768`."),
        "aspect_ratio": Option(description="About one megapixel of a shape: `16:9`."),
        "background": Option(choices=("scene", "transparent"), description="Whether there is a landscape behind."),
        "palette": Option(choices=tuple(get_args(Palette)), description="Colours of the whole picture."),
        "quality": QUALITY,
    }
    formats = ("png", "webp", "jpeg", "avif", "svg")
    draws = Ability(operation=GENERATE, formats=formats, options=options, longest_prompt=4_000, most=16, seeded=True)
    varies = Ability(
        operation=VARY,
        formats=formats,
        options=options,
        inputs={"image": 1},
        longest_prompt=4_000,
        most=16,
        seeded=True,
    )
    return Capabilities(
        label="an illustration composer that draws some hundred things in one flat style; no diffusion model",
        abilities=[draws, varies],
        source_type="algorithmicMedia",
    )


def darkroom() -> Capabilities:
    """Edits by arithmetic."""
    formats = (*PICTURES, "gif", "tiff", "bmp")
    edits = Ability(
        operation=EDIT,
        formats=formats,
        options={"quality": QUALITY},
        inputs={"image": 1, "mask": 1},
        longest_prompt=500,
    )
    return Capabilities(
        label="classical edits named in words (greyscale, brighten, blur, remove by mask, rotate …); no model",
        abilities=[edits],
        source_type="humanEdits",
    )


def reader() -> Capabilities:
    """Reads facts, colours, codes and letters."""
    options = {
        "language": Option(description="Of text, for tesseract: `eng`, `deu+eng`."),
        "text": Option(kind="boolean", description="Read text (OCR); on unless set."),
        "codes": Option(kind="boolean", description="Read QR and bar codes; on unless set."),
        "colours": Option(kind="boolean", description="Name the main colours; on unless set."),
    }
    return Capabilities(
        label="facts, colours, QR and bar codes, and text; it does not describe what is seen",
        abilities=[Ability(operation=UNDERSTAND, options=options, inputs={"image": 1}, longest_prompt=4_000)],
        source_type="algorithmicMedia",
    )
