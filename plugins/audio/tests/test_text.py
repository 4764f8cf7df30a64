"""What is to be said: no word is left out, each goes to a voice that can say it, or is named in a refusal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_audio.speech.addresses import read_aloud
from massgen_audio.speech.characters import plain, runs
from massgen_audio.speech.plan import planned
from massgen_audio.speech.sentences import LONGEST, pieces, sentences

from massgen_core.errors import ToolFailed

BOTH = frozenset({"hibari", "espeak"})
HIBARI = frozenset({"hibari"})


def voices(text: str, **options: str) -> list[tuple[str, str]]:
    asked = {"voice": None, "language": None} | options
    return [(line.text, line.voice.name) for line in planned(text, able=BOTH, **asked)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello.", [("Hello.", "heart")]),
        ("hello 你好 world", [("hello", "heart"), ("你好", "espeak:cmn"), ("world", "heart")]),
        ("Привет, мир", [("Привет, мир", "espeak:ru")]),
        ("Привіт", [("Привіт", "espeak:uk")]),
        ("ありがとう", [("ありがとう", "espeak:ja")]),
        ("1. 你好", [("1.", "heart"), ("你好", "espeak:cmn")]),
        ("α-decay", [("alpha -decay", "heart")]),
        ("Ελλάδα", [("Ελλάδα", "espeak:el")]),
        ("ＡＢＣ ﬁne 𝐱", [("ABC fine x", "heart")]),
        ("5 ≠ 3 😀", [("5 not equal to 3 grinning face", "heart")]),
        ("٣ apples", [("3 apples", "heart")]),
        ("café", [("café", "heart")]),
    ],
)
def test_each_script_is_given_to_a_voice_that_reads_it(text: str, said: list[tuple[str, str]]) -> None:
    assert voices(text) == said


def test_a_language_or_a_voice_takes_all_of_the_text() -> None:
    assert voices("Guten Tag", language="de") == [("Guten Tag", "espeak:de")]
    assert voices("Bom dia", language="pt-BR") == [("Bom dia", "espeak:pt-br")]
    assert voices("hello", voice="espeak:fr") == [("hello", "espeak:fr")]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", {}, "nothing to say"),
        (" \n\t", {}, "nothing to say"),
        ("... !?", {}, "nothing to say"),
        ("ᚠᚢᚦ", {}, r"no voice here can say 'ᚠᚢᚦ', in the script Runic"),
        ("日本語です", {}, r"reads Japanese kanji: '日本語です'; write it in kana"),
        ("hi", {"voice": "bob"}, r"no voice 'bob'; there are heart, and espeak:LANGUAGE"),
        ("hi", {"voice": "heart", "language": "de"}, r"heart speaks en-us, not de"),
        ("hi", {"language": "tlh"}, r"no voice here can say 'hi', in tlh"),
        ("x" * 300_000, {}, "300000 characters; at most 200000"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(text: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        voices(text, **options)


def test_without_another_engine_the_words_and_the_cure_are_named() -> None:
    with pytest.raises(ToolFailed, match=r"heart cannot say '你好', '再见'; that needs eSpeak NG: install"):
        planned("hello 你好 再见", voice=None, language=None, able=HIBARI)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met J. K. Rowling. They spoke.", ["Dr. Smith met J. K. Rowling.", "They spoke."]),
        ("It cost 3.50 dollars, e.g. today. Yes.", ["It cost 3.50 dollars, e.g. today.", "Yes."]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("a title\n\nA line", ["a title", "A line"]),
        ('"Go." She went.', ['"Go."', "She went."]),
        ("So did I. He left.", ["So did I.", "He left."]),
    ],
)
def test_a_text_is_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert list(sentences(text)) == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see https://a.com/b_c?d=1.", "see https a dot com slash b underscore c question mark d equals 1."),
        ("mail me@x.org, or www.x.org", "mail me at x dot org, or www dot x dot org"),
        ("example.com/a is it", "example dot com slash a is it"),
        ("no.thing and 3.5 e.g. this", "no.thing and 3.5 e.g. this"),
    ],
)
def test_addresses_are_read_aloud(text: str, words: str) -> None:
    assert read_aloud(text) == words


letters = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cn", "Co")), max_size=400)


def content(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(letters)
def test_cutting_loses_nothing(text: str) -> None:
    cleaned = plain(text)
    assert content("".join(sentences(cleaned))) == content(cleaned)
    assert content("".join(part for each in sentences(cleaned) for part in pieces(each))) == content(cleaned)
    assert content("".join(part for _, part in runs(cleaned))) != "" or not content(cleaned)


@given(st.text(st.sampled_from("ab ,.1界"), max_size=2000))
def test_no_piece_is_longer_than_a_voice_takes(text: str) -> None:
    assert all(len(piece) <= LONGEST for each in sentences(text) for piece in pieces(each))


@given(letters)
def test_every_word_of_a_plan_comes_from_the_text_and_all_are_there_or_named(text: str) -> None:
    try:
        lines = planned(text, voice=None, language=None, able=BOTH)
    except ToolFailed:
        return
    assert lines[-1].done == 1.0
    assert all(any(character.isalnum() for character in line.text) for line in lines)
