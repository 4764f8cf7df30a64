"""What a sound file says of where it comes from."""

from collections.abc import Mapping

from massgen_audio import __version__

SOFTWARE = f"massgen-audio {__version__}"

_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_SPEECH = f"{_VOCABULARY}trainedAlgorithmicMedia"
SYNTHETIC = f"{_VOCABULARY}algorithmicMedia"
"""IPTC's words for what a trained model has made, and for what a formula has made."""

_KEPT = ("title", "artist", "album", "album_artist", "date", "genre", "track", "comment", "description", "copyright")
_LONGEST = 2000


def made_by(source: str, *, what: str, description: str = "") -> dict[str, str]:
    """The texts for a file that was made here: the maker, what made it, and whether that was a model.

    Args:
        source: one of IPTC's URIs
        what: the engine, its model, voice and seed, in words
        description: the text or the request that it was made from
    """
    how = "AI-generated" if source == AI_SPEECH else "Synthetic"
    texts = {
        "encoded_by": SOFTWARE,
        "comment": f"{how}: {what}. {source}",
        "digital_source_type": source,
        "description": " ".join(description.split())[:_LONGEST],
    }
    return {key: value for key, value in texts.items() if value}


def carried(*sources: Mapping[str, str]) -> dict[str, str]:
    """The texts for a file that was made from others: those of the first, and that a model made one, if so."""
    first: Mapping[str, str] = sources[0] if sources else {}
    kept = {key: first[key][:_LONGEST] for key in _KEPT if first.get(key)}
    marks = [texts.get("digital_source_type") or _found(texts.get("comment", "")) for texts in sources]
    mark = next((each for each in (AI_SPEECH, SYNTHETIC) if each in marks), None)
    if mark and mark not in kept.get("comment", ""):
        kept["comment"] = f"{kept.get('comment', '')} Made from {mark}".strip()
    return kept | {"encoded_by": SOFTWARE} | ({"digital_source_type": mark} if mark else {})


def _found(comment: str) -> str | None:
    return next((each for each in (AI_SPEECH, SYNTHETIC) if each in comment), None)
