"""The engines that speak."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from massgen_core.media import Capabilities, Job, MediaOutput, MediaRequest
from massgen_core.result import Audio
from massgen_core.workers import Limits, Workers

_FUNCTION = "massgen_audio.speech.speaking:speak"


class SpeechEngine:
    """Says texts in a process that stays, with its model loaded."""

    def __init__(
        self, name: str, capabilities: Capabilities, workers: Workers, limits: Limits, engines: Sequence[str]
    ) -> None:
        self._name = name
        self._capabilities = capabilities
        self._workers = workers
        self._limits = limits
        self._engines = list(engines)

    @property
    def name(self) -> str:
        """Its name in configs and arguments."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Say the prompt."""
        options = dict(request.options)
        options |= {"text": request.prompt, "seed": request.seed, "format": request.format, "engines": self._engines}
        options["parts"] = options.pop("stream", False)

        async def early(part: Mapping[str, Any]) -> None:
            await job.early(Audio(data=base64.b64decode(part["data"]), mime_type=part["mime_type"]))

        done = await self._workers.run(
            _FUNCTION, options, folder=job.folder, limits=self._limits, keep="speech", told=job.tell, early=early
        )
        for warning in done["warnings"]:
            job.warn(warning)
        return [MediaOutput.of(job.folder, each) for each in done["outputs"]]
