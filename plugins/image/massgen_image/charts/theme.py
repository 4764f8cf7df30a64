"""How charts, diagrams and posters look: inks, grounds, and colours that stay apart for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from massgen_image.colour import mixed, rgb

ThemeName = Literal["light", "dark"]

COLOURS = ("#1f6fb4", "#e8892b", "#1b9e77", "#c65b9b", "#5bb5e8", "#b5462f", "#8a8f98", "#d9b82c")
"""After Okabe and Ito's (2008) set, toned for large areas; neighbours differ in lightness too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Ground, inks from strong to faint, and the colours of series."""

    ground: str
    ink: str
    soft: str
    faint: str
    line: str
    colours: tuple[str, ...] = COLOURS

    def colour(self, number: int) -> str:
        """The colour of a series; after the last one they come again, lighter."""
        times, place = divmod(number, len(self.colours))
        return mixed(self.colours[place], self.ground, min(0.6, 0.4 * times))


LIGHT = Theme(ground="#ffffff", ink="#1b2430", soft="#5a6675", faint="#8b96a3", line="#e4e8ed")
DARK = Theme(
    ground="#151b23",
    ink="#f1f4f8",
    soft="#aab4c0",
    faint="#7c8896",
    line="#2a333f",
    colours=("#4c9be0", "#f2a04e", "#3cc198", "#de82b8", "#8fd0f5", "#e0745c", "#a3a9b3", "#e8cf5a"),
)


def theme_named(name: ThemeName, colours: list[str] | None = None, ground: str | None = None) -> Theme:
    """A theme, with other colours of series and another ground where they are given."""
    theme = DARK if name == "dark" else LIGHT
    for colour in [*(colours or ()), *([ground] if ground and ground != "transparent" else ())]:
        rgb(colour)  # refuses what is no colour
    return Theme(
        ground=ground if ground and ground != "transparent" else theme.ground,
        ink=theme.ink,
        soft=theme.soft,
        faint=theme.faint,
        line=theme.line,
        colours=tuple(colours) if colours else theme.colours,
    )
