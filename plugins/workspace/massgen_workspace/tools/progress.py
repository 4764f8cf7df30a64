"""Long work as its caller sees it: how far it has come, and an end as soon as nobody waits for it any more."""

from __future__ import annotations

from anyio.from_thread import check_cancelled

from massgen_core.tools import Progress, ToolContext
from massgen_workspace.files.meter import Meter, sized


def meter_of(context: ToolContext, *, most_entries: int | None = None, most_bytes: int | None = None) -> Meter:
    """A meter for work in a worker thread that a call waits for: it reports, and raises once the call is cancelled."""

    def tell(entries: int, bytes: int) -> None:
        check_cancelled()
        context.report_from_thread(Progress(done=entries, message=f"{entries} files and folders, {sized(bytes)}"))

    return Meter(most_entries=most_entries, most_bytes=most_bytes, tell=tell)
