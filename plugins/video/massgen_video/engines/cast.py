"""What a film is made of: its scenes, and the files for them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from massgen_core.media import MediaEngine, MediaInput, MediaRequest
from massgen_video.problems import refuse
from massgen_video.storyboard.script import Scene

_WHAT = {"audio.speak": "speech", "image.generate": "pictures"}


@dataclass(slots=True)
class Cast:
    """The scenes, and the files that they are made of: those that were given, and those that others have made."""

    request: MediaRequest
    stack: ExitStack
    scenes: list[Scene]
    files: list[int] = field(default_factory=list[int])
    names: list[str] = field(default_factory=list[str])
    pictures: list[int | None] = field(default_factory=list["int | None"])
    sounds: list[int | None] = field(default_factory=list["int | None"])
    helpers: list[str] = field(default_factory=list[str])
    roles: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def __post_init__(self) -> None:
        for each in self.request.inputs:
            self.roles.setdefault(each.role, []).append(self._given(each))
        self.pictures = [self.of_role("image", scene.image) for scene in self.scenes]
        self.sounds = [self.of_role("audio", scene.audio) for scene in self.scenes]
        images = self.roles.get("image", [])
        if images and all(scene.image is None for scene in self.scenes):  # in their order, where no scene names one
            self.pictures = [*images[: len(self.scenes)], *[None] * (len(self.scenes) - len(images))]
        if (first := self.of_role("first_frame")) is not None:
            self.pictures[0] = first

    def add(self, descriptor: int, name: str) -> int:
        """Take a file in; its place."""
        self.files.append(descriptor)
        self.names.append(name)
        return len(self.files) - 1

    def of_role(self, role: str, number: int | None = 0) -> int | None:
        """The place of a file that was given for a role."""
        files = self.roles.get(role, [])
        if number is None or (not files and number == 0 and role in ("first_frame", "music")):
            return None
        if not 0 <= number < len(files):
            raise refuse(f"a scene names {role} {number}, and {len(files)} were given (the first one is 0)")
        return files[number]

    def thank(self, operation: str, engine: MediaEngine) -> None:
        """Note who has helped."""
        ai = " (AI-generated)" if engine.capabilities.source_type == "trainedAlgorithmicMedia" else ""
        if (text := f"{_WHAT[operation]} by {engine.name}{ai}") not in self.helpers:
            self.helpers.append(text)

    def told(self) -> list[dict[str, Any]]:
        """The scenes as the work function takes them."""
        return [
            {
                "prompt": scene.prompt, "narration": scene.narration, "title": scene.title, "seconds": scene.seconds,
                "motion": scene.motion, "picture": picture, "sound": sound,
            }
            for scene, picture, sound in zip(self.scenes, self.pictures, self.sounds, strict=True)
        ]  # fmt: skip

    def _given(self, each: MediaInput) -> int:
        return self.add(each.descriptor, each.name)
