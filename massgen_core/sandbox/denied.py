"""Places of the host that no sandbox may see, and a few that none may change.

The list is made when it is asked for: homes come from the user database, further places from the variables that move
credentials elsewhere. A place counts under its name, under its real path, and by its identity on the disk, so that
links, bind mounts and other spellings lead nowhere else.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

CLOSED: Mapping[str, str] = {
    "/proc": "shows every process of the host",
    "/sys": "is the kernel's own tree",
    "/dev": "holds the host's devices",
    "/etc": "holds the host's settings, keys and passwords",
    "/boot": "holds what the host starts with",
    "/run": "holds the sockets of engines and services",
    "/var/run": "holds the sockets of engines and services",
    "/var/lib/docker": "holds every image, container and volume of the engine",
    "/var/lib/containerd": "holds every image and container of the engine",
    "/var/lib/containers": "holds every image and container of the engine",
    "/var/lib/buildkit": "holds the state of image builds",
    "/var/lib/kubelet": "holds the state and the secrets of pods",
    "/var/lib/rancher": "holds the state and the secrets of a cluster",
    "/var/lib/lxc": "holds other containers",
    "/var/lib/lxd": "holds other containers",
    "/var/lib/incus": "holds other containers",
    "/var/lib/libvirt": "holds virtual machines",
    "/var/spool/cron": "holds commands that the host runs",
    "/Library/Keychains": "holds passwords and keys",
}
"""System places, and why they are closed: they themselves, all below, and all above."""

REMOVABLE = "/run/media"
"""Where some systems show removable disks; folders on those are nobody's sockets."""

CREDENTIALS = (
    *(".ssh", ".gnupg", ".pki", ".aws", ".azure", ".oci", ".kube", ".docker", ".terraform.d", ".vault-token"),
    *(".config/gcloud", ".config/gh", ".config/hub", ".config/glab-cli", ".config/git/credentials", ".config/op"),
    *(".config/rclone", ".config/sops", ".config/age", ".config/containers", ".config/github-copilot", ".boto"),
    *(".s3cfg", ".netrc", "_netrc", ".npmrc", ".yarnrc.yml", ".pypirc", ".git-credentials", ".password-store"),
    *(".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml", ".composer/auth.json"),
    *(".gradle/gradle.properties", ".pgpass", ".my.cnf", ".mylogin.cnf", ".databrickscfg", ".snowflake"),
    *(".claude", ".claude.json", ".codex", ".gemini", ".cursor", ".config/Code", ".config/Cursor"),
    *(".local/share/keyrings", ".local/share/kwalletd", ".config/kwalletrc", "Library/Keychains"),
)
"""What a home keeps keys, tokens and passwords in."""

BROWSERS = (
    *(".mozilla", ".thunderbird", ".config/google-chrome", ".config/chromium", ".config/microsoft-edge"),
    *(".config/BraveSoftware", ".config/vivaldi", ".config/opera", ".cache/mozilla", "snap", ".var/app"),
    *("Library/Application Support", "Library/Safari", "Library/Cookies", "Library/Mail", "AppData"),
)
"""What a home keeps sessions, mail and the data of desktop programs in."""

HISTORIES = (
    *(".bash_history", ".zsh_history", ".zhistory", ".python_history", ".node_repl_history", ".psql_history"),
    *(".mysql_history", ".sqlite_history", ".rediscli_history", ".local/share/fish", ".lesshst", ".viminfo"),
)
"""What was typed, passwords included."""

ENGINES = (".local/share/docker", ".local/share/containers", ".colima", ".lima", ".orbstack", ".rd")
"""The state and the sockets of engines that belong to a user."""

RUN_BY_HOST = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc", ".zprofile", ".zshenv"),
    *(".gitconfig", ".config", ".local", ".vimrc", ".emacs.d", ".tmux.conf", ".xprofile", ".xinitrc", "bin"),
    *(".cargo", ".npm", ".nvm", ".pyenv", ".rustup", "Library"),
)
"""What a home holds that the host runs, sooner or later: to be read at most."""

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/System", "/Applications", "/Library")
"""The host's programs: to be read at most."""

TELLTALE = frozenset({".ssh", ".gnupg", ".aws", ".kube", ".password-store"})
"""Names that give away a home or a copy of one, wherever it stands."""

VARIABLES = (
    *("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AZURE_CONFIG_DIR", "CLOUDSDK_CONFIG", "DOCKER_CONFIG"),
    *("DOCKER_CERT_PATH", "GH_CONFIG_DIR", "GNUPGHOME", "GOOGLE_APPLICATION_CREDENTIALS", "KUBECONFIG", "NETRC"),
    *("NPM_CONFIG_USERCONFIG", "PASSWORD_STORE_DIR", "PGPASSFILE", "PIP_CONFIG_FILE", "SSH_AUTH_SOCK"),
    *("XDG_RUNTIME_DIR", "VAULT_TOKEN_FILE", "HISTFILE"),
)
"""Variables that say where credentials are kept instead (one path, or several behind colons)."""

