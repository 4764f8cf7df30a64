"""What a film says of where it comes from: as tags, and as XMP where the container has a place for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from massgen_core.media.capabilities import SourceType
from massgen_core.media.provenance import Provenance
from massgen_video import __version__

SOFTWARE = f"massgen-video {__version__}"
_LONGEST = 2000
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The box in which XMP lies in ISO media files (XMP specification, part 3)."""
_KEPT = ("title", "artist", "album", "date", "genre", "comment", "description", "copyright", "language")
_SOURCE = "digital_source_type"
_HOW: dict[SourceType, str] = {
    "trainedAlgorithmicMedia": "AI-generated",
    "algorithmicMedia": "Made by a program",
    "compositeSynthetic": "Composed of synthetic and other parts",
    "humanEdits": "Edited",
}


def made_by(how: SourceType, *, what: str, title: str, description: str) -> dict[str, str]:
    """The tags of a film that was made here: by what, from which words, and in the IPTC's words how."""
    uri = Provenance(software=SOFTWARE, source_type=how).source_uri or ""
    texts = {
        "title": _one_line(title)[:200],
        "comment": f"{_HOW[how]}: {what}. {SOFTWARE}. {uri}",
        "description": _one_line(description)[:_LONGEST],
        _SOURCE: uri,
    }
    return {name: text for name, text in texts.items() if text}


def carried(*sources: Mapping[str, str]) -> dict[str, str]:
    """The tags of a film that was made from others: those of the first, and how each of them came to be."""
    first = {name.lower(): text for name, text in sources[0].items()} if sources else dict[str, str]()
    kept = {name: first[name][:_LONGEST] for name in _KEPT if first.get(name)}
    uris = [uri for tags in sources if (uri := _uri_in(tags))]
    if uris and uris[0] not in kept.get("comment", ""):
        kept["comment"] = f"{kept.get('comment', '')} Made from {uris[0]}".strip()
    return kept | ({_SOURCE: uris[0]} if uris else {})


def mark(path: Path, tags: Mapping[str, str]) -> None:
    """Put a packet of XMP at the end of an MP4 or QuickTime file."""
    packet = _packet(tags).encode()
    with path.open("ab") as file:
        file.write((24 + len(packet)).to_bytes(4, "big") + b"uuid" + _XMP + packet)


def _packet(tags: Mapping[str, str]) -> str:
    name = tags.get(_SOURCE, "").rpartition("/")[2]
    source: SourceType | None = next((each for each in _HOW if each == name), None)
    prompt = tags.get("description") or tags.get("title")
    return Provenance(software=SOFTWARE, prompt=prompt, source_type=source).xmp()


def _uri_in(tags: Mapping[str, str]) -> str | None:
    texts = " ".join(text for name, text in tags.items() if name.lower() in (_SOURCE, "comment"))
    return next((word for word in texts.split() if "/digitalsourcetype/" in word), None)


def _one_line(text: str) -> str:
    return " ".join(text.split())
