"""For any file and any edits through the tools: what is not edited stays, and undoing brings every byte back."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace
from workspace_calls import CallNow, tools_now

from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant

MARK = "<<here>>"
ENCODINGS = (
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("latin-1", b""),
    ("shift-jis", b""),
)
PIECE = st.sampled_from(["a", "b c", "\t", "\n", "\r\n", "\n\n", " \n", "é", "語", "x" * 50, ""])
NEW = st.lists(st.sampled_from(["n", "\n", "\r\n", " m"]), max_size=4).map("".join)


class Desk:
    """The tools on one folder."""

    def __init__(self, call: CallNow, work: Path) -> None:
        self.call = call
        self.file = work / "f"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    work = tmp_path_factory.mktemp("properties") / "work"
    work.mkdir()
    with tools_now(work) as call:
        yield Desk(call, work)


@st.composite
def marked(draw: st.DrawFn) -> tuple[bytes, list[bytes], str]:
    """A file's content, the parts of it around each mark, and its encoding."""
    encoding, bom = draw(st.sampled_from(ENCODINGS))
    texts = draw(st.lists(st.lists(PIECE, max_size=6).map("".join), min_size=2, max_size=4))
    parts = [text.encode(encoding, "ignore") for text in texts]
    parts[0] = bom + parts[0]
    return MARK.encode(encoding).join(parts), parts, encoding


@given(marked(), st.lists(NEW, min_size=3, max_size=3), st.integers(0, 0o777).map(lambda mode: mode | 0o600))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_untouched_bytes_never_change(
    desk: Desk, case: tuple[bytes, list[bytes], str], new: list[str], mode: int
) -> None:
    data, parts, encoding = case
    desk.file.write_bytes(data)
    desk.file.chmod(mode)
    count = len(parts) - 1
    done = desk.call("edit_file", path="f", edits=[{"old": MARK, "new": new[0] + "|", "count": count}])
    assert not done.is_error, done.text
    changed = desk.file.read_bytes()
    at = 0
    for number, part in enumerate(parts):
        assert changed[at : at + len(part)] == part
        at += len(part)
        if number < count:
            end = changed.index("|".encode(encoding), at) + len("|".encode(encoding))
            assert changed[at:end].decode(encoding).replace("\r\n", "\n") == (new[0] + "|").replace("\r\n", "\n")
            at = end
    assert at == len(changed)
    assert desk.file.stat().st_mode & 0o777 == mode
    back = desk.call("undo_change", id=done.structured["id"])
    assert (desk.file.read_bytes(), desk.file.stat().st_mode & 0o777) == (data, mode)
    desk.call("undo_change", id=back.structured["id"])
    assert desk.file.read_bytes() == changed


@given(marked(), st.lists(st.tuples(st.sampled_from("wied"), NEW), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_everything_brings_the_beginning_back(
    desk: Desk, case: tuple[bytes, list[bytes], str], acts: list[tuple[str, str]]
) -> None:
    """Whatever the tools did, or refused to do."""
    desk.file.write_bytes(case[0])
    desk.file.chmod(0o751)
    made: list[int] = []
    for act, text in acts:
        before = desk.file.read_bytes() if desk.file.exists() else None
        if act == "w":
            answer = desk.call("write_file", path="f", content=text)
        elif act == "i":
            answer = desk.call("insert_lines", path="f", line=0, text=text or "x")
        elif act == "e":
            answer = desk.call("edit_file", path="f", edits=[{"old": "a", "new": text, "count": None}])
        else:
            answer = desk.call("apply_patch", patch="*** Begin Patch\n*** Delete File: f\n*** End Patch\n")
        if answer.is_error:
            assert (desk.file.read_bytes() if desk.file.exists() else None) == before
        elif answer.structured["id"]:
            made.append(answer.structured["id"])
    for id in reversed(made):
        back = desk.call("undo_change", id=id)
        assert not back.is_error, back.text
    assert (desk.file.read_bytes(), desk.file.stat().st_mode & 0o777) == (case[0], 0o751)


@given(st.binary(max_size=200).map(lambda data: data + b"\0"))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_binary_files_are_left_alone(desk: Desk, data: bytes) -> None:
    desk.file.write_bytes(data)
    answer = desk.call("edit_file", path="f", edits=[{"old": "a", "new": "b", "count": None}])
    assert answer.is_error or b"a" in data
    if answer.is_error:
        assert desk.file.read_bytes() == data


@given(st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=6), min_size=2, max_size=3))
@settings(max_examples=10, deadline=None)
def test_editors_at_once_are_as_one_after_the_other(plans: list[list[tuple[int, int]]]) -> None:
    """Each change reads two files and writes what it has read: the journal's order alone explains every content."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        start = {name: f"{name};" for name in ("f0", "f1", "f2")}
        for name, text in start.items():
            (work / name).write_text(text)

        def edit(who: int, pairs: list[tuple[int, int]]) -> None:
            with (
                Jail([Grant(target="/workspace", source=work, write=True)]) as jail,
                Workspace(jail, jail.roots[0], Path(folder) / "state", durable=False) as workspace,
            ):
                for number, (one, other) in enumerate(pairs):
                    tag = f"{who}.{number}"

                    def decide(plan: Plan, one: int = one, other: int = other, tag: str = tag) -> None:
                        places = [plan.place(f"f{one}"), plan.place(f"f{other}")]
                        read = [plan.read(place).decode() for place in places]
                        for place in places:
                            plan.write(place, _mixed(read, tag).encode())

                    workspace.change(f"{tag} {one} {other}", decide)

        threads = [threading.Thread(target=edit, args=each) for each in enumerate(plans)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with (
            Jail([Grant(target="/workspace", source=work, write=True)]) as jail,
            Workspace(jail, jail.roots[0], Path(folder) / "state", durable=False) as workspace,
        ):
            entries = list(reversed(workspace.journal.last(1000)))
        assert len(entries) == sum(map(len, plans))
        replayed = dict(start)
        for entry in entries:
            tag, one, other = entry.what.split()
            text = _mixed([replayed[f"f{one}"], replayed[f"f{other}"]], tag)
            replayed |= {f"f{one}": text, f"f{other}": text}
        assert {name: (work / name).read_text() for name in start} == replayed


def _mixed(read: list[str], tag: str) -> str:
    return f"{hash(tuple(read)) & 0xFFFF:x}{tag};{read[0][-20:]}"
