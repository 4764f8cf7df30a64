"""Images: the base image, the images of packaged MCP servers, and images by reference."""

from __future__ import annotations

from massgen_sandbox_docker.images.base import base_reference, ensure_base
from massgen_sandbox_docker.images.package import Toolbox, image_reference, prepare
from massgen_sandbox_docker.images.reference import image

__all__ = ["Toolbox", "base_reference", "ensure_base", "image", "image_reference", "prepare"]
