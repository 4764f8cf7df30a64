"""Which engines can speak here, found out without loading one."""

import importlib.util
from pathlib import Path

_SYSTEM = ("libespeak-ng.so.1", "libespeak-ng.so", "libespeak-ng.dylib")
_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib")

ESPEAK_MISSING = "eSpeak NG: install the extra massgen-audio[multilingual], or the system's libespeak-ng1"


def espeak_library() -> tuple[str, str | None] | None:
    """The library of eSpeak NG and the folder of its data (None for the library's own); None where there is none."""
    package = importlib.util.find_spec("espeakng_loader")
    if package is not None and package.origin:
        folder = Path(package.origin).parent
        return str(folder / "libespeak-ng.so"), str(folder / "espeak-ng-data")
    for folder in map(Path, _FOLDERS):
        for name in _SYSTEM:
            for path in (folder / name, *folder.glob(f"*-linux-gnu*/{name}")):
                if path.exists():
                    return str(path), None
    return None


def able() -> frozenset[str]:
    """The engines that are there."""
    return frozenset({"hibari"} | ({"espeak"} if espeak_library() else set()))
