"""Images: the base image, the images of packaged MCP servers, and images by reference."""

from __future__ import annotations

from massgen_sandbox_docker.images.base import ensure_base
from massgen_sandbox_docker.images.naming import base_reference, image_reference
from massgen_sandbox_docker.images.package import Toolbox, prepare
from massgen_sandbox_docker.images.reference import image

__all__ = ["Toolbox", "base_reference", "ensure_base", "image", "image_reference", "prepare"]
