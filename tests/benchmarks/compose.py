"""Docker Compose where the machine has none: the plugin of Debian 13, unpacked into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .cache import cached

SUITE = "trixie"
PACKAGE = "docker-compose"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
PLUGIN = Path("usr/libexec/docker/cli-plugins/docker-compose")


def environment() -> Mapping[str, str]:
    """What makes ``docker compose`` work: nothing where it does already."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return {}
    plugin = cached("compose/cli-plugins") / "docker-compose"
    if not plugin.exists():
        shutil.copy(_unpacked(cached("compose/apt")), plugin)
    return {"DOCKER_CONFIG": str(plugin.parents[1])}


def _unpacked(place: Path) -> Path:
    """With apt's own state in a folder, so that the machine's packages stay as they are."""
    for each in ("lists/partial", "archives/partial", "parts", "state"):
        (place / each).mkdir(parents=True, exist_ok=True)
    (place / "state" / "status").touch()
    (place / "sources").write_text(f"deb [signed-by={KEYS}] {_mirror()} {SUITE} main\n")
    (place / "apt.conf").write_text(
        f'Dir::State "{place}/state"; Dir::State::status "{place}/state/status"; Dir::State::lists "{place}/lists";\n'
        f'Dir::Cache "{place}"; Dir::Etc::sourcelist "{place}/sources"; Dir::Etc::sourceparts "{place}/parts";\n'
        f'Dir::Etc::preferencesparts "{place}/parts"; APT::Sandbox::User "";\n'
    )
    settings = {**os.environ, "APT_CONFIG": str(place / "apt.conf")}
    subprocess.run(["apt-get", "update", "-q"], env=settings, cwd=place, check=True, capture_output=True)
    subprocess.run(["apt-get", "download", "-q", PACKAGE], env=settings, cwd=place, check=True, capture_output=True)
    [package] = place.glob(f"{PACKAGE}_*.deb")
    subprocess.run(["dpkg", "-x", package, place / "files"], check=True)
    return place / "files" / PLUGIN


def _mirror() -> str:
    """Where this machine has Debian from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()[0]
