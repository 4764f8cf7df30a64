"""Mutated files of every format: a picture comes out, or one sentence."""

import io
import random

import pytest
from image_support import FORMATS, moving, scene, small
from massgen_image.opening import Bounds, open_picture

from massgen_core.errors import ToolFailed

BOUNDS = Bounds(pixels=2_000_000, pixels_in_all=4_000_000, frames=50)
ROUNDS = 120


def mutated(file: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, cut, repeated or moved; most of them near its beginning."""
    out = bytearray(file)
    for _ in range(chance.randint(1, 8)):
        at = min(int(chance.expovariate(1 / (len(out) / 5 + 1))), max(0, len(out) - 1))
        act = chance.randrange(5)
        if act == 0 and out:
            out[at] = chance.randrange(256)
        elif act == 1 and out:
            out[at] ^= 1 << chance.randrange(8)
        elif act == 2:
            del out[at : at + chance.randint(1, 40)]
        elif act == 3:
            out[at:at] = bytes(chance.choice((0, 255, 127, 1)) for _ in range(chance.randint(1, 8)))
        elif out:
            out[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\x01"))
    return bytes(out)


@pytest.mark.parametrize("name", [*FORMATS, "moving gif", "moving webp", "moving png"])
def test_nothing_but_a_picture_or_a_sentence_comes_of_a_mutated_file(name: str) -> None:
    chance = random.Random(name)
    whole = moving(name.split()[1]) if " " in name else small(name)
    refused = 0
    for _ in range(ROUNDS):
        refused += not _opens(mutated(whole, chance))
    assert refused > 0


def _opens(file: bytes) -> bool:
    """Whether a file is a sound picture; anything but `ToolFailed` comes through."""
    try:
        picture = open_picture(io.BytesIO(file), BOUNDS)
        image = picture.first()
        assert image.width * image.height <= BOUNDS.pixels
        for frame, _ in picture.each():
            assert frame.mode in ("L", "RGB", "RGBA")
    except ToolFailed:
        return False
    return True


def test_bytes_without_any_sense_behind_a_sound_beginning() -> None:
    chance = random.Random(5)
    for name in FORMATS:
        start = small(name)[:24]
        for _ in range(20):
            with pytest.raises(ToolFailed):
                open_picture(io.BytesIO(start + chance.randbytes(400)), BOUNDS).first()


def test_a_picture_survives_being_read_twice() -> None:
    picture = open_picture(io.BytesIO(small("png")))
    assert picture.first().tobytes() == picture.first().tobytes() == scene().tobytes()
