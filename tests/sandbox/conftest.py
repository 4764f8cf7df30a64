"""What the tests of mounts share: a person's home in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of whoever runs the test, with a project and the usual secrets."""
    home = tmp_path / "homes" / "ada"
    for folder in (".ssh", ".aws", ".config/gcloud", ".config/app", "project/site", ".mozilla"):
        (home / folder).mkdir(parents=True)
    for file in (".netrc", ".bash_history", ".ssh/id_rsa", ".bashrc", "project/notes.txt"):
        (home / file).write_text("x")
    monkeypatch.setenv("HOME", str(home))
    return home
