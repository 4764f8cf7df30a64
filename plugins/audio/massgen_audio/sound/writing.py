"""Writes a sound into a file, block by block; the same samples give the same bytes."""

from pathlib import Path
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.error import FFmpegError

from massgen_audio.failing import failed
from massgen_audio.sound.formats import Format, format_named
from massgen_audio.sound.frames import frame_of, layout_of
from massgen_audio.sound.opening import said
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Sound

_EXACT = {"fflags": "+bitexact"}
"""No version of FFmpeg and no random number in the file."""


def write(
    sound: Sound,
    path: Path,
    format_name: str,
    *,
    bit_rate: int | None = None,
    bits: int | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Write a sound, at a rate and in channels that the format takes.

    Args:
        bit_rate: bits a second for all channels, of a codec that loses
        bits: 16, 24 or 32 (floating point), where the format has a choice; as the sound's otherwise
        tags: text for the file: title, comment and so on

    Returns:
        What was written: file, mime_type, sample_rate, channels, frames, duration in seconds, bits or bit_rate.

    Raises:
        ToolFailed: the format does not have what is asked of it, or cannot be written.
    """
    form = format_named(format_name)
    fitted = _fitted(sound, form, format_name)
    depth = _depth(form, format_name, bits, sound.bits)
    rate_of_bits = _bit_rate(form, format_name, bit_rate, fitted)
    try:
        frames = _encode(fitted, path, form, depth, rate_of_bits, tags or {})
    except FFmpegError as problem:
        raise failed(f"{path.name}: cannot be written as {format_name} ({said(problem)})") from None
    if frames == 0:
        raise failed("there is no sound to write: 0 samples are left")
    facts: dict[str, Any] = {
        "file": path.name,
        "mime_type": form.mime_type,
        "format": format_name,
        "sample_rate": fitted.rate,
        "channels": fitted.channels,
        "frames": frames,
        "duration": round(frames / fitted.rate, 6),
    }
    return facts | ({"bit_rate": rate_of_bits} if rate_of_bits else {"bits": depth})


def _fitted(sound: Sound, form: Format, name: str) -> Sound:
    if sound.channels > form.channels:
        if sound.channels > 8:
            raise failed(f"{name} takes {form.channels} channels, the sound has {sound.channels}")
        sound = mapped(sound, form.channels)
    return resampled(sound, form.rate_near(sound.rate))


def _depth(form: Format, name: str, bits: int | None, own: int) -> int:
    if bits is None:
        return form.bits_near(own)
    if bits not in form.codec:
        raise failed(f"{name} has no {bits} bits; it has {', '.join(map(str, form.codec))}")
    return bits


def _bit_rate(form: Format, name: str, asked: int | None, sound: Sound) -> int | None:
    if form.bit_rate is None:
        if asked is not None:
            raise failed(f"{name} loses nothing: leave bit_rate out, or take mp3, opus, aac or m4a")
        return None
    low, high = form.bit_rates
    if asked is not None and not low <= asked <= high:
        raise failed(f"{name}: {asked} bits a second; from {low} to {high} are possible")
    usual = form.bit_rate * sound.channels // (1 if sound.rate >= 22_050 else 2)
    return asked or max(low, usual)


def _encode(
    sound: Sound,
    path: Path,
    form: Format,
    depth: int,
    bit_rate: int | None,
    tags: dict[str, str],
) -> int:
    options = _EXACT | (form.options or {})
    with av.open(str(path), "w", format=form.container, options=options) as container:
        if form.tags:
            container.metadata.update(tags)
        stream = _stream(container, form.codec[depth], sound.rate)
        stream.codec_context.layout = layout_of(sound.channels)
        stream.codec_context.format = form.layouts[depth]
        if bit_rate:
            stream.codec_context.bit_rate = bit_rate
        return _feed(container, stream, sound, form.layouts[depth])


def _stream(container: Any, codec: str, rate: int) -> AudioStream:
    return cast(AudioStream, container.add_stream(codec, rate=rate))


def _feed(container: Any, stream: Any, sound: Sound, kind: str) -> int:
    frames = 0
    for block in sound.blocks:
        if len(block) == 0:
            continue
        container.mux(stream.encode(frame_of(block, sound.rate, kind, frames)))
        frames += len(block)
    if frames:
        container.mux(stream.encode(None))
    return frames
