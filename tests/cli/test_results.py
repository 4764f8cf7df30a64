"""Results on stdout and in files."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any


def test_text(cli: Any, sample: tuple[str, str]) -> None:
    """Text goes to stdout as it is, other parts in words; what is binary is told on stderr by kind and size."""
    outcome = cli(*sample, "call", "sample_parts")
    assert outcome.out == 'words\nhttps://example.com/a\n{\n  "k": [\n    1,\n    null\n  ]\n}\n'
    assert "(image, image/png, 4 bytes; --save DIR writes it to a file)" in outcome.err
    assert "(filereference, text/x-unheard-of, 2 bytes" in outcome.err


def test_save(cli: Any, sample: tuple[str, str]) -> None:
    """`--save` writes binary parts to new files, under names that the tool has no say in, and overwrites nothing."""
    first = cli(*sample, "call", "sample_parts", "--save", "out")
    second = cli(*sample, "call", "sample_parts", "--save", "out")
    names = ["sample_parts-1.bin", "sample_parts-1.png", "sample_parts-2.bin", "sample_parts-2.png"]
    assert sorted(path.name for path in Path("out").iterdir()) == names
    assert Path("out/sample_parts-1.png").read_bytes() == b"\x89PNG"
    assert str(Path("out/sample_parts-1.png")) in first.out.splitlines()
    assert str(Path("out/sample_parts-2.bin")) in second.out.splitlines()


def test_json(cli: Any, sample: tuple[str, str]) -> None:
    """`--output json` prints what an MCP client would get."""
    added = cli(*sample, "call", "sample_add", "-a", "count=1", "-o", "json").json
    content = cli(*sample, "call", "sample_parts", "-o", "json").json["content"]
    assert (added["isError"], added["structuredContent"]["count"]) == (False, 1)
    assert [block["type"] for block in content] == ["text", "image", "resource", "resource_link", "text"]
    assert base64.b64decode(content[1]["data"]) == b"\x89PNG"


def test_saved_json(cli: Any, sample: tuple[str, str]) -> None:
    """Saved parts appear in the JSON with their file and size instead of their data."""
    content = cli(*sample, "call", "sample_parts", "-o", "json", "--save", "out").json["content"]
    assert content[1] == {
        "type": "image",
        "mimeType": "image/png",
        "file": str(Path("out/sample_parts-1.png")),
        "size": 4,
    }


def test_reported_error(cli: Any, sample: tuple[str, str]) -> None:
    """What a tool says of its own failure is its result: on stdout, with exit code 1."""
    as_text = cli(*sample, "call", "sample_report_failure")
    as_json = cli(*sample, "call", "sample_report_failure", "--output", "json")
    assert (as_text.code, as_text.out) == (1, "the disk is on fire\n")
    assert (as_json.code, as_json.json["isError"]) == (1, True)
