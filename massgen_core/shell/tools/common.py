"""What the tools share: parameters, times that leave room for an answer, answers with a schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field, TypeAdapter

from massgen_core.schema.generate import schema_of
from massgen_core.tools import Tool, ToolContext

_MARGIN = 2.0
"""Seconds that are left of a call's own time for answering once a command has run out of its."""

Line = Annotated[str, Field(description="A command line for bash, or sh where there is none.")]
Workdir = Annotated[str | None, Field(description="Folder to run in; the workspace when there is one.")]


def within(seconds: float, context: ToolContext) -> float:
    """A time that leaves the call enough of its own for an answer."""
    left = context.deadline
    return seconds if left is None else max(0.1, min(seconds, left - _MARGIN))


def answering(made: Tool, report: type) -> Tool:
    """A tool whose structured answers are of this kind."""
    return replace(made, output_schema=schema_of(TypeAdapter(report), mode="serialization", name="result"))
