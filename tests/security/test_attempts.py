"""The attack suite of `massgen-core docker audit`, against the real engine: every attempt must hold.

And every check is checked: against a profile without protection it must report the hole.
"""

from __future__ import annotations

from typing import Any

import pytest
from massgen_sandbox_docker.audit.refs import MEANINGS
from massgen_sandbox_docker.audit.suite import ATTEMPTS

docker = pytest.mark.docker
every_attempt = pytest.mark.parametrize("attempt", [attempt.id for attempt in ATTEMPTS])


@docker
@every_attempt
@pytest.mark.parametrize("runtime", ["runc", "runsc"])
def test_it_holds(results: Any, runtime: Any, attempt: str) -> None:
    """Under the default profile, with the host's kernel and with gVisor's."""
    result = results(runtime)[attempt]
    assert result.verdict == "held", result.judgement.observed


@docker
@every_attempt
def test_its_check_sees_a_hole(results: Any, attempt: str) -> None:
    """Under the weak profile, or with a naive program in place of ours, it reports that the attack went through."""
    result = results("weak")[attempt]
    assert result.verdict == "HOLE", result.judgement.observed


def test_the_suite_is_whole() -> None:
    """At least 48 attempts, each with a name of its own, references that exist and a sentence that is expected."""
    assert len(ATTEMPTS) >= 48
    assert len({attempt.id for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert {ref for attempt in ATTEMPTS for ref in attempt.refs} == set(MEANINGS)
    assert all(attempt.refs and attempt.title and attempt.expected.endswith(".") for attempt in ATTEMPTS)
