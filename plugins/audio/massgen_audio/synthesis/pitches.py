"""Names of notes and chords, and the frequencies they stand for."""

import re

from massgen_audio.failing import failed

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NOTE = re.compile(r"([A-Ga-g])([#b♯♭]?)(-?\d)?")

CHORDS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "add9": (0, 4, 7, 14),
}
"""Half tones above the root, by what stands after its name."""


def hertz(number: float) -> float:
    """The frequency of a MIDI note number: 69 is the A of 440 Hz, each step a half tone (equal temperament)."""
    return 440.0 * 2 ** ((number - 69) / 12)


def note(name: str) -> int:
    """The MIDI number of a note such as "A4", "C#5" or "Bb" (without a number: the fourth octave).

    Raises:
        ToolFailed: it is no note.
    """
    found = _NOTE.fullmatch(name.strip())
    if found is None:
        raise failed(f"no note {name!r}: write A4, C#5, Bb3")
    letter, accidental, octave = found.groups()
    raised = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(accidental, 0)
    return 12 * (int(octave or 4) + 1) + _STEPS[letter.upper()] + raised


def chord(name: str) -> list[int]:
    """The MIDI numbers of a chord such as "Am", "C", "Fmaj7", "G4sus4"; or of notes with spaces or commas between.

    Raises:
        ToolFailed: it is no chord.
    """
    parts = re.split(r"[\s,+]+", name.strip())
    if len(parts) > 1:
        return [note(part) for part in parts]
    found = _NOTE.match(parts[0])
    kind = parts[0][found.end() :] if found else ""
    if found is None or kind not in CHORDS:
        raise failed(f"no chord {name!r}: write a root and one of {', '.join(filter(None, CHORDS))}, or C4 E4 G4")
    root = note(found[0])
    return [root + step for step in CHORDS[kind]]
