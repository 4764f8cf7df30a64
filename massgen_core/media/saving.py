"""From a job's private folder into the session's workspace: names that never collide, all or none."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import anyio.to_thread

from massgen_core.errors import ToolFailed
from massgen_core.files import NewFile, SessionFiles
from massgen_core.media.artefacts import Artefact, MediaOutput
from massgen_core.media.provenance import Provenance
from massgen_core.tools import ToolContext

_LONGEST_STEM = 40
_PIECE = 4 * 1024 * 1024
_SUFFIXES = {"jpeg": "jpg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Where results go: to ``path``, or into ``folder`` under a name made of ``stem``.

    Several results, and names that are taken, get numbers; ``overwrite`` lets a single ``path`` be replaced.
    """

    path: str | None = None
    folder: str = ""
    stem: str = "output"
    overwrite: bool = False

    def wanted(self, output: MediaOutput, *, single: bool, beside: bool = False) -> tuple[str, bool]:
        """The path for a result, and whether it may replace what is there.

        What lies ``beside`` the main result, of another format (subtitles beside a film), keeps its own ending.
        """
        suffix = PurePosixPath(output.file or "").suffix
        if self.path is None:
            return f"{self.folder.rstrip('/')}/{slug(self.stem)}{suffix}".lstrip("/"), False
        path = str(PurePosixPath(self.path).with_suffix(suffix)) if beside else self.path
        return (path if PurePosixPath(path).suffix else path + suffix), self.overwrite and single


def slug(text: str) -> str:
    """A name for a file out of a text: its first words, with dashes between them."""
    words = re.findall(r"[^\W_]+", text.lower())
    name = ""
    for word in words:
        if name and len(name) + 1 + len(word) > _LONGEST_STEM:
            break
        name = f"{name}-{word}" if name else word[:_LONGEST_STEM]
    return name or "output"


def suffix_of(saving: Saving) -> str | None:
    """The format that a path asks for by its ending; None where it has none."""
    suffix = PurePosixPath(saving.path or "").suffix.lstrip(".").lower()
    return {"jpg": "jpeg", "htm": "html"}.get(suffix, suffix) or None


async def put(
    files: SessionFiles,
    context: ToolContext,
    folder: Path,
    outputs: Sequence[MediaOutput],
    provenances: Sequence[Provenance],
    saving: Saving,
    what: str,
) -> tuple[list[Artefact], int | None]:
    """Put a job's files into the session's workspace; what each is by then, where, and the change's number.

    Raises:
        ToolFailed: One is no plain file of the job's folder, or may not be written.
    """
    written = [(output, where) for output, where in zip(outputs, provenances, strict=True) if output.file is not None]
    if not written:
        return [], None
    with ExitStack() as stack:

        def opened() -> list[tuple[int, int, str]]:
            return [_opened(folder, output.file, stack) for output, _ in written if output.file is not None]

        found = await anyio.to_thread.run_sync(opened)
        endings = [PurePosixPath(output.file or "").suffix for output, _ in written]
        wanted = [
            saving.wanted(output, single=endings.count(ending) == 1, beside=ending != endings[0])
            for (output, _), ending in zip(written, endings, strict=True)
        ]
        new = [
            NewFile(descriptor=file, path=path, overwrite=overwrite)
            for (file, _, _), (path, overwrite) in zip(found, wanted, strict=True)
        ]
        stored = await files.put(context, new, what)
    artefacts = [
        _artefact(output, provenance, path, size, digest)
        for (output, provenance), path, (_, size, digest) in zip(written, stored.paths, found, strict=True)
    ]
    return artefacts, stored.change


def _opened(folder: Path, file: Path, stack: ExitStack) -> tuple[int, int, str]:
    """A file of a job, open, with its size and SHA-256: whoever made it is not trusted to have made a plain one."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(folder / file.name, flags)
    except OSError as error:
        raise ToolFailed(
            "", f"the engine has not written the file that it names: {os.strerror(error.errno or 0)}"
        ) from error
    stack.callback(os.close, descriptor)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise ToolFailed("", "the engine has not written a plain file")
    digest, at = hashlib.sha256(), 0
    while piece := os.pread(descriptor, _PIECE, at):
        digest.update(piece)
        at += len(piece)
    return descriptor, at, digest.hexdigest()


def _artefact(output: MediaOutput, provenance: Provenance, path: str, size: int, digest: str) -> Artefact:
    return Artefact(
        path=path,
        mime_type=output.mime_type,
        size=size,
        sha256=digest,
        width=output.width,
        height=output.height,
        duration=output.duration,
        sample_rate=output.sample_rate,
        channels=output.channels,
        pages=output.pages,
        alt=output.alt,
        provenance=provenance,
        details=output.details,
        warnings=output.warnings,
    )
