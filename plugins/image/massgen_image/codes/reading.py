"""QR and bar codes in a picture, by zxing-cpp."""

from __future__ import annotations

from typing import Any, cast

import zxingcpp
from PIL import Image

_MOST = 50


def codes(image: Image.Image) -> list[dict[str, Any]]:
    """The codes that are found: format, text, and the four corners in pixels."""
    seen = image.convert("L") if image.mode != "RGBA" else _on_white(image).convert("L")
    found = cast("list[Any]", cast(Any, zxingcpp).read_barcodes(seen))
    return [_told(each) for each in found[:_MOST]]


def _told(code: Any) -> dict[str, Any]:
    corners = (code.position.top_left, code.position.top_right, code.position.bottom_right, code.position.bottom_left)
    name = str(code.format).rpartition(".")[2]
    return {"format": name, "text": str(code.text)[:8_000], "corners": [[corner.x, corner.y] for corner in corners]}


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
