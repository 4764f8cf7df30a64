"""The work function of edits in words."""

from __future__ import annotations

from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.editing.darkroom import edited
from massgen_image.works.frame import changed, opened


def develop(work: Work) -> dict[str, Any]:
    """Options: ``prompt``, and those of `changed`; the second input is a mask, white where the edit goes."""
    mask = opened(work, 1).first().convert("L") if len(work.files) > 1 else None
    names: list[str] = []

    def change(image: Image.Image) -> Image.Image:
        done, named = edited(image, work.options["prompt"], mask)
        names[:] = named
        return done

    return changed(work, change) | {"edits": names}
