"""What the engines can do, as data."""

from massgen_audio.sound.formats import FORMATS
from massgen_audio.speech.engines import able
from massgen_audio.speech.plan import LONGEST
from massgen_audio.speech.voices import HEART, VOICES
from massgen_core.media import Ability, Capabilities, Option

SPEAK = "audio.speak"
TRANSCRIBE = "audio.transcribe"

_FORMATS = ("mp3", *(name for name in FORMATS if name != "mp3"))
_TRANSCRIPTS = ("txt", "srt", "vtt", "json")


def hibari() -> Capabilities:
    """The neural voice, with eSpeak NG for other scripts where it is there."""
    others = "; other scripts by eSpeak NG" if "espeak" in able() else ""
    voices = [voice.name for voice in VOICES.values() if voice.engine in able()]
    return Capabilities(label=f"a neural voice for English{others}", abilities=[_speaks(voices, "")])


def espeak() -> Capabilities:
    """Formant voices for eighty languages."""
    voices = [voice.name for voice in VOICES.values() if voice.engine == "espeak"]
    return Capabilities(
        label="eSpeak NG: plain voices for many languages, calculated by formulas",
        abilities=[_speaks(voices, "; its voices do not depend on it")],
        source_type="algorithmicMedia",
    )


def _speaks(voices: list[str], seed: str) -> Ability:
    return Ability(
        operation=SPEAK,
        formats=_FORMATS,
        options={
            "voice": Option(
                choices=voices,
                description=f"Voice; without one each script gets a voice that reads it, English gets {HEART.name}.",
            ),
            "language": Option(description="Of a text in Latin letters that is not English: `de`, `pt-br`."),
            "speed": Option(kind="number", minimum=0.5, maximum=2.0, description="1 is the voice's own pace."),
            "bit_rate": Option(kind="integer", minimum=6000, maximum=512_000, description="Bits a second."),
            "sample_rate": Option(kind="integer", minimum=8000, maximum=96_000, description="Samples a second."),
            "stream": Option(kind="boolean", description="Hand over each sentence as soon as it is said."),
        },
        longest_prompt=LONGEST,
        seeded=True,
    )


def whisper(model: str, *, english: bool) -> Capabilities:
    """Speech recognition."""
    knows = "English only" if english else "many languages"
    return Capabilities(
        label=f"{model} by CTranslate2, on this machine: {knows}",
        abilities=[
            Ability(
                operation=TRANSCRIBE,
                formats=_TRANSCRIPTS,
                inputs={"audio": 1},
                models=(model,),
                options={
                    "language": Option(description="What is spoken, `en`; found out where the model knows several."),
                    "timestamps": Option(choices=("segment", "word"), description="Whether each word gets its time."),
                    "vad": Option(kind="boolean", description="Leave out what is no voice; on unless set."),
                    "salvage": Option(kind="boolean", description="Take what can be read of a damaged file."),
                    "track": Option(kind="integer", minimum=0, maximum=100, description="Which sound of a film."),
                },
            )
        ],
    )
