"""Names of images: they follow from settings and packages alone, so that looking one up asks nobody else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from massgen_core.sandbox import PackageRef
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images.archive import architecture
from massgen_sandbox_docker.images.rootfs import BIN_FOLDERS, ENV, LEFT_OUT, included

BASE_REPOSITORY = "massgen/base"

UNFINISHED = "massgen/unfinished"
"""The repository of names that live only while something is built."""

_BASE_RECIPE = 1
_PACKAGE_RECIPE = 1
"""Counted up when the same settings are to give another image."""


def base_reference(config: DockerConfig, system: Sequence[str] = ()) -> str:
    """The base image's name; ``system`` are the Debian packages that it has beside the usual ones."""
    built = (config.suite, config.mirror, included(system), LEFT_OUT.pattern, architecture())
    made_of = (config.base or built, dict(ENV), BIN_FOLDERS)
    return f"{BASE_REPOSITORY}:{_key(_BASE_RECIPE, made_of)}"


def image_reference(config: DockerConfig, package: PackageRef) -> str:
    """The name of a pinned package's image."""
    settings = (base_reference(config, package.system), config.build_scripts)
    wanted = (package.kind, package.name, package.version, package.command, list(package.extras))
    return f"massgen/{package.kind}-{slug(package.name)}:{_key(_PACKAGE_RECIPE, settings, wanted)}"


def slug(name: str) -> str:
    """A package's name in the letters that images' names have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].strip("-") or "package"


def _key(*made_of: object) -> str:
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]
