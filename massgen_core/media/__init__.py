"""What every medium has in common: engines that say what they can, jobs, artefacts, and one way to make them.

An engine is a service (`massgen_core.hookspecs.massgen_media_engines`): it declares its `Capabilities` as data and
runs one `MediaRequest` at a time as a `Job`. A plugin's tools go through a `Studio`, which picks the engine, checks
the request against what that engine has, runs it, and puts the results into the session's workspace.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massgen_core.media.artefacts import Artefact as Artefact
    from massgen_core.media.artefacts import MediaOutput as MediaOutput
    from massgen_core.media.capabilities import Ability as Ability
    from massgen_core.media.capabilities import Capabilities as Capabilities
    from massgen_core.media.capabilities import Option as Option
    from massgen_core.media.capabilities import Price as Price
    from massgen_core.media.capabilities import SourceType as SourceType
    from massgen_core.media.engine import MediaEngine as MediaEngine
    from massgen_core.media.engine import MediaInput as MediaInput
    from massgen_core.media.engine import MediaRequest as MediaRequest
    from massgen_core.media.job import Job as Job
    from massgen_core.media.job import JobState as JobState
    from massgen_core.media.provenance import Provenance as Provenance
    from massgen_core.media.selection import Selection as Selection
    from massgen_core.media.selection import select as select
    from massgen_core.media.studio import Made as Made
    from massgen_core.media.studio import Saving as Saving
    from massgen_core.media.studio import Studio as Studio

_HOME_OF = {
    "Artefact": "artefacts",
    "MediaOutput": "artefacts",
    "Ability": "capabilities",
    "Capabilities": "capabilities",
    "Option": "capabilities",
    "Price": "capabilities",
    "SourceType": "capabilities",
    "MediaEngine": "engine",
    "MediaInput": "engine",
    "MediaRequest": "engine",
    "Job": "job",
    "JobState": "job",
    "Provenance": "provenance",
    "Selection": "selection",
    "select": "selection",
    "Made": "studio",
    "Saving": "studio",
    "Studio": "studio",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
