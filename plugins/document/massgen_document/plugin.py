"""The entry module: documents written from text, and read back."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from massgen_core.files import SessionFiles
from massgen_core.hookspecs import hookimpl
from massgen_core.tools import ToolProvider
from massgen_document.config import DocumentConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool


@hookimpl
def massgen_config() -> type[DocumentConfig]:
    """The model of ``[plugins.document]``."""
    return DocumentConfig


@hookimpl
def massgen_providers(config: DocumentConfig) -> list[ToolProvider]:
    """The tools ``document_write``, ``document_read``, ``document_info`` and ``document_convert``."""

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_document.tools import serve

        return serve(config, context)

    return [ToolProvider(name="document", prefix="", open=open_tools, uses=(SessionFiles,))]
