"""`massgen-core docker audit`, on a real engine: what it prints, and the exit codes that CI goes by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from massgen_sandbox_docker.audit.model import Attempt, Judgement, Result, held, hole, not_run
from massgen_sandbox_docker.audit.suite import ATTEMPTS
from massgen_sandbox_docker.cli import docker
from massgen_sandbox_docker.commands import audit as work

from massgen_core.errors import ConfigError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config of a closed server, an open one, and one that runs in no container."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "massgen.toml").write_text(
        '[servers.closed]\nimage = "x"\npids = 64\n[servers.open]\nimage = "x"\nnetwork = "open"\n'
        '[servers.bare]\ncommand = "x"\nsandbox = "none"\n'
    )
    return tmp_path


def run(*args: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(docker, ["audit", *args, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in found["attempts"]}


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_all_held(base_image: str) -> None:
    """Exit code 0, and each attempt with what is expected, what was observed, and where to read about it."""
    code, found = run("--only", "root-user", "--only", "mount-tmpfs", "--only", "mount-k*")
    assert (code, found["ok"], found["profile"], found["image"]) == (0, True, "default", base_image)
    assert verdicts(found) == dict.fromkeys(("mount-tmpfs", "mount-kernel-filesystems", "root-user"), "held")
    first = found["attempts"][0]
    assert first["observed"] == "EPERM: mount -t tmpfs"
    assert (first["expected"], "CIS 5.22" in first["refs"]) == ("Refused.", True)


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_a_hole(base_image: str) -> None:
    """A server with an open network is audited as it is: exit code 1, and the attempt that got through is named."""
    code, found = run("--server", "open", "--only", "interfaces", "--only", "root-user")
    assert (code, verdicts(found)) == (1, {"root-user": "held", "interfaces": "HOLE"})
    assert found["profile"].startswith("server 'open'")


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_the_checks_are_proven(base_image: str) -> None:
    """Against the weak profile every check reports its hole: exit code 0, after a warning."""
    result = CliRunner().invoke(
        docker, ["audit", "--prove-checks", "--only", "root-user", "--only", "engine-socket"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    assert "WARNING: --prove-checks runs the attacks against containers WITHOUT protection" in result.stderr
    assert "2 of 2 checks report the hole of the weak profile" in result.stdout


def result(judgement: Judgement, attempt: Attempt = ATTEMPTS[0]) -> Result:
    return Result(attempt=attempt, judgement=judgement, seconds=1.0)


@pytest.mark.parametrize(
    ("judgements", "code"),
    [
        ([held("x")], 0),
        ([held("x"), not_run("no python3")], 10),
        ([held("x"), not_run("no python3"), hole("x")], 1),
    ],
)
def test_exit_codes(judgements: list[Judgement], code: int) -> None:
    """A hole weighs most; what could not be made is no success either."""
    outcome = work.verdict_of({}, [result(each) for each in judgements])
    assert (outcome.data["exit_code"], outcome.ok) == (code, code == 0)


def test_a_blind_check_is_named() -> None:
    """A check that does not see the weak profile's hole, or could not be made, is no proof."""
    outcome = work.proof_of({}, [result(hole("x")), result(held("x"), ATTEMPTS[1])])
    assert (outcome.data["exit_code"], outcome.ok) == (1, False)
    assert outcome.text.endswith(f"these do not: {ATTEMPTS[1].id}")


def test_the_list() -> None:
    """Every attempt can be listed, all or by pattern or area, without an engine."""
    code, found = run("--list")
    assert (code, len(found["attempts"])) == (0, len(ATTEMPTS))
    assert {each["area"] for each in run("--list", "--only", "network")[1]["attempts"]} == {"network"}


def test_names_that_are_not_there() -> None:
    """An unknown attempt, an unknown server, and one that runs in no container are refused with what to do."""
    with pytest.raises(ConfigError, match=r"no attempt fits 'mout-\*'\n  `massgen-core docker audit --list` shows"):
        run("--only", "mout-*")
    with pytest.raises(ConfigError, match=r"servers\.cloesd: no such server\n  The config has: closed, open, bare"):
        run("--server", "cloesd")
    with pytest.raises(ConfigError, match=r"servers\.bare: this server does not run in a container\n  Name one that"):
        run("--server", "bare")
