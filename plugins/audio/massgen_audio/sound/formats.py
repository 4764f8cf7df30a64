"""The formats that sounds are written in, as data."""

from dataclasses import dataclass

from massgen_audio.failing import failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a sound.

    container, codec: FFmpeg's names
    layouts: FFmpeg's sample format, by bits
    mime_type, ending: of the file
    rates: what the codec takes; None is any
    channels: the most it takes
    bit_rate: bits a second of one channel, for codecs that lose (half of it below 22 kHz); None loses nothing
    options: of the container
    tags: whether text can be put into the file
    """

    container: str
    codec: dict[int, str]
    layouts: dict[int, str]
    mime_type: str
    ending: str
    rates: tuple[int, ...] | None = None
    channels: int = 32
    bit_rate: int | None = None
    bit_rates: tuple[int, int] = (0, 0)
    options: dict[str, str] | None = None
    tags: bool = True

    def rate_near(self, rate: int) -> int:
        """The rate to write: the sound's own, or the lowest that keeps all of it, or the highest."""
        if self.rates is None or rate in self.rates:
            return rate
        return min((each for each in self.rates if each > rate), default=max(self.rates))

    def bits_near(self, bits: int) -> int:
        """The exactness to write: the sound's own, or the most that the format has."""
        return min((each for each in self.codec if each >= bits), default=max(self.codec))


_MPEG = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

FORMATS: dict[str, Format] = {
    "wav": Format(
        container="wav",
        codec={16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_f32le"},
        layouts={16: "s16", 24: "s32", 32: "flt"},
        mime_type="audio/wav",
        ending="wav",
        options={"rf64": "auto"},
    ),
    "flac": Format(
        container="flac",
        codec={16: "flac", 24: "flac"},
        layouts={16: "s16", 24: "s32"},
        mime_type="audio/flac",
        ending="flac",
        channels=8,
    ),
    "mp3": Format(
        container="mp3",
        codec={16: "libmp3lame"},
        layouts={16: "fltp"},
        mime_type="audio/mpeg",
        ending="mp3",
        rates=_MPEG,
        channels=2,
        bit_rate=64_000,
        bit_rates=(8_000, 320_000),
    ),
    "opus": Format(
        container="ogg",
        codec={16: "libopus"},
        layouts={16: "flt"},
        mime_type="audio/ogg",
        ending="opus",
        rates=(8000, 12000, 16000, 24000, 48000),
        channels=2,
        bit_rate=48_000,
        bit_rates=(6_000, 510_000),
    ),
    "aac": Format(
        container="adts",
        codec={16: "aac"},
        layouts={16: "fltp"},
        mime_type="audio/aac",
        ending="aac",
        rates=(*_MPEG, 64000, 88200, 96000),
        channels=2,
        bit_rate=64_000,
        bit_rates=(8_000, 512_000),
        options={"write_id3v2": "1"},
    ),
    "m4a": Format(
        container="ipod",
        codec={16: "aac"},
        layouts={16: "fltp"},
        mime_type="audio/mp4",
        ending="m4a",
        rates=(*_MPEG, 64000, 88200, 96000),
        channels=2,
        bit_rate=64_000,
        bit_rates=(8_000, 512_000),
        options={"movflags": "use_metadata_tags"},
    ),
    "pcm": Format(
        container="s16le",
        codec={16: "pcm_s16le"},
        layouts={16: "s16"},
        mime_type="audio/pcm",
        ending="pcm",
        tags=False,
    ),
}
"""What can be written, by the name that a tool is given."""


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        ToolFailed: there is none; the ones there are, are named.
    """
    try:
        return FORMATS[name]
    except KeyError:
        there = ", ".join(sorted(FORMATS))
        raise failed(f"no format {name!r}; there are {there}") from None
