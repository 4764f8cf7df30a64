"""Secrets are read from where they are kept, and what goes wrong is said without them."""

from __future__ import annotations

import os
import shlex
import string
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import keyring
import keyring.backend
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.errors import KeyringLocked

from massgen_core import ConfigError, sources
from massgen_core.sources import LARGEST, read_source

KEY = "servers.toy.secrets.TOKEN"

PRINT = f"command:{shlex.quote(sys.executable)} -c "


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory, as its own package wants one."""

    priority = 1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.trouble is not None:
            raise self.trouble
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """A keyring of our own in place of the system's."""
    before, ours = keyring.get_keyring(), Drawer()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


async def read(source: str, folder: Path | str = ".", **more: Any) -> str:
    with anyio.fail_after(60):
        return await read_source(source, key=KEY, folder=Path(folder), **more)


async def refusal(source: str, folder: Path | str = ".") -> str:
    with pytest.raises(ConfigError) as caught:
        await read(source, folder)
    assert caught.value.key == KEY
    return str(caught.value)


def script(code: str) -> str:
    """The source that runs some Python."""
    return PRINT + shlex.quote(code)


@pytest.mark.anyio
async def test_a_variable_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """`env:NAME`, whatever its characters; a new value counts for the next reading."""
    monkeypatch.setenv("TOY_TOKEN", "gr\u00fcn und \u4e2d\n")
    assert await read("env:TOY_TOKEN") == "gr\u00fcn und \u4e2d\n"
    monkeypatch.setenv("TOY_TOKEN", "another")
    assert await read("env: TOY_TOKEN ") == "another"


@pytest.mark.anyio
async def test_a_variable_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset and empty are told apart; both name the key and the variable."""
    monkeypatch.delenv("TOY_TOKEN", raising=False)
    assert await refusal("env:TOY_TOKEN") == (
        f"{KEY}: the variable TOY_TOKEN is not set\n  Set it in the environment of this program."
    )
    monkeypatch.setenv("TOY_TOKEN", "")
    assert await refusal("env:TOY_TOKEN") == f"{KEY}: the variable TOY_TOKEN is empty"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "value"),
    [(b"abc", "abc"), (b"abc\n", "abc"), (b"abc\r\n", "abc"), (b"abc\n\n", "abc\n"), (b"a\r", "a\r"), (b" a ", " a ")],
)
async def test_a_file_is_read_without_its_last_line_end(tmp_path: Path, content: bytes, value: str) -> None:
    """One line end, which editors put there, is not part of the secret; relative paths start at the config's folder."""
    (tmp_path / "token").write_bytes(content)
    assert await read("file:token", tmp_path) == await read(f"file:{tmp_path / 'token'}") == value


@pytest.mark.anyio
async def test_home_is_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home of whoever runs the program."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("abc")
    assert await read("file:~/token", "/") == "abc"


@pytest.mark.anyio
async def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    """Where secrets are mounted they are links to links."""
    (tmp_path / "data").write_text("abc")
    (tmp_path / "token").symlink_to("data")
    assert await read("file:token", tmp_path) == "abc"


@pytest.mark.anyio
@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
async def test_a_file_that_others_can_read_is_mentioned(tmp_path: Path) -> None:
    """It is read all the same: some systems mount them so."""
    path, lines = tmp_path / "token", list[str]()
    path.write_text("s3cret-value")
    for mode in (0o600, 0o400, 0o640, 0o604):
        path.chmod(mode)
        assert await read("file:token", tmp_path, log=lines.append) == "s3cret-value"
    assert [line.partition("token ")[2] for line in lines] == [
        "can be read by other users (mode 0640); chmod 600 it",
        "can be read by other users (mode 0604); chmod 600 it",
    ]
    assert all(line.startswith(f"{KEY}: ") and "s3cret" not in line for line in lines)


@pytest.mark.anyio
async def test_files_that_hold_no_secret_are_refused(tmp_path: Path) -> None:
    """Missing, empty, binary, too large, no file at all: each is said in words."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfes3cret")
    (tmp_path / "nul").write_bytes(b"s3cret\0")
    (tmp_path / "large").write_text("x" * LARGEST + "\r\nmore")
    os.mkfifo(tmp_path / "pipe")
    words = {name: await refusal(f"file:{name}", tmp_path) for name in ("none", "empty", "binary", "nul", "large")}
    assert "the file none cannot be read: No such file or directory\n  A relative path" in words["none"]
    assert words["empty"].endswith("empty is empty")
    assert words["binary"].endswith("binary is not UTF-8 text")
    assert words["nul"].endswith("nul holds a NUL byte, which no variable can")
    assert words["large"].endswith("large is larger than 64 KiB")
    assert "it is no regular file" in await refusal("file:pipe", tmp_path)
    assert "cannot be read: Is a directory" in await refusal("file:.", tmp_path)
    assert "a\0b cannot be read" in await refusal("file:a\0b", tmp_path)
    (tmp_path / "largest").write_text("x" * LARGEST + "\r\n")
    assert len(await read("file:largest", tmp_path)) == LARGEST


@pytest.mark.anyio
async def test_a_keyring_is_asked_for_a_user_of_a_service(drawer: Drawer) -> None:
    """The last slash parts them: services are often addresses."""
    keyring.set_password("https://api.example.com/v1", "me", "abc")
    assert await read("keyring:https://api.example.com/v1/me") == "abc"


@pytest.mark.anyio
async def test_a_keyring_without_the_entry_says_how_to_put_it_there(drawer: Drawer) -> None:
    """The cure is a command line that works as it stands."""
    words = await refusal("keyring:my service/me")
    assert words.endswith("holds nothing for 'me' of 'my service'\n  Put it there: keyring set 'my service' me")
    drawer.held["s", "me"] = ""
    assert (await refusal("keyring:s/me")).endswith("the keyring's entry for 'me' of 's' is empty")


@pytest.mark.anyio
async def test_a_keyring_that_fails_is_named_by_the_kind_of_error(drawer: Drawer) -> None:
    """A backend's words are not repeated: nobody knows what stands in them."""
    drawer.trouble = KeyringLocked("locked: s3cret")
    words = await refusal("keyring:s/me")
    assert "the keyring cannot be read (KeyringLocked)\n  `keyring diagnose`" in words
    assert "s3cret" not in words


