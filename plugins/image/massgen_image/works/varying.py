"""The work function of variations: the same words, drawn anew with other seeds."""

from __future__ import annotations

from typing import Any

from massgen_core.workers import Work
from massgen_image.composer.work import draw
from massgen_image.problems import refuse
from massgen_image.works.frame import opened


def vary(work: Work) -> dict[str, Any]:
    """Options: those of the composer's `draw`; the words and the size are those of the picture where not given.

    Raises:
        ToolFailed: The picture does not say what it was drawn from, and no words are given.
    """
    picture = opened(work, 0)
    options = {name: value for name, value in work.options.items() if name != "bounds"}
    prompt = options.get("prompt") or picture.kept.source
    if not prompt:
        raise refuse(
            "the picture does not say from which words it was drawn, and the composer cannot see: "
            "give them in prompt, or name an engine that varies any picture"
        )
    size = {"width": picture.width, "height": picture.height}
    inner = Work(folder=work.folder, options={**size, **options, "prompt": prompt}, tell=work.progress)
    return draw(inner) | {"prompt": prompt}
