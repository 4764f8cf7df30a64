"""What the documentation shows is what happens: every block of code in it runs here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from massgen_core import MassgenError, load_settings
from massgen_core.config import parse_settings
from massgen_core.mcp.settings import McpConfig

if TYPE_CHECKING:
    from tests.docs.conftest import Block, Page

MAX_EXEMPT = 8
"""How many blocks of all pages together may stay unrun."""

_AWAITING = (
    "import ast, asyncio, inspect, sys; path = sys.argv[1]; "
    "code = compile(open(path).read(), path, 'exec', flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT); "
    "result = eval(code, {'__name__': '__main__'}); "
    "asyncio.run(result) if inspect.iscoroutine(result) else None"
)
_PROGRAMS = {"massgen-core": "massgen_core.cli:main", "pytest": "pytest:console_main"}
_MARK = "--- the next command ---"
_AFTER = f"status=$?; echo; echo '{_MARK}' $status; (exit $status)"


def test_a_page_shows_what_happens(page: Page, tmp_path: Path) -> None:
    """Every block that needs no engine runs, in the order of the page, and prints what the page says."""
    _Reader(page, tmp_path, docker=False).read()


@pytest.mark.docker
@pytest.mark.timeout(1200)
def test_a_page_about_containers_shows_what_happens(docker_page: Page, tmp_path: Path) -> None:
    """A page with blocks that need an engine runs from top to bottom with one."""
    _Reader(docker_page, tmp_path, docker=True).read()


def test_few_blocks_are_exempt_and_each_says_why(pages: tuple[Page, ...]) -> None:
    """A block that does not run carries its reason, and there are not many."""
    blocks = [(f"{page.name}:{block.line}", block) for page in pages for block in page.blocks]
    exempt = {where: block.exempt for where, block in blocks if block.exempt is not None}
    assert all(len(reason.split()) >= 3 for reason in exempt.values()), exempt
    assert len(exempt) <= MAX_EXEMPT, exempt


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("'''python\nprint('a')\n'''\n'''text output\nb\n'''\n", "but the page says"),
        ("'''python\nraise ValueError('x')\n'''\n", "ValueError: x"),
        ("'''console\n$ echo a\nb\n'''\n", "but the page says"),
        ("'''console\n$ false\n'''\n", "exit code 1"),
        ("'''toml\ncall_timout = 3\n'''\n", "call_timout"),
        ("'''toml\n[servers.a]\ncpus = 1\n'''\n", "names nothing to run"),
        ("'''ruby\nputs 1\n'''\n", "cannot be run"),
        ("'''text\nloose words\n'''\n", "text output"),
    ],
)
def test_a_page_that_shows_something_else_is_found(
    text: str, problem: str, write_page: Callable[[str], Page], tmp_path: Path
) -> None:
    """Wrong output, errors, exit codes, settings and unknown kinds of block are told apart from what happens."""
    with pytest.raises((AssertionError, MassgenError, ValidationError), match=problem):
        _Reader(write_page(text), tmp_path, docker=False).read()


class _Reader:
    """Someone who follows one page in an empty folder."""

    def __init__(self, page: Page, folder: Path, *, docker: bool) -> None:
        self._page = page
        self._docker = docker
        self._folder = folder / "here"
        self._folder.mkdir()
        installs = any("pip install" in block.text for block in page.blocks if block.language == "console")
        self._bin = _own_environment(folder / "env") if installs else Path(sys.executable).parent
        self._printed = ""

    def read(self) -> None:
        """Do what the page says, one block after the other."""
        do: dict[str, Callable[[Block], None]] = {
            "python": self._python,
            "console": self._console,
            "toml": self._data,
            "yaml": self._data,
            "json": self._data,
            "text": self._output,
        }
        for block in self._page.blocks:
            if block.exempt is not None or (block.docker and not self._docker):
                continue
            assert block.language in do, f"{self._at(block)}: {block.language!r} blocks cannot be run"
            try:
                do[block.language](block)
            except Exception as error:
                error.add_note(f"in {self._at(block)}")
                raise

    def _at(self, block: Block) -> str:
        return f"{self._page.name}:{block.line}"

    def _python(self, block: Block) -> None:
        if block.file:
            self._write(block)
            return
        script = self._folder / f"block_{block.line}.py"
        script.write_text(block.text, encoding="utf-8")
        try:
            self._printed = self._run([str(self._bin / "python"), "-c", _AWAITING, str(script)])
        finally:
            script.unlink()

    def _console(self, block: Block) -> None:
        steps = list(_steps(block.text))
        script = "\n".join(f"{command}\n{_AFTER}" for command, _ in steps)
        printed = self._run(["bash", "-c", script])
        outcomes = re.split(rf"^{_MARK} (\d+)$", printed, flags=re.MULTILINE)[:-1]
        for number, (command, expected) in enumerate(steps):
            output, status = outcomes[2 * number].strip("\n"), outcomes[2 * number + 1]
            asked = number + 1 < len(steps) and steps[number + 1][0] == "echo $?"
            assert status == "0" or asked, f"{command}: exit code {status}\n{output}"
            _compare(expected, output, command)

    def _data(self, block: Block) -> None:
        if block.file:
            self._write(block)
        if "wrong" in block.words:
            with pytest.raises((MassgenError, ValidationError)):
                self._check(block)
        else:
            self._check(block)

    def _check(self, block: Block) -> None:
        if block.file and Path(block.file).name == "pyproject.toml":
            tomllib.loads(block.text)
        elif block.file:
            _check_servers(load_settings(self._folder / block.file).servers)
        else:
            _check_servers(parse_settings(_parsed(block)).servers)

    def _output(self, block: Block) -> None:
        assert "output" in block.words, "a text block shows what the block before it prints: write `text output`"
        _compare(block.text, self._printed, "the block before")

    def _write(self, block: Block) -> None:
        path = self._folder / (block.file or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=_environment(self._bin),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1000 if self._docker else 100,
            check=False,
        )
        assert done.returncode == 0 or _MARK in done.stdout, done.stdout
        return done.stdout


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that it is shown to have."""
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = re.sub(r"\\\n> ?", "", step).partition("\n")
        yield command, expected


