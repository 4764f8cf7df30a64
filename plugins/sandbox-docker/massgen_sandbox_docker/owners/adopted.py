"""The owner of a container that was handed over: its labels cannot be changed, so its name says who has it now.

``massgen-NAME-0123456789ab.at.OWNER.PID.START``: the same words as the labels have, and they win. The engine changes a
name at once or not at all, so that at every moment exactly one owner is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from massgen_sandbox_docker.owners.labels import OWNER, PID, START, Owner

_ADOPTED = re.compile(r"(?P<stem>.+)\.at\.(?P<owner>[0-9a-f]{32})\.(?P<pid>\d+)\.(?P<start>\d+)")


def first_name(name: str) -> str:
    """The name that a container had before it was handed over."""
    matched = _ADOPTED.fullmatch(name)
    return matched["stem"] if matched else name


def name_for(name: str, owner: Owner) -> str:
    """The name that gives a container to an owner on the machine of its labels."""
    return f"{first_name(name)}.at.{owner.id}.{owner.pid}.{owner.start}"


def owned_labels(labels: Mapping[str, str], name: str) -> Mapping[str, str]:
    """The labels of a container of ours, as its name has it."""
    matched = _ADOPTED.fullmatch(name)
    if matched is None or OWNER not in labels:
        return labels
    return {**labels, OWNER: matched["owner"], PID: matched["pid"], START: matched["start"]}
