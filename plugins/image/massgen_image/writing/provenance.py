"""Who made a picture, of what, and how: in each format's own words.

PNG has text chunks (PNG 3, section 11.3.3); the others carry EXIF and XMP. How a picture came to be is IPTC's
``DigitalSourceType`` (https://cv.iptc.org/newscodes/digitalsourcetype/).
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from PIL import ExifTags, Image, PngImagePlugin

from massgen_image.opening.kept import SHOT, Kept
from massgen_image.opening.kinds import Kind
from massgen_image.writing.named import software as software

ALGORITHMIC = "algorithmicMedia"
"""Made by a program that follows rules: a chart, a drawing of the composer's."""

_NUMBERS = {name: number for number, name in ExifTags.TAGS.items()}
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description \
rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><xmp:CreatorTool>{software}</xmp:CreatorTool>\
{description}{source_type}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def words(kept: Kept, kind: Kind) -> dict[str, Any]:
    """What Pillow's ``save`` takes so that the file says it; empty for formats that have no room (BMP, ICO)."""
    if kind.name == "png":
        return {"pnginfo": _chunks(kept)}
    if kind.name == "gif":
        return {"comment": "; ".join(part for part in (software(), kept.description) if part)[:2_000]}
    if kind.name in ("jpeg", "webp", "avif"):
        return {"exif": _exif(kept).tobytes(), "xmp": xmp(kept).encode()}
    if kind.name == "tiff":
        return {"exif": _exif(kept)}
    return {}


def xmp(kept: Kept) -> str:
    """An XMP packet (ISO 16684-1) with the program, the description and the digital source type."""
    description = source_type = ""
    if kept.description:
        alternative = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(kept.description)}</rdf:li></rdf:Alt>'
        description = f"<dc:description>{alternative}</dc:description>"
    if kept.source_type:
        address = f"http://cv.iptc.org/newscodes/digitalsourcetype/{kept.source_type}"
        source_type = f"<Iptc4xmpExt:DigitalSourceType>{address}</Iptc4xmpExt:DigitalSourceType>"
    return _XMP.format(software=software(), description=description, source_type=source_type)


def _chunks(kept: Kept) -> PngImagePlugin.PngInfo:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Software", software())
    if kept.description:
        chunks.add_itxt("Description", kept.description)
    if kept.source:
        chunks.add_itxt("Source", kept.source)
    for name, key in (("Artist", "Author"), ("Copyright", "Copyright")):
        if value := (kept.exif or {}).get(name):
            chunks.add_itxt(key, str(value))
    chunks.add_itxt("XML:com.adobe.xmp", xmp(kept))
    return chunks


def _exif(kept: Kept) -> Image.Exif:
    exif = Image.Exif()
    shot: dict[int, Any] = {}
    for name, value in (kept.exif or {}).items():
        (shot if name in SHOT else exif)[_NUMBERS[name]] = value
    exif[_NUMBERS["Software"]] = software()
    if kept.description:
        exif[_NUMBERS["ImageDescription"]] = kept.description
    if shot:
        exif.get_ifd(ExifTags.IFD.Exif).update(shot)
    if kept.place:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(kept.place)
    return exif
