"""The formats that are read and written, told apart by their first bytes and never by their names."""

from __future__ import annotations

from dataclasses import dataclass

from massgen_image.problems import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A format: what it is called, its media type and suffix, and what it can hold."""

    name: str
    mime_type: str
    suffix: str
    alpha: bool = True
    animated: bool = False
    longest_side: int = 65_535


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(name="png", mime_type="image/png", suffix=".png", animated=True),
        Kind(name="jpeg", mime_type="image/jpeg", suffix=".jpg", alpha=False, longest_side=65_500),
        Kind(name="webp", mime_type="image/webp", suffix=".webp", animated=True, longest_side=16_383),
        Kind(name="avif", mime_type="image/avif", suffix=".avif", animated=True),
        Kind(name="gif", mime_type="image/gif", suffix=".gif", animated=True),
        Kind(name="tiff", mime_type="image/tiff", suffix=".tiff"),
        Kind(name="bmp", mime_type="image/bmp", suffix=".bmp", alpha=False),
        Kind(name="ico", mime_type="image/x-icon", suffix=".ico", longest_side=256),
    )
}
_ALSO = {"jpg": "jpeg", "tif": "tiff", "apng": "png"}

HEAD = 64
"""Bytes that tell a format."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
    (b"\0\0\1\0", "ico"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document: read it with the document tools"),
    (b"8BPS", "a Photoshop document: export it as PNG first"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000: convert it to PNG first"),
    (b"\xff\x0a", "JPEG XL: convert it to PNG first"),
    (b"\0\0\0\x0cJXL ", "JPEG XL: convert it to PNG first"),
    (b"%!PS", "PostScript: convert it to PNG first"),
    (b"\x1f\x8b", "packed with gzip: unpack it first"),
    (b"PK\3\4", "a ZIP archive: extract it first"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def kind_named(name: str) -> Kind:
    """The format of that name (``jpg`` and ``.jpg`` are ``jpeg``).

    Raises:
        ToolFailed: There is none.
    """
    plain = name.lower().removeprefix(".")
    found = KINDS.get(_ALSO.get(plain, plain))
    if found is None:
        raise refuse(f"the format {name!r} is not written here: choose one of {', '.join(KINDS)}")
    return found


def kind_of(head: bytes) -> Kind:
    """The format of a file by its first `HEAD` bytes.

    Raises:
        ToolFailed: None that is read here; says what the file is, where that can be told.
    """
    for start, name in _STARTS:
        if head.startswith(start):
            return KINDS[name]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return KINDS["webp"]
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    raise refuse(f"it is no picture of a known format but {_what_else(head)}; read are {', '.join(KINDS)}")


def _of_brands(head: bytes) -> Kind:
    """AVIF among the files of ISO/IEC 14496-12, by the brands in their first box (AVIF 1.1, section 6)."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))}
    if brands & {b"avif", b"avis"}:
        return KINDS["avif"]
    if brands & {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}:
        raise refuse("it is a HEIC picture: convert it to JPEG or PNG first")
    raise refuse("it is a video or audio file, not a picture: use the video tools (a thumbnail, a frame)")


def _what_else(head: bytes) -> str:
    for start, what in _OTHERS:
        if head.startswith(start):
            return what
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg")):
        return "an SVG drawing or other XML: render it with image_render_svg"
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        return f"text that begins with {head[:24].decode('ascii')!r}"
    return f"unknown bytes ({head[:8].hex(' ')})"