@pytest.mark.anyio
async def test_without_the_package_the_cure_is_its_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert (await refusal("keyring:s/me")).endswith("not installed\n  pip install 'massgen-core[keyring]'")


@pytest.mark.anyio
async def test_a_command_prints_the_secret(tmp_path: Path) -> None:
    """No shell reads it; it starts in the config's folder, with this program's environment and no stdin."""
    facts = "os.path.basename(os.getcwd()), sys.stdin.read() == '', 'PATH' in os.environ, sys.argv[1:]"
    code = f"import os, sys; print({facts})"
    printed = await read(f"{script(code)} 'a b' $HOME ';'", tmp_path)
    assert printed == f"{tmp_path.name} True True ['a b', '$HOME', ';']"


@pytest.mark.anyio
async def test_a_command_that_fails_is_named_without_what_it_wrote() -> None:
    """Neither its stdout nor its stderr is shown: both may hold the secret."""
    words = await refusal(script("import sys; print('s3cret'); print('s3cret', file=sys.stderr); sys.exit(3)"))
    assert f"the command {sys.executable!r} ended with 3\n  Run it by hand to see why" in words
    assert "s3cret" not in words
    assert (await refusal(script("pass"))).endswith(f"the output of the command {sys.executable!r} is empty")
    assert "the command 'no-such-program' cannot be started: No such file" in await refusal("command:no-such-program")
    assert "the quotes in `command:` do not match" in await refusal("command:print 's3cret")


@pytest.mark.anyio
async def test_a_command_that_prints_without_end_is_stopped() -> None:
    """No more is kept than a secret may be long."""
    words = await refusal(script("import itertools\nfor _ in itertools.count(): print('x' * 9999)"))
    assert words.endswith("is larger than 64 KiB")


@pytest.mark.anyio
async def test_a_command_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time it has, or when whoever asked is gone."""
    monkeypatch.setattr(sources, "COMMAND_TIMEOUT", 2.0)
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    code = f"import os, time; os.open({str(tmp_path / 'alive')!r}, os.O_WRONLY); os.fork(); time.sleep(600)"
    try:
        assert "did not end within 2 s\n  It must print the secret without" in await refusal(script(code))
        await _all_closed(reader)
        monkeypatch.setattr(sources, "COMMAND_TIMEOUT", 600.0)
        with anyio.move_on_after(2) as scope:
            await read(script(code))
        assert scope.cancelled_caught
        await _all_closed(reader)
    finally:
        os.close(reader)


async def _all_closed(reader: int) -> None:
    """Wait until nobody holds the other end of a pipe: reading then gives its end."""
    with anyio.fail_after(30):
        while True:
            try:
                assert os.read(reader, 1) == b""
            except BlockingIOError:
                await anyio.sleep(0.01)
            else:
                return


SECRET = st.text(st.sampled_from(string.ascii_letters + string.digits + "!\"'\\ \u00e9\n"), min_size=12, max_size=40)

DAMAGE: list[bytes] = [b"", b"\0", b"\xff", b"x" * LARGEST]


@given(secret=SECRET.filter(lambda text: len(set(text)) > 6), damage=st.sampled_from(DAMAGE), backend=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_error_holds_the_value(
    secret: str, damage: bytes, backend: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawer: Drawer
) -> None:
    """Not its text, not what led to it, not the variables of any frame that it went through."""
    data, path = secret.encode() + damage, tmp_path / "token"
    path.write_bytes(data)
    path.chmod(0o644)
    drawer.held["s", "me"] = data.decode("utf-8", "replace") + "\0"
    drawer.trouble = RuntimeError(secret) if len(damage) == 1 else None
    monkeypatch.setenv("TOY_TOKEN", (secret + "\udcff") if damage else "")
    failing = script(f"import sys; sys.stdout.buffer.write(open({str(path)!r}, 'rb').read()); sys.exit(3)")
    lines: list[str] = []

    async def outcomes() -> list[str]:
        found: list[str] = []
        for source in ("env:TOY_TOKEN", "file:token", "keyring:s/me", failing if backend else "file:none"):
            try:
                await read(source, tmp_path, log=lines.append)
            except ConfigError as error:
                found.append(everything(error))
        return found

    texts = anyio.run(outcomes)
    shown = "\n".join([*texts, *lines])
    assert len(texts) >= 3
    for guise in (secret, repr(secret)[1:-1], repr(secret.encode())[2:-1], secret.strip()):
        assert guise not in shown


def everything(error: BaseException) -> str:
    """All that a generous logger could print of an error."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    # the test's own frames know the secret, of course
    for each in _chain(whole):
        each.stack = traceback.StackSummary.from_list([f for f in each.stack if f.filename != __file__])
    return "".join(whole.format()) + repr(error) + repr(vars(error))


def _chain(whole: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    found: traceback.TracebackException | None = whole
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def test_the_way_to_look_is_thorough() -> None:
    """A value in a local variable of a frame below is found, else the test above would show nothing."""
    with pytest.raises(ValueError, match="1 is not") as caught:
        _fail("s3cret-value")
    whole = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "s3cret-value" in "".join(whole.format())


def _fail(value: str) -> None:
    raise ValueError("1 is not 2")