def _compare(expected: str, printed: str, command: str) -> None:
    """Whether the output is as shown; ``...`` stands for anything, on a line of its own for any lines."""
    if expected.strip() in ("", "..."):
        return
    pattern = "\n".join(_line_pattern(line.rstrip()) for line in expected.rstrip().splitlines())
    pattern = pattern.replace(_ANY_LINES + "\n", r"(?:.*\n)*?").replace("\n" + _ANY_LINES, r"(?:\n.*)*")
    actual = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    assert re.fullmatch(pattern, actual), f"{command} printed\n{actual}\n\nbut the page says\n{expected}"


_ANY_LINES = "<any lines>"


def _line_pattern(line: str) -> str:
    return _ANY_LINES if line.strip() == "..." else re.escape(line).replace(re.escape("..."), ".*")


def _parsed(block: Block) -> Mapping[str, Any]:
    if block.language == "toml":
        return tomllib.loads(block.text)
    if block.language == "json":
        return json.loads(block.text)
    import yaml

    return yaml.safe_load(block.text)


def _check_servers(servers: Mapping[str, Mapping[str, Any]]) -> None:
    """A server's section is the built-in plugin's, which the settings leave raw."""
    McpConfig.model_validate({"servers": servers})


def _environment(programs: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MASSGEN_", "PYTEST_", "COV_"))}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _own_environment(folder: Path) -> Path:
    """A throw-away environment that sees what is installed here, and keeps what the page installs to itself."""
    venv.create(folder, with_pip=True, symlinks=True)
    programs = folder / "bin"
    [packages] = folder.glob("lib/python*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "tests.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    for name, call in _PROGRAMS.items():
        module, _, function = call.partition(":")
        script = programs / name
        script.write_text(f"#!{programs / 'python'}\nfrom {module} import {function}\nraise SystemExit({function}())\n")
        script.chmod(0o755)
    return programs
