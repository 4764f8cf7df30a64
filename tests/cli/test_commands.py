"""Commands that other distributions bring, by entry points."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

GOOD = """
import click

@click.command()
def acme():
    '''Do something.'''
    print(click.get_current_context().find_root().params["quiet"])
    return 17
"""


@pytest.fixture
def distribution(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lay out a distribution as an installer does, on the path of the processes that the test starts."""
    monkeypatch.setenv("PYTHONPATH", str(empty_folder))

    def install(name: str, source: str) -> None:
        Path(f"acme_{name}.py").write_text(source)
        info = Path(f"acme_{name}-1.0.dist-info")
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[massgen_core.commands]\nacme = acme_{name}:acme\n")

    return install


def test_a_command_from_elsewhere(process: Any, distribution: Any) -> None:
    """A command of another distribution runs as one of our own: it sees the root's options, its number is the code."""
    distribution("good", GOOD)
    outcome = process("--quiet", "acme")
    assert (outcome.code, outcome.out) == (17, "True\n")
    assert "From acme-good." in process("--help").out
    assert "Do something." in process("acme", "--help").out


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("raise SystemExit(0)", "SystemExit"),
        ("acme = print", "is not a click command"),
        ("", "acme"),
    ],
)
def test_a_broken_command(process: Any, distribution: Any, source: str, words: str) -> None:
    """A command that cannot be had is listed all the same; calling it says whose it is and what is wrong."""
    distribution("broken", source)
    assert process("--help").code == 0
    outcome = process("acme", "sub", "--option", "--help")
    assert outcome.code == 4
    assert "acme-broken" in outcome.err
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_two_of_a_name(process: Any, distribution: Any) -> None:
    """A command that two distributions bring is refused, and both are named."""
    distribution("one", GOOD)
    distribution("two", GOOD)
    outcome = process("acme")
    assert outcome.code == 4
    assert "acme-one and acme-two" in outcome.err


@pytest.mark.skipif(bool(entry_points(group="massgen_core.commands", name="docker")), reason="it is installed here")
def test_docker_is_not_installed(cli: Any) -> None:
    """Without the Docker plugin, `docker` says what to install."""
    outcome = cli("docker", "doctor")
    assert outcome.code == 2
    assert "pip install massgen-sandbox-docker" in outcome.err


def test_an_unknown_command(cli: Any) -> None:
    """An unknown command is a mistake on the command line."""
    outcome = cli("dokker")
    assert outcome.code == 2
    assert "No such command 'dokker'" in outcome.err
