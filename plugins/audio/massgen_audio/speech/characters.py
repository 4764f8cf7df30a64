"""Characters as they are said: letters of a script, signs by their names."""

import re
import unicodedata
from collections.abc import Iterator

SCRIPTS = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "cmn",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KATAKANA-HIRAGANA": "ja",
    "LATIN": "en",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
"""The language that a script is taken for, by the first word of its letters' names in Unicode."""

_OWN_LETTERS = {"іїєґ": "uk", "ў": "be", "پچژگ": "fa", "ٹڈڑے": "ur"}
"""Letters that only one language of a script has."""

_SAID = frozenset("$£€¥₹₩¢%&+@#*=<>~^|°§¶±×÷²³½¼¾µ→©`_\\/")
"""Signs that an English voice has words of its own for."""

_FLAG = range(0x1F1E6, 0x1F200)
_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """The text with letters in their usual form, and with each sign that no voice knows replaced by its name.

    Wide, ligated and mathematical letters become ordinary ones, accents are composed, emoji and other signs
    become words ("→" is left to the voice, "☂" is said as "umbrella"). Nothing is left out but marks that only
    change how another character looks.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SPACES.sub(" ", "".join(map(_plain, composed))).strip()


def _plain(character: str) -> str:
    if character.isascii():
        return character if character == "\n" or character.isprintable() else " "
    if ord(character) in _FLAG:
        return f" {chr(ord(character) - 0x1F1E6 + 65)} "
    category = unicodedata.category(character)
    if category[0] in "MCZ" or category == "Sk":
        return character if category[0] == "M" else " " if category[0] == "Z" else ""
    usual = unicodedata.normalize("NFKC", character)
    if usual.isascii() and usual.isalnum() and character not in _SAID:
        return usual
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category[0] in "SN" and character not in _SAID:
        return f" {_name(character)} "
    return character


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    number = unicodedata.numeric(character, None)
    if number is not None and number == int(number):
        return str(int(number))
    return name.removesuffix(" sign").removeprefix("vulgar fraction ") or "unknown sign"


def language_of(character: str) -> str | None:
    """The language that a letter's script is taken for; None for what is no letter of a script.

    A script that no voice knows is given by its name in capitals.
    """
    if character.isascii():
        return "en" if character.isalpha() else None
    if not character.isalpha() or character in _SAID:
        return None
    script = unicodedata.name(character, "UNKNOWN ").partition(" ")[0]
    return SCRIPTS.get(script, script)


def narrowed(language: str, text: str) -> str:
    """The language again, by letters of the text that only one language of the script has."""
    if language == "cmn" and any(language_of(character) == "ja" for character in text):
        return "ja"
    lowered = text.lower()
    of_script = {"ru": ("uk", "be"), "ar": ("fa", "ur")}.get(language, ())
    for letters, narrower in _OWN_LETTERS.items():
        if narrower in of_script and any(letter in lowered for letter in letters):
            return narrower
    return language


def runs(text: str, latin: str = "en") -> Iterator[tuple[str, str]]:
    """The text cut where its script changes: (language, text); `latin` is what Latin letters are taken for.

    Numbers and signs belong to what stands before them; single Greek letters are said by their names. Kana and the
    characters beside them stay together, as "cmn".
    """
    language, begun = "", ""
    for character in _greek(text):
        here = language_of(character)
        here = {"en": latin, "ja": "cmn"}.get(here, here) if here else None
        if here is None or here == (language or here):
            language, begun = here or language, begun + character
        else:
            yield language, begun
            language, begun = here, character
    yield language or latin, begun


def _greek(text: str) -> str:
    """A Greek letter alone, as formulas have it, by its name."""
    return re.sub(r"(?<![\u0370-\u03ff])[\u0391-\u03c9](?![\u0370-\u03ff])", _greek_name, text)


def _greek_name(found: re.Match[str]) -> str:
    return f" {unicodedata.name(found[0]).rpartition('LETTER ')[2].partition(' ')[0].lower()} "
