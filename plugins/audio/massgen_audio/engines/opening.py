"""Which engines there are, with what the config says of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from massgen_audio.config import AudioConfig
from massgen_audio.speech.engines import able
from massgen_audio.transcription.weights import bundled
from massgen_core.workers import Limits, Workers

_LOADED = ("massgen_audio.works.editing",)
"""What the warm process imports: numpy and FFmpeg, but no model and nothing that starts threads."""

_DAY = 24 * 3600
"""Processor time of a process that stays: it serves many."""

Build = Callable[[Workers], Any]


def workers(config: AudioConfig) -> Workers:
    """The processes for all work of this plugin."""
    return Workers(*_LOADED, limits=Limits(memory=config.memory, processor=config.seconds))


def engines(config: AudioConfig) -> dict[str, Build]:
    """The engines that are there, and how each is built."""
    found: dict[str, Build] = {"hibari": partial(_speech, config, "hibari")}
    if "espeak" in able():
        found["espeak"] = partial(_speech, config, "espeak")
    if config.whisper.model is not None or bundled() is not None:
        found["whisper"] = partial(_whisper, config)
    return found


def _speech(config: AudioConfig, name: str, workers: Workers) -> Any:
    from massgen_audio.engines import abilities
    from massgen_audio.engines.speech import SpeechEngine

    capabilities = abilities.hibari() if name == "hibari" else abilities.espeak()
    used = sorted(able()) if name == "hibari" else ["espeak"]
    return SpeechEngine(name, capabilities, workers, Limits(memory=config.memory, processor=_DAY), used)


def _whisper(config: AudioConfig, workers: Workers) -> Any:
    from massgen_audio.engines import abilities
    from massgen_audio.engines.hearing import WhisperEngine

    folder = config.whisper.model and config.whisper.model.expanduser()
    options = {**config.bounds(), "model_folder": folder and str(folder), "model_sha256": config.whisper.sha256}
    limits = Limits(memory=config.memory, processor=_DAY, readable=(folder,) if folder else ())
    name = folder.name if folder else "whisper tiny.en"
    capabilities = abilities.whisper(name, english=folder is None or folder.name.endswith(".en"))
    return WhisperEngine(capabilities, workers, limits, options)
