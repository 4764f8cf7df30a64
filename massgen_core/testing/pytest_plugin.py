"""Fixtures for plugins' tests; pytest loads this module wherever massgen-core is installed, so it imports nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from massgen_core.runtime import Runtime


@pytest.fixture
def massgen_runtime(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AbstractAsyncContextManager[Runtime]]:
    """`massgen_core.testing.open_test_runtime`, in a test that cannot see what is installed.

    ``async with massgen_runtime(my_plugin, config={…}) as runtime: …``. Anything in the test, or in a process that it
    starts, that looks for installed plugins gets an error which says what to do instead.
    """
    from massgen_core.loading.discovery import REFUSED
    from massgen_core.testing.runtime import open_test_runtime

    monkeypatch.setenv(REFUSED, "the fixture `massgen_runtime`")
    return open_test_runtime
