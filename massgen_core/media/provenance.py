"""Where a file comes from, in words that go into the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import escape

from massgen_core.media.capabilities import SourceType

_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<xmp:CreatorTool>{software}</xmp:CreatorTool>
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The program, engine, model, prompt and seed that a file was made with, and how it came to be."""

    software: str
    engine: str | None = None
    model: str | None = None
    prompt: str | None = None
    seed: int | None = None
    source_type: SourceType | None = None

    @property
    def source_uri(self) -> str | None:
        """The way it came to be, as the IPTC's URI."""
        return _VOCABULARY + self.source_type if self.source_type else None

    @property
    def ai_generated(self) -> bool:
        """Whether a trained model has made it."""
        return self.source_type == "trainedAlgorithmicMedia"

    def to_json(self) -> dict[str, Any]:
        """Itself as plain values, without what is not known."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return known | {"ai_generated": self.ai_generated}

    def xmp(self) -> str:
        """An XMP packet (ISO 16684-1), for PNG, JPEG, WebP, AVIF, PDF and MP4."""
        described = {"software": self.software, "source": self.source_uri or "", "description": self.prompt or ""}
        return _PACKET.format(**{name: escape(_printable(text)) for name, text in described.items()})


def _printable(text: str) -> str:
    """Text without what XML 1.0 does not admit."""
    return "".join(letter for letter in text if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff"))
