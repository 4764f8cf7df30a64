"""From words to scenes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from massgen_video.problems import refuse

MOST_SCENES = 40
"""A worker takes no more than 253 files, and a scene may have two."""
_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\n\s*\n|(?<=[。！？])")
_SHORTEST = 12
"""Letters of a sentence that is a scene of its own; shorter ones join the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is seen and said for a while.

    ``image`` and ``audio`` are places in the lists of files that were given; ``seconds`` is as asked for.
    """

    prompt: str = ""
    narration: str = ""
    title: str = ""
    motion: str | None = None
    seconds: float | None = None
    image: int | None = None
    audio: int | None = None

    @property
    def words(self) -> str:
        """What it is about."""
        return self.prompt or self.narration or self.title


def scenes_of(prompt: str, given: Sequence[Mapping[str, Any]], *, narrated: bool) -> list[Scene]:
    """The scenes that were given, or one for each sentence of a prompt.

    Raises:
        ToolFailed: There is nothing to show, or there are too many.
    """
    if given:
        scenes = [_scene(each) for each in given]
        if not narrated:
            scenes = [_silent(scene) for scene in scenes]
    else:
        scenes = [Scene(prompt=text, narration=text if narrated else "") for text in sentences(prompt)]
    if not scenes:
        raise refuse("there is nothing to show: give a prompt of some sentences, or `scenes`")
    if len(scenes) > MOST_SCENES:
        raise refuse(f"{len(scenes)} scenes: at most {MOST_SCENES}; make several films and join them with video_concat")
    return scenes


def sentences(text: str) -> list[str]:
    """The sentences of a text; very short ones stay with the one before."""
    found: list[str] = []
    for piece in _SENTENCES.split(text):
        piece = " ".join(piece.split())
        if found and piece and len(found[-1]) < _SHORTEST:
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def _scene(given: Mapping[str, Any]) -> Scene:
    known = {each.name for each in fields(Scene)}
    if unknown := sorted(given.keys() - known):
        raise refuse(f"a scene has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
    return Scene(**{name: value for name, value in given.items() if value is not None})


def _silent(scene: Scene) -> Scene:
    return replace(scene, prompt=scene.prompt or scene.narration, narration="")
