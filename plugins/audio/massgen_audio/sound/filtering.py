"""Sends a sound through filters of FFmpeg (libavfilter), in constant memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from errno import EAGAIN
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.error import FFmpegError
from av.filter import Graph

from massgen_audio.sound.frames import block_of, frame_of, layout_of
from massgen_audio.sound.stream import Samples, Sound

Filter = tuple[str, str]
"""A filter's name and its arguments, as in FFmpeg's manual ffmpeg-filters(1)."""


def filtered(
    sound: Sound,
    filters: Sequence[Filter],
    *,
    rate: int | None = None,
    channels: int | None = None,
    stretch: float = 1.0,
) -> Sound:
    """The sound after the filters; `rate` and `channels` say what comes out of them, `stretch` how much longer."""
    out_rate, out_channels = rate or sound.rate, channels or sound.channels
    frames = sound.frames and round(sound.frames * stretch * out_rate / sound.rate)
    blocks = _run(sound, filters, out_rate, out_channels)
    return replace(sound, rate=out_rate, channels=out_channels, blocks=blocks, frames=frames)


class Filtering:
    """A chain of filters that takes a sound block by block and gives what comes out, sooner or later."""

    def __init__(self, sound: Sound, filters: Sequence[Filter], rate: int, channels: int) -> None:
        self._graph = _graph(sound, filters, rate, channels)
        self._rate = sound.rate
        self._position = 0

    def push(self, block: Samples) -> Iterator[Samples]:
        """Put a block in, and take what is ready."""
        self._graph.push(frame_of(block, self._rate, "flt", self._position))
        self._position += len(block)
        return _pull(self._graph)

    def end(self) -> Iterator[Samples]:
        """Take the rest; nothing can be put in any more."""
        if self._position == 0:
            return iter(())
        self._graph.push(None)
        return _pull(self._graph)


def _run(sound: Sound, filters: Sequence[Filter], rate: int, channels: int) -> Iterator[Samples]:
    chain = Filtering(sound, filters, rate, channels)
    for block in sound.blocks:
        if len(block):
            yield from chain.push(block)
    yield from chain.end()


def _graph(sound: Sound, filters: Sequence[Filter], rate: int, channels: int) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=sound.rate,
        format="flt",
        layout=layout_of(sound.channels),
        time_base=Fraction(1, sound.rate),
    )
    end = f"sample_fmts=flt:sample_rates={rate}:channel_layouts={layout_of(channels)}"
    chain = [graph.add(name, arguments) for name, arguments in (*filters, ("aformat", end))]
    graph.link_nodes(source, *chain, graph.add("abuffersink")).configure()
    return graph


def _pull(graph: Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except EOFError:
            return
        except FFmpegError as problem:
            if problem.errno == EAGAIN:
                return
            raise
        assert isinstance(frame, AudioFrame)
        yield block_of(frame)
