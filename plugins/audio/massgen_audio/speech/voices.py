"""The voices there are, as data."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice: its name, the engine that has it, and the language that it speaks (BCP 47)."""

    name: str
    engine: str
    language: str
    description: str

    def to_json(self) -> dict[str, str]:
        """Itself as plain values."""
        return asdict(self)


_ESPEAK = (
    "af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, be Belarusian, bg Bulgarian, bn "
    "Bengali, bs Bosnian, ca Catalan, cmn Mandarin, cs Czech, cy Welsh, da Danish, de German, el Greek, "
    "en-gb British English, en-us American English, eo Esperanto, es Spanish, es-419 Latin American "
    "Spanish, et Estonian, eu Basque, fa Persian, fi Finnish, fr French, ga Irish, gd Scottish Gaelic, gu "
    "Gujarati, he Hebrew, hi Hindi, hr Croatian, hu Hungarian, hy Armenian, id Indonesian, is Icelandic, "
    "it Italian, ja Japanese (kana), ka Georgian, kk Kazakh, kn Kannada, ko Korean, ky Kyrgyz, la Latin, "
    "lb Luxembourgish, lt Lithuanian, lv Latvian, mk Macedonian, ml Malayalam, mr Marathi, ms Malay, mt "
    "Maltese, my Burmese, nb Norwegian, ne Nepali, nl Dutch, or Oriya, pa Punjabi, pl Polish, pt European "
    "Portuguese, pt-br Brazilian Portuguese, ro Romanian, ru Russian, sd Sindhi, si Sinhala, sk Slovak, "
    "sl Slovenian, sq Albanian, sr Serbian, sv Swedish, sw Swahili, ta Tamil, te Telugu, th Thai, tr "
    "Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, vi Vietnamese, yue Cantonese"
)

HEART = Voice(
    name="heart",
    engine="hibari",
    language="en-us",
    description="American English, a woman; a neural voice",
)

VOICES: dict[str, Voice] = {HEART.name: HEART} | {
    f"espeak:{code}": Voice(
        name=f"espeak:{code}",
        engine="espeak",
        language=code,
        description=f"{language}; a formant voice: clear, and plainly a machine",
    )
    for code, _, language in (entry.partition(" ") for entry in _ESPEAK.split(", "))
}
"""Every voice by its name."""


def espeak_voice(language: str) -> Voice | None:
    """eSpeak's voice for a language: the exact one, or the one of the language without its region."""
    wanted = {"no": "nb", "zh": "cmn", "en": "en-us"}.get(language.lower(), language.lower())
    return VOICES.get(f"espeak:{wanted}") or VOICES.get(f"espeak:{wanted.partition('-')[0]}")
