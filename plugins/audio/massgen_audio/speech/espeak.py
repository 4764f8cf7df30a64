"""eSpeak NG (https://github.com/espeak-ng/espeak-ng, speak_lib.h): plain voices for a hundred languages.

The library comes with the package espeakng-loader (the extra `multilingual`) or with the system. It keeps one
state for the whole process, so it is used by one caller at a time.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

import numpy as np

from massgen_audio.failing import failed
from massgen_audio.sound.stream import Samples
from massgen_audio.speech.engines import ESPEAK_MISSING, espeak_library

_RETRIEVAL, _POSITION, _UTF8, _END_PAUSE = 1, 1, 1, 0x1000
_RATE, _WORDS_A_MINUTE = 1, 175

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The library, loaded once.

    rate: samples a second of what it says
    """

    def __init__(self) -> None:
        where = espeak_library()
        if where is None:
            raise failed(f"there is no {ESPEAK_MISSING}")
        self._library: Any = ctypes.CDLL(where[0])
        data = where[1].encode() if where[1] else None
        self.rate: int = self._library.espeak_Initialize(_RETRIEVAL, 0, data, 0)
        if self.rate <= 0:
            raise failed("eSpeak NG found no voices: its data is missing; install it anew")
        self._heard: list[bytes] = []
        self._callback: Callable[..., int] = _Callback(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)
        self._lock = Lock()

    def say(self, text: str, *, language: str, speed: float) -> Samples:
        """The samples of a text, in one channel at `rate`; the same text gives the same samples.

        Raises:
            ToolFailed: there is no such voice, or it failed.
        """
        with self._lock:
            self._heard.clear()
            if self._library.espeak_SetVoiceByName(language.encode()) != 0:
                raise failed(f"eSpeak NG has no voice {language!r}")
            self._library.espeak_SetParameter(_RATE, round(_WORDS_A_MINUTE * speed), 0)
            data = text.encode() + b"\0"
            state = self._library.espeak_Synth(data, len(data), 0, _POSITION, 0, _UTF8 | _END_PAUSE, None, None)
            self._library.espeak_Synchronize()
            samples = np.frombuffer(b"".join(self._heard), "<i2")
        if state != 0:
            raise failed(f"eSpeak NG could not say {text[:40]!r}")
        return (samples.reshape(-1, 1) / np.float32(32768)).astype(np.float32)

    def _hear(self, samples: Any, count: int, _: Any) -> int:
        if samples and count:
            self._heard.append(ctypes.string_at(samples, count * 2))
        return 0


@cache
def loaded() -> Espeak:
    """The library of this process."""
    return Espeak()
