"""Keeps native libraries quiet while they are loaded: what they find out about a machine is nobody's news."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def hushed() -> Generator[None]:
    """What is written to the standard error of this process meanwhile is lost; what is raised is not."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def runtime() -> Any:
    """ONNX Runtime, without messages below errors and without reports of its use to its makers."""
    library: Any = import_module("onnxruntime")
    library.disable_telemetry_events()
    library.set_default_logger_severity(3)
    return library