_FIRST_PERSON = 500 if sys.platform == "darwin" else 1000

_MANY = 4096

Identity = tuple[int, int]
"""Disk and number of a file or folder."""


Surroundings = tuple[str | None, ...]
"""What the list depends on beside the disk."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place, why it is closed, and whether what lies in it is closed as well; ``write``: only to be changed."""

    path: Path
    why: str
    inside: bool = True
    write: bool = False


def closed_places(*, env: Mapping[str, str] | None = None) -> list[Place]:
    """Everything that is closed here, under its name and its real path."""
    env = os.environ if env is None else env
    found = [*_system(), *_homes(), *_named(env), *_programs()]
    elsewhere = zip(found, _real_paths(each.path for each in found), strict=True)
    return [*found, *(replace(each, path=Path(real)) for each, real in elsewhere if real != str(each.path))]


def surroundings() -> Surroundings:
    """The variables that move closed places elsewhere, and who we are."""
    return (str(me()), *map(os.environ.get, ("HOME", *VARIABLES)))


def _real_paths(paths: Iterable[Path]) -> Iterator[str]:
    """What ``realpath`` says of each, following a folder that holds many of them only once: a start waits for this."""
    folders: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.join(folders[folder], name)
        yield os.path.realpath(real) if name == ".." or os.path.islink(real) else real


def identity(path: Path) -> Identity | None:
    """What a path is on the disk, whatever it is called; None where nothing can be seen there."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino) if seen.st_ino else None


@lru_cache(_MANY)
def same_spelling(path: Path) -> tuple[str, ...]:
    """The parts of a path as a disk compares them that ignores case and ways to write a letter."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in path.parts)


def me() -> int | None:
    """The user that this program runs as; None where the system has no such numbers."""
    return os.geteuid() if sys.platform != "win32" else None


def _system() -> Iterator[Place]:
    for path, why in CLOSED.items():
        yield Place(Path(path), why)
    for path in SYSTEM:
        yield Place(Path(path), "holds the host's programs", write=True)


def _homes() -> Iterator[Place]:
    """Our home keeps what lies in it open, but for what it keeps secret; those of others are closed, save to root."""
    own = _own_home()
    yield from _home(own)
    for user, home in _known_homes():
        if home == own:
            continue
        if me() in (0, user):
            yield from _home(home)
        else:
            yield Place(home, "is somebody else's home")


@cache
def _home(home: Path) -> Sequence[Place]:
    """What a home holds, by name alone, so that it is put together once: a session may wait for this."""
    return tuple(_in_home(home))


def _in_home(home: Path) -> Iterator[Place]:
    yield Place(home, "is a home: it holds keys, tokens and histories", inside=False)
    for why, names in (
        ("holds credentials", CREDENTIALS),
        ("holds sessions and private data", BROWSERS),
        ("holds what was typed", HISTORIES),
        ("holds the state of a container engine", ENGINES),
    ):
        yield from (Place(home / name, why) for name in names)
    yield from (Place(home / name, "is read or run by programs of the host", write=True) for name in RUN_BY_HOST)


def _own_home() -> Path:
    """Where HOME says; the user database may name another, which counts too."""
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and nobody by that number
        return Path("/root")


def _known_homes() -> Iterator[tuple[int, Path]]:
    """Root, people and ourselves, as the user database has them; homes that are no place of their own left out."""
    if sys.platform == "win32":
        return
    import pwd

    for user in pwd.getpwall():
        home = Path(user.pw_dir)
        person = user.pw_uid in (0, me()) or user.pw_uid >= _FIRST_PERSON
        if person and home.is_absolute() and len(home.parts) > 1:
            yield user.pw_uid, home


def _named(env: Mapping[str, str]) -> Iterator[Place]:
    for name in VARIABLES:
        for value in env.get(name, "").split(os.pathsep):
            path = Path(value)
            if path.is_absolute() and len(path.parts) > 2:
                yield Place(path, f"holds credentials (`{name}` names it)")


def _programs() -> Iterator[Place]:
    for path in {Path(sys.prefix), Path(__file__).parents[1]}:
        yield Place(path, "holds this very program", write=True)


def at_or_below(path: tuple[str, ...], folder: tuple[str, ...]) -> bool:
    """Whether a path is a folder, or lies in it; both in the same spelling."""
    return path[: len(folder)] == folder


def parents_of(paths: Iterable[Path]) -> set[Path]:
    """All folders that the paths lie in."""
    return {parent for path in paths for parent in _parents(path)}


@lru_cache(_MANY)
def _parents(path: Path) -> Sequence[Path]:
    return tuple(path.parents)
