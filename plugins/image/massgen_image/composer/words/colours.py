"""Colour words, and the words that change a colour."""

from __future__ import annotations

from massgen_image.composer.tones import hexed, lab, mix, moved

COLOURS = {
    "red": "#e0413c", "crimson": "#b8263f", "scarlet": "#e2382f", "maroon": "#7c2a38", "burgundy": "#7d2440",
    "ruby": "#c41f48", "cherry red": "#c8243c", "pink": "#f58fb2", "hot pink": "#ee4a95", "magenta": "#cf3fa0",
    "fuchsia": "#d83fa6", "rose-coloured": "#e87f97", "salmon": "#f58f78", "coral": "#f47a62", "orange": "#f28c2f",
    "peach": "#f9be98", "apricot": "#f7b27a", "amber": "#f2ac30", "rust": "#a9502b", "copper": "#b5683f",
    "bronze": "#a8743c", "brown": "#8a5a3b", "chestnut": "#7d4630", "chocolate brown": "#5e3a2b", "tan": "#cda677",
    "beige": "#e6d5b8", "cream": "#f8eccf", "ivory": "#faf4e2", "khaki": "#b8a96c", "gold": "#eab63c",
    "golden": "#eab63c", "yellow": "#f8d03f", "mustard": "#d3a32c", "lime": "#a3d13f", "green": "#4da55a",
    "olive": "#82893f", "emerald": "#259c6b", "mint": "#a5dec2", "teal": "#258a8a", "turquoise": "#3fbfb8",
    "aqua": "#55cdd2", "cyan": "#3fc0dc", "blue": "#3f7fd6", "sky blue": "#82c3ee", "navy": "#2a3d73",
    "azure": "#4d9de8", "indigo": "#4a45a0", "purple": "#8752b8", "violet": "#8b5fcf", "lavender": "#bfa8e6",
    "lilac": "#c8a6dc", "plum": "#7d3f76", "black": "#36343f", "white": "#f7f5f1", "grey": "#8f939e",
    "gray": "#8f939e", "silver": "#bcc2cd", "charcoal": "#4a4a54", "ginger": "#dd7f3a", "blonde": "#ecc86f",
    "wooden": "#b57f4e", "rusty": "#a9502b", "silvery": "#bcc2cd", "navy blue": "#2a3d73", "dark-skinned": "#8a5a3b",
}  # fmt: skip

# A noun in front of another one that says what it is made of.
MATERIALS = {
    "chocolate": "#6d4335", "strawberry": "#f28ca6", "lemon": "#f8e07a", "vanilla": "#f8eccf", "wood": "#b57f4e",
    "stone": "#9aa0b0", "rock": "#9aa0b0", "brick": "#b5614a", "gold": "#eab63c", "silver": "#bcc2cd",
    "ice": "#cfeaf5", "straw": "#e3c26f", "leather": "#8a5a3b", "cherry": "#c41f48", "metal": "#9aa6bb",
    "sand": "#e8cb8f", "pumpkin": "#e5873c", "mint": "#a5dec2", "steel": "#9aa6bb", "marble": "#e6e4e6",
}  # fmt: skip


def _paler(colour: str) -> str:
    return moved(mix(colour, "#ffffff", 0.45), 0.0, 0.9)


def _darker(colour: str) -> str:
    return moved(colour, -0.17)


def _brighter(colour: str) -> str:
    light, a, b = lab(colour)
    return hexed((min(0.92, light + 0.04), a * 1.28, b * 1.28))


SHADES = {
    "light": _paler, "pale": _paler, "pastel": _paler, "soft": _paler, "faded": _paler, "dark": _darker,
    "deep": _darker, "bright": _brighter, "vivid": _brighter, "neon": _brighter, "vibrant": _brighter,
}  # fmt: skip
