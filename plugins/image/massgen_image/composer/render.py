"""A composed picture as pixels: PNG by resvg, as it comes, with the words about it put in."""

from __future__ import annotations

import struct
import zlib

import resvg_py

from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import kind_named
from massgen_image.writing.provenance import words

_HEAD = 33  # bytes of a PNG's signature and IHDR


def render(svg: str, width: int, height: int) -> bytes:
    """PNG of a picture without letters, ``width`` by ``height`` pixels; resvg packs it fast, not small."""
    return resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)


def labelled(png: bytes, kept: Kept) -> bytes:
    """The same PNG with text chunks (PNG 3, section 11.3.3), without unpacking its pixels."""
    chunks = words(kept, kind_named("png"))["pnginfo"].chunks
    packed = b"".join(_chunk(kind, data) for kind, data, *_ in chunks)
    return png[:_HEAD] + packed + png[_HEAD:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
