"""In which order services open: those that others need come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from massgen_core.tools import Service

Needs = Mapping[Service, Sequence[Service]]
"""What each offered service needs itself."""


def wanted(required: Iterable[Service], offered: Needs) -> dict[Service, Sequence[Service]]:
    """The offered services that are required, or that one of them needs in turn."""
    found: dict[Service, Sequence[Service]] = {}
    todo = list(required)
    while todo:
        service = todo.pop()
        if service in offered and service not in found:
            found[service] = offered[service]
            todo.extend(offered[service])
    return found


def circle(needs: Needs) -> list[Service] | None:
    """Services that need each other in a circle, its first one again at the end; None where there is no circle."""
    try:
        TopologicalSorter(_within(needs)).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def waves(needs: Needs) -> Iterator[list[Service]]:
    """Services that can open at the same time, wave after wave; there must be no circle."""
    sorter = TopologicalSorter(_within(needs))
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield sorted(ready, key=str)
        sorter.done(*ready)


def _within(needs: Needs) -> dict[Service, list[Service]]:
    return {service: [need for need in required if need in needs] for service, required in needs.items()}
