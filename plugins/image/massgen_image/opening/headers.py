"""What headers say, read by hand where a library would take memory for it or walk through all of the file."""

from __future__ import annotations

from typing import BinaryIO

_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B


def webp_size(head: bytes) -> tuple[int, int] | None:
    """The canvas of a WebP file by its first 30 bytes (RFC 9649, section 2); `None` where there is none."""
    if len(head) < 30:
        return None
    chunk = head[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if chunk == b"VP8 ":
        return (
            int.from_bytes(head[26:28], "little") & 0x3FFF,
            int.from_bytes(head[28:30], "little") & 0x3FFF,
        )
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def gif_frames(file: BinaryIO, most: int) -> int:
    """How many pictures a GIF holds, counted to ``most + 1``, without unpacking any (GIF89a, appendix A)."""
    file.seek(0)
    head = file.read(13)
    if len(head) < 13:
        return 0
    _skip_colours(file, head[10])
    frames = 0
    while frames <= most and (mark := file.read(1)):
        if mark[0] == _GIF_IMAGE:
            frames += 1
            about = file.read(9)
            if len(about) < 9:
                break
            _skip_colours(file, about[8])
            file.seek(1, 1)
        elif mark[0] == _GIF_EXTENSION:
            file.seek(1, 1)
        elif mark[0] == _GIF_END:
            break
        else:
            continue
        _skip_blocks(file)
    return frames


def _skip_colours(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)


def _skip_blocks(file: BinaryIO) -> None:
    while (length := file.read(1)) and length[0]:
        file.seek(length[0], 1)
