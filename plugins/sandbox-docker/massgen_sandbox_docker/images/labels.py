"""What an image's labels say about it: they are the cache, there is no other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from massgen_core.sandbox import ImageInfo

KIND = "massgen.image"
"""``base``, ``package``, or ``unfinished`` while a build is under way."""

SYSTEM = "massgen.system"
"""On a base image: the Debian packages that it has beside the usual ones."""

PROOF = "massgen.proof"
_PACKAGE = "massgen.package"
_VERSION = "massgen.version"
_COMMAND = "massgen.command"
_PACKAGES = "massgen.packages"
_NOTE = "massgen.note"


def package_labels(info: ImageInfo, package: str) -> dict[str, str]:
    """The labels of a packaged server's image, but for the proof."""
    labels = {
        _PACKAGE: package,
        _VERSION: info.version or "",
        _COMMAND: _compact(list(info.command)),
        _PACKAGES: _compact(dict(info.packages)),
        _NOTE: info.note or "",
    }
    return {name: value for name, value in labels.items() if value}


def proof_labels(proof: Mapping[str, str]) -> dict[str, str]:
    """The labels that make an image a finished one."""
    return {KIND: "package", PROOF: _compact(dict(proof))}


def read_labels(inspected: Mapping[str, Any], reference: str) -> ImageInfo | None:
    """What a finished image says about itself; None when it is not one, or says it in words unknown to us."""
    labels = image_labels(inspected)
    if labels.get(KIND) != "package" or PROOF not in labels:
        return None
    try:
        return ImageInfo(
            reference=reference,
            id=inspected["Id"],
            command=_strings(json.loads(labels[_COMMAND])),
            version=labels.get(_VERSION),
            packages=_mapping(json.loads(labels.get(_PACKAGES, "{}"))),
            note=labels.get(_NOTE),
            proof=_mapping(json.loads(labels[PROOF])),
        )
    except (KeyError, ValueError):
        return None


def image_labels(inspected: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels of an inspected image."""
    config = cast("Mapping[str, Any]", inspected.get("Config") or {})
    return cast("Mapping[str, str]", config.get("Labels") or {})


def _strings(value: Any) -> Sequence[str]:
    if not isinstance(value, list) or not value:
        raise ValueError("not a command")
    return tuple(str(item) for item in cast("list[Any]", value))


def _mapping(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ValueError("not a mapping")
    return {str(name): str(text) for name, text in cast("dict[Any, Any]", value).items()}


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
