"""Images: the base image, the images of packaged MCP servers, and images by reference."""

from __future__ import annotations

from massgen_sandbox_docker.images.base import ensure_base
from massgen_sandbox_docker.images.naming import base_reference, image_reference
from massgen_sandbox_docker.images.package import Toolbox, forget_packages, prepare
from massgen_sandbox_docker.images.reference import describe, image, own_command, present

__all__ = [
    "Toolbox",
    "base_reference",
    "describe",
    "ensure_base",
    "forget_packages",
    "image",
    "image_reference",
    "own_command",
    "prepare",
    "present",
]
