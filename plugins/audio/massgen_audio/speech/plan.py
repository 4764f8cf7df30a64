"""Who says what: a text as sentences, each with a voice that can say it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from massgen_audio.failing import failed
from massgen_audio.speech.addresses import read_aloud
from massgen_audio.speech.characters import language_of, narrowed, plain, runs
from massgen_audio.speech.engines import ESPEAK_MISSING
from massgen_audio.speech.sentences import pieces, sentences
from massgen_audio.speech.voices import HEART, VOICES, Voice, espeak_voice

LONGEST = 200_000
"""Characters of one text: about three hours of speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence, the voice that says it, and where it ends as a share of the whole text."""

    text: str
    voice: Voice
    done: float


def planned(text: str, *, voice: str | None, language: str | None, able: frozenset[str]) -> list[Line]:
    """The lines of a text, in order; nothing of it is left out.

    Args:
        voice: the voice to use; without one, each script is given to a voice that can read it
        language: what the text is in, where its letters do not say so (Latin letters are taken for English)
        able: the engines that are there

    Raises:
        ToolFailed: nothing to say, an unknown voice, or words that no voice here can say: they are named.
    """
    if len(text) > LONGEST:
        raise failed(f"{len(text)} characters; at most {LONGEST} at once: speak it in parts")
    cleaned = plain(text)
    if not any(character.isalnum() for character in cleaned):
        raise failed("there is nothing to say: the text has no letters and no numbers")
    speaker = _named(voice, able)
    lines = [
        (piece, chosen)
        for sentence in sentences(cleaned)
        for part, chosen in _parts(sentence, speaker, language, able)
        for piece in pieces(read_aloud(part) if chosen is HEART else part)
        if any(character.isalnum() for character in piece)
    ]
    whole, done, planned_lines = sum(len(piece) for piece, _ in lines), 0, list[Line]()
    for piece, chosen in lines:
        done += len(piece)
        planned_lines.append(Line(text=piece, voice=chosen, done=done / whole))
    return planned_lines


def _named(name: str | None, able: frozenset[str]) -> Voice | None:
    if name is None:
        return None
    voice = VOICES.get(name)
    if voice is None:
        others = ", ".join(each.language for each in VOICES.values() if each.engine == "espeak")
        more = f", and espeak:LANGUAGE with one of {others}" if "espeak" in able else ""
        raise failed(f"no voice {name!r}; there are {HEART.name}{more}")
    if voice.engine not in able:
        raise failed(f"the voice {name} needs {ESPEAK_MISSING if voice.engine == 'espeak' else voice.engine}")
    return voice


def _parts(text: str, voice: Voice | None, language: str | None, able: frozenset[str]) -> Iterator[tuple[str, Voice]]:
    """Parts of a sentence, each with its voice."""
    if voice is not None and voice.engine == "espeak":
        yield text, voice
        return
    base = (language or "en").lower()
    if voice is not None and base.partition("-")[0] != "en":
        raise failed(f"the voice {voice.name} speaks {voice.language}, not {language}: leave voice out")
    for spoken, part in runs(text, base):
        yield part, _voice_for(narrowed(spoken, part), part, base, able)


def _voice_for(language: str, part: str, base: str, able: frozenset[str]) -> Voice:
    """The best voice for a part.

    Raises:
        ToolFailed: none can say it; its words are named.
    """
    if language in ("en", "en-us") and "hibari" in able:
        return HEART
    voice = espeak_voice(language)
    if voice is not None and language == "ja" and _kanji(part):
        raise failed(f"no voice here reads Japanese kanji: {_words(part)}; write it in kana")
    if voice is not None and "espeak" in able:
        return voice
    if voice is None:
        named = f"in {language}" if language == base else f"in the script {language.title()}"
        raise failed(f"no voice here can say {_words(part)}, {named}; write it in another script")
    raise failed(f"the voice heart cannot say {_words(part)}; that needs {ESPEAK_MISSING}, or write it in English")


def _kanji(text: str) -> bool:
    return any(language_of(character) == "cmn" for character in text)


def _words(text: str) -> str:
    """Up to ten words of a text, as an error names them."""
    words = re.findall(r"\w(?:\S*\w)?", text)
    more = f" and {len(words) - 10} more" if len(words) > 10 else ""
    return ", ".join(repr(word[:40]) for word in words[:10]) + more
