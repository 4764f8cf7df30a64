"""What the engine's failures mean: one place that turns them into this project's errors, with a cure.

Status codes and texts are those of the Engine API (https://docs.docker.com/reference/api/engine/).
"""

from __future__ import annotations

import errno
import ssl
from typing import cast

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_sandbox_docker.engine.endpoint import NO_ENGINE_CURE, Endpoint

_LONGEST = 2000
_CUT = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


def from_status(status: int, message: str, *, what: str) -> SandboxError:
    """The error for an answer with a failing status; ``what`` is what was asked for, in words."""
    message = message.strip()[:_LONGEST] or "(no message)"
    lower = message.lower()
    if "no such image" in lower or (status == 404 and "manifest" in lower):
        return ImageError(f"{message}\n  Check the reference, or pull it first.")
    if "no space left on device" in lower or "disk quota exceeded" in lower:
        return SandboxError(
            f"the disk of the engine is full: could not {what}: {message}\n  "
            "Free space under its data folder; `docker system df` shows what uses it."
        )
    if "runtime name" in lower or "unknown runtime" in lower:
        return SandboxUnavailable(f"{message}\n  Install that OCI runtime, or drop `runtime` from the limits.")
    if "executable file not found" in lower or ("no such file or directory" in lower and "exec" in lower):
        return SandboxError(f"could not {what}: {message}\n  The command is not in the image.")
    if "client version" in lower and ("too old" in lower or "too new" in lower):
        return SandboxUnavailable(f"the engine does not speak this API version: {message}")
    return SandboxError(f"could not {what}: the engine answered {status}: {message}")


def from_connection(error: OSError, endpoint: Endpoint, *, what: str) -> SandboxError:
    """The error for an engine that cannot be reached: none, no permission, not running, TLS trouble, or cut off."""
    where = f"{endpoint} (from {endpoint.source})"
    cause = _root(error)
    if cause.errno in _CUT:
        return CutOff(what, cause)
    if isinstance(cause, ssl.SSLError):
        return SandboxUnavailable(
            f"TLS with the engine at {where} failed: {cause.reason or cause}\n  "
            "Check DOCKER_TLS_VERIFY and the ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH."
        )
    if cause.errno in (errno.EACCES, errno.EPERM):
        return SandboxUnavailable(
            f"no permission on the engine's socket {where}\n  "
            "Join its group (`sudo usermod -aG docker $USER`, then log in again), or use rootless Docker."
        )
    if cause.errno == errno.ENOENT:
        return SandboxUnavailable(f"no Docker Engine at {where}: the socket does not exist\n  {NO_ENGINE_CURE}")
    if cause.errno == errno.ECONNREFUSED:
        return SandboxUnavailable(
            f"the Docker Engine at {where} is not running: connection refused\n  "
            "Start it: `sudo systemctl start docker`, or `massgen-core docker setup`."
        )
    return SandboxUnavailable(f"the Docker Engine at {where} cannot be reached: {cause}\n  {NO_ENGINE_CURE}")


class CutOff(SandboxError):
    """The connection ended before the answer did: what was asked for may have been done all the same."""

    def __init__(self, what: str, error: BaseException | None) -> None:
        detail = str(error).strip()[:200] or type(error).__name__
        super().__init__(f"could not {what}: the connection to the engine was cut off ({detail})")


def unknown(error: SandboxError) -> bool:
    """Whether what failed may have been done all the same."""
    return isinstance(error, CutOff) or isinstance(error.__cause__, TimeoutError)


def timed_out(what: str, seconds: float) -> SandboxError:
    """The error for an engine that does not answer."""
    return SandboxError(
        f"could not {what}: the engine did not answer within {seconds:g} s\n  "
        "It may be overloaded or stuck: try `docker info`, then restart it."
    )


def _root(error: OSError) -> OSError:
    """The system's own error behind the wrappers of anyio and aiohttp."""
    best: OSError = error
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and (found.errno is not None or isinstance(found, ssl.SSLError)):
            best = found
        found = _behind(found)
    return best


def _behind(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error.__cause__ or getattr(error, "os_error", None) or error.__context__
