"""Which engines can speak here, found out without loading one."""

from importlib import import_module
from pathlib import Path
from typing import Any

_SYSTEM = ("libespeak-ng.so.1", "libespeak-ng.so", "libespeak-ng.dylib")
_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib")

ESPEAK_MISSING = "eSpeak NG: install the extra massgen-audio[multilingual], or the system's libespeak-ng1"


def espeak_library() -> tuple[str, str | None] | None:
    """The library of eSpeak NG and the folder of its data (None for the library's own); None where there is none."""
    try:
        package: Any = import_module("espeakng_loader")
    except ImportError:
        return _of_the_system()
    return package.get_library_path(), package.get_data_path()


def _of_the_system() -> tuple[str, None] | None:
    for folder in map(Path, _FOLDERS):
        for name in _SYSTEM:
            for path in (folder / name, *folder.glob(f"*-linux-gnu*/{name}")):
                if path.exists():
                    return str(path), None
    return None


def able() -> frozenset[str]:
    """The engines that are there."""
    return frozenset({"hibari"} | ({"espeak"} if espeak_library() else set()))
