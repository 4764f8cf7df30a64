"""Opens a media file for its sound: nothing but the file itself is ever read, by nothing but audio decoders."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, cast

import av
from av.container import InputContainer
from av.error import FFmpegError

from massgen_audio.failing import failed
from massgen_audio.sound.limits import Limits

CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,mp3,mpeg,mpegts,ogg,tta,voc,w64,wav,wv"
)
"""FFmpeg's demuxers that may be chosen: none of those that read lists of other files."""

CODECS = (
    "aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,alac,amrnb,amrwb,ape,dca,eac3,flac,"
    "gsm,gsm_ms,libopus,libvorbis,mp1,mp1float,mp2,mp2float,mp3,mp3float,opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,"
    "pcm_f64le,pcm_mulaw,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,pcm_s24le_planar,"
    "pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,"
    "pcm_u32le,pcm_u8,speex,tta,vorbis,wavpack,wmalossless,wmapro,wmav1,wmav2"
)
"""FFmpeg's decoders that may be opened: those of sound; a film's pictures are never decoded."""

_TOLERANT: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""From 19 on, text that is no UTF-8 is always replaced."""

_OPTIONS = {"format_whitelist": CONTAINERS, "codec_whitelist": CODECS, "protocol_whitelist": "-"}


@contextmanager
def opened(file: BinaryIO, name: str, limits: Limits, raw: tuple[int, int] | None = None) -> Generator[InputContainer]:
    """The media file that `file` holds, known by its content; `raw` is the rate and the channels of bare samples.

    Raises:
        ToolFailed: it is empty, too large, or nothing that FFmpeg knows as sound.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size == 0:
        raise failed(f"{name}: empty (0 bytes)")
    if size > limits.file_bytes:
        raise failed(f"{name}: {size} bytes; at most {limits.file_bytes} are read")
    try:
        container = _open(file, raw)
    except (FFmpegError, ValueError, OSError, UnicodeError) as problem:
        raise failed(
            f"{name}: no sound file that is known here, or damaged at its start ({said(problem)});"
            f" it begins with {_start(file)!r}"
        ) from None
    with container:
        yield container


def _open(file: BinaryIO, raw: tuple[int, int] | None) -> InputContainer:
    options, form = dict(_OPTIONS), None
    if raw is not None:
        form = "s16le"
        options |= {"format_whitelist": form, "sample_rate": str(raw[0]), "ch_layout": f"{raw[1]}C"}
    unknown: Any = av.open  # its overloads know of no descriptor
    return cast(
        InputContainer,
        unknown(file, "r", format=form, options=options, io_open=_no_other, **_TOLERANT),
    )


def _no_other(*_: object) -> Any:
    """What FFmpeg gets when a file asks it to open another one."""
    raise PermissionError("a sound file may not name other files")


def said(problem: BaseException) -> str:
    """The short text of an error of FFmpeg, without the place in memory or the name of a descriptor."""
    text = cast("str | None", getattr(problem, "strerror", None))
    return text or type(problem).__name__


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(12)


def missing(file: BinaryIO) -> int:
    """Bytes that a WAV or AIFF file says to have and does not; 0 where it is whole, or does not say.

    FFmpeg takes such a file for a shorter one. Where it stands in the file stays as it was.
    """
    place, size = file.tell(), file.seek(0, os.SEEK_END)
    start = _start(file)
    file.seek(place)
    orders: dict[bytes, Literal["little", "big"]] = {b"RIFF": "little", b"FORM": "big"}
    if start[:4] not in orders or start[8:] not in (b"WAVE", b"AIFF", b"AIFC"):
        return 0
    claimed = int.from_bytes(start[4:8], orders[start[:4]]) + 8
    unknown = claimed in (8, 2**32 + 7)  # by programs that write into a pipe
    return 0 if unknown or claimed <= size + 1 else claimed - size
