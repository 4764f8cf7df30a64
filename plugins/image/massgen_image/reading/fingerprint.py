"""A number that pictures which look alike share, nearly."""

from __future__ import annotations

from PIL import Image


def fingerprint(image: Image.Image) -> str:
    """64 bits as hexadecimal: whether each of 8x8 cells is darker than its right neighbour (dHash).

    Two pictures look alike where ten bits or fewer differ.
    """
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    cells = ground.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (cells[at] < cells[at + 1])
    return f"{bits:016x}"
