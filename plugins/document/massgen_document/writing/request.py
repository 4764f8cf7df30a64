"""What a writer is asked for, and what it tells back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

Paper = Literal["A4", "letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the file says about itself."""

    title: str = ""
    author: str = ""
    subject: str = ""
    keywords: str = ""
    language: str = ""
    program: str = "massgen-document"


@dataclass(slots=True, kw_only=True)
class Job:
    """One file to write: ``pictures`` are open files by the source that the text gives, in any order of reading.

    ``warnings`` fills with what could not be shown as asked, in words.
    """

    about: About = field(default_factory=About)
    pictures: Mapping[str, BinaryIO] = field(default_factory=dict[str, BinaryIO])
    paper: Paper = "A4"
    formulas: bool = False
    fonts: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list[str])

    def warn(self, text: str) -> None:
        """Say something once."""
        if text not in self.warnings:
            self.warnings.append(text)
