"""What uv's and npm's failures mean: one line of what is wrong, and the cure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from massgen_core.errors import ImageError
from massgen_core.sandbox import ExecResult, PackageRef
from massgen_sandbox_docker.images.workshop import printable, tail

_SCRIPTS_CURE = (
    "Wheels and plain files are installed only; to let packages run their own code while they are installed, set "
    "`build_scripts = true` under [plugins.sandbox-docker]."
)
_CA_CURE = "Name your network's CA certificates: `ca_file` under [plugins.sandbox-docker]."
_NETWORK_CURE = "Check the network of containers, proxies (HTTPS_PROXY) and the address of the package index."
_DISK_CURE = "Free space under the engine's data folder; `docker system df` shows what uses it."
_MEMORY_CURE = "The build ran out of memory (2 GiB); use an image that was built elsewhere: `image:REF`."
_ACCESS_CURE = "Check the credentials in the host's pip and npm settings, and that `index_settings` is on."
_OTHER_CURE = "Use another version of the package, or another base image (`base` or `suite`)."

Pattern = tuple[str, str, str]
"""What to look for in the output, what is wrong then, and the cure."""

_UNREACHABLE = (
    "dns error|error sending request|timed out|Failed to fetch"
    "|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH"
)
_UNTRUSTED = "certificate|UnknownIssuer|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO"

_ANY: Sequence[Pattern] = (
    ("no space left on device|ENOSPC", "the disk of the engine is full", _DISK_CURE),
    (_UNTRUSTED, "its index's certificate is not trusted", _CA_CURE),
    (_UNREACHABLE, "its index cannot be reached", _NETWORK_CURE),
    (r"\b401\b|\b403\b|E401|E403|Unauthorized|Forbidden", "its index refuses access", _ACCESS_CURE),
)
_UV: Sequence[Pattern] = (
    ("no usable wheels|building from source is disabled", "it or a dependency has no wheel", _SCRIPTS_CURE),
    ("requires-python|requires Python|Python>=|Python<", "it does not fit the base image's Python", _OTHER_CURE),
)
_NPM: Sequence[Pattern] = (("EBADENGINE|Unsupported engine", "it does not fit the base image's Node.js", _OTHER_CURE),)


def uv_problem(package: PackageRef, result: ExecResult) -> ImageError:
    """The error for a failed uv command."""
    text = printable(result.stderr)
    name = re.escape(package.name.partition("[")[0])
    missing = re.search(rf"{name}\S* was not found in the package registry", text, re.IGNORECASE)
    version = re.search(rf"there is no version of {name}\S*==", text, re.IGNORECASE)
    return _problem(package, result, text, "PyPI, or your index,", bool(missing), bool(version), (*_UV, *_ANY))


def npm_problem(package: PackageRef, result: ExecResult) -> ImageError:
    """The error for a failed npm command."""
    text = printable(result.stderr)
    name = re.escape(package.name)
    missing = "E404" in text and re.search(rf"'{name}@[^']*' is not in this registry", text)
    version = re.search(rf"No matching version found for {name}@", text)
    return _problem(package, result, text, "The npm registry, or yours,", bool(missing), bool(version), (*_NPM, *_ANY))


def _problem(
    package: PackageRef,
    result: ExecResult,
    text: str,
    index: str,
    missing: bool,
    version: bool,
    patterns: Sequence[Pattern],
) -> ImageError:
    if missing:
        return ImageError(f"{package}: there is no such package\n  {index} does not have it; check its spelling.")
    if version:
        return ImageError(f"{package}: there is no version {package.version}\n  {index} has {package.name} without it.")
    if result.exit_code == 137:
        return ImageError(f"{package} cannot be installed: the installer was killed\n  {_MEMORY_CURE}")
    for pattern, problem, cure in patterns:
        if re.search(pattern, text, re.IGNORECASE):
            return ImageError(f"{package} cannot be installed: {problem}\n  {cure}\n{tail(result)}")
    return ImageError(f"{package} cannot be installed:\n{tail(result)}")
