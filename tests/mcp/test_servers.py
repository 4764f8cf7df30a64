"""Tests of real server processes as providers, good ones and broken ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.errors import ArgumentsInvalid, McpConnectionClosed, McpError, McpRequestError, SandboxUnavailable
from massgen_core.mcp.provider import serve
from massgen_core.mcp.settings import ServerSettings
from massgen_core.result import Data, Text
from massgen_core.tools import ALL_ACCESS, Progress

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_a_server_of_either_era_is_relayed(open_toy: Any, era: str) -> None:
    """Tools keep name, title, schemas, annotations and meta; a call gives the server's answer."""
    async with open_toy("plain", era) as server:
        echo = server.tools["echo"]
        assert (echo.title, echo.description) == ("Echo", "Give back the text.")
        assert echo.output_schema == {"type": "object", "x-unknown": 1}
        assert echo.annotations == {"readOnlyHint": True, "openWorldHint": False}
        assert echo.meta == {"example.org/colour": "blue"}
        assert echo.access == ALL_ACCESS
        result = await server.echo("a\u200db\xa0 \U0001f469\u200d\U0001f4bb\n")
        assert result.content == (Text(text="a\u200db\xa0 \U0001f469\u200d\U0001f4bb\n"),)
        assert not result.is_error


async def test_the_newer_era_has_its_version_in_every_request(open_toy: Any) -> None:
    """Requests of 2026-07-28 carry version, client and capabilities; unknown fields of a result are kept."""
    async with open_toy("plain", "modern") as server:
        result = await server.call("meta")
        assert result.structured["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"
        assert result.structured["io.modelcontextprotocol/clientInfo"]["name"] == "massgen-core"
        assert result.structured["io.modelcontextprotocol/clientCapabilities"] == {}
        assert result.raw is not None
        assert result.raw["unknown"] == "kept"
        assert "bad_header" not in server.tools
        assert any("'bad_header' is left out" in line and "x-mcp-header" in line for line in server.host.lines)


@pytest.mark.parametrize("protocol", ["legacy", "2026-07-28"])
async def test_a_configured_era_is_spoken_without_asking(open_toy: Any, protocol: str) -> None:
    """With `protocol` set there is no probe: the server that is silent on unknown methods answers at once."""
    script = ("shy",) if protocol == "legacy" else ("plain", "modern")
    async with open_toy(*script, protocol=protocol, start_timeout=2.5) as server:
        assert (await server.echo("x")).text == "x"


async def test_a_server_that_is_silent_on_unknown_methods_costs_one_probe(open_toy: Any) -> None:
    """The probe times out after three seconds, and the older handshake follows."""
    async with open_toy("shy") as server:
        assert (await server.echo("x")).text == "x"


async def test_a_slow_start_does_not_hide_the_newer_era(open_toy: Any, tmp_path: Path) -> None:
    """A server that wakes after the probe timed out refuses the handshake, naming its versions, and is asked again."""
    gate = tmp_path / "gate"

    async def open_gate_late() -> None:
        await anyio.sleep(3.5)
        gate.touch()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(open_gate_late)
        async with open_toy("late", str(gate)) as server:
            assert (await server.echo("x")).text == "x"


async def test_a_server_of_an_unknown_era_is_named_so(open_toy: Any) -> None:
    """The error says which versions the server speaks."""
    with pytest.raises(McpError, match=r"speaks only MCP 2031-01-01"):
        async with open_toy("future"):
            pass


async def test_noise_on_stdout_is_survived(open_toy: Any) -> None:
    """Banners, escape codes, JSON that is no message, blank lines and CRLF do not disturb."""
    async with open_toy("dirty") as server:
        assert (await server.echo("x\u2028y")).text == "x\u2028y"


async def test_a_server_that_never_answers_shows_what_it_wrote(open_toy: Any) -> None:
    """The time-out error has the end of stderr and the lines that were no messages."""
    with pytest.raises(McpError, match=r"did not answer within 0.5 s") as caught:
        async with open_toy("silent", start_timeout=0.5):
            pass
    assert "waiting for the database" in str(caught.value)
    assert "hello from stdout" in str(caught.value)


async def test_a_server_that_exits_at_start_shows_its_last_words(open_toy: Any) -> None:
    """Exit code and stderr stand in the error."""
    with pytest.raises(McpConnectionClosed, match=r"the server ended: exit code 7") as caught:
        async with open_toy("exits"):
            pass
    assert "No module named 'cheese'" in str(caught.value)


async def test_a_program_that_does_not_exist_is_named(host: Any) -> None:
    """The error names the program."""
    settings = ServerSettings(command="no-such-program-anywhere", sandbox="none")
    with pytest.raises(SandboxUnavailable, match="cannot start 'no-such-program-anywhere'"):
        async with serve("toy", settings, host):
            pass


async def test_only_named_variables_reach_a_host_process(open_toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's environment is not handed on, but for what programs need; `env` is added."""
    monkeypatch.setenv("SOME_TOKEN", "secret")
    async with open_toy("plain", env={"MINE": "1"}) as server:
        assert (await server.call("env", name="SOME_TOKEN")).text == "(unset)"
        assert (await server.call("env", name="MINE")).text == "1"
        assert (await server.call("env", name="PATH")).text == os.environ["PATH"]


async def test_broken_tools_are_quarantined_beside_good_ones(open_toy: Any) -> None:
    """Each broken tool is left out with its reason; the good ones of all pages are there."""
    async with open_toy("listing") as server:
        assert sorted(server.tools) == ["echo", "good"]
        assert server.tools["good"].description == ""
        lines = "\n".join(server.host.lines)
        assert lines.count("is left out") == 11
        assert "tool 'no_schema' is left out: its input schema is not an object" in lines
        assert "tool 'invalid' is left out: its input schema is invalid at properties.a.type" in lines
        assert "tool 'remote' is left out: its input schema refers to 'https://example.org/a.json'" in lines
        assert "tool 'echo' is left out: another tool has the same name" in lines
        assert "tool 'bad type' is left out: its name is not made of" in lines


@pytest.mark.parametrize(
    ("mode", "tools", "cut"),
    [("endless", 100, "more than 100 pages"), ("circle", 1, None), ("many", 2000, "more than 2000 tools")],
)
async def test_a_listing_is_bounded(open_toy: Any, mode: str, tools: int, cut: str | None) -> None:
    """Endless pages, a circle of cursors and masses of tools come to an end, with a word where something is missing."""
    async with open_toy("listing", mode) as server:
        assert len(server.tools) == tools
        words = [line for line in server.host.lines if "the others are left out" in line]
        assert len(words) == (1 if cut else 0)
        assert cut is None or cut in words[0]


async def test_tools_are_picked_by_pattern(open_toy: Any) -> None:
    """`tools` and `deny` take patterns; one that matches nothing is pointed out."""
    async with open_toy("plain", tools=("e*", "typo"), deny=("env",)) as server:
        assert sorted(server.tools) == ["echo"]
        assert "no tool matches 'typo'; it has bad_header, echo, env, meta" in server.host.lines


async def test_trusted_annotations_narrow_what_a_tool_does(open_toy: Any) -> None:
    """With `trust_annotations` the hints count; a missing hint has the protocol's default."""
    async with open_toy("plain", trust_annotations=True) as server:
        assert server.tools["echo"].access == {"read"}
        assert server.tools["env"].access == ALL_ACCESS


async def test_arguments_are_checked_before_they_are_sent(open_toy: Any) -> None:
    """The error names the path and what is wrong with it."""
    async with open_toy("plain") as server:
        validate = server.tools["echo"].validate
        assert validate is not None
        assert validate({"text": "x"}) == {"text": "x"}
        with pytest.raises(ArgumentsInvalid, match="arguments: 'text' is a required property"):
            validate({})
        with pytest.raises(ArgumentsInvalid, match="text: 1 is not of type 'string'"):
            validate({"text": 1})


async def test_arguments_that_are_no_json_are_refused_alone(open_toy: Any) -> None:
    """A lone surrogate cannot be sent; the connection is as good as before."""
    async with open_toy("plain") as server:
        with pytest.raises(ArgumentsInvalid, match="cannot be sent as JSON"):
            await server.echo("\ud800")
        assert (await server.echo("fine")).text == "fine"


async def test_wrong_and_repeated_ids_change_nothing(open_toy: Any) -> None:
    """Answers to nobody are dropped; of several answers to one call the first counts."""
    async with open_toy("hostile") as server:
        assert (await server.echo("wrong ids")).text == "right"
        assert (await server.echo("twice")).text == "first"
        assert (await server.echo("fine")).text == "fine"


@pytest.mark.parametrize("words", ["wide", "objects"])
async def test_a_message_of_millions_of_values_is_not_read(open_toy: Any, words: str) -> None:
    """Twenty megabytes that would be hundreds in memory: the caller is told which bound they hit."""
    async with open_toy("hostile") as server:
        with pytest.raises(McpRequestError, match="it holds more than 200000 values .`max_values`."):
            await server.echo(words)
        assert (await server.echo("again")).text == "again"


async def test_a_json_bomb_fails_only_its_call(open_toy: Any) -> None:
    """An answer nested 100 000 deep is refused by name, at once; the next call works."""
    async with open_toy("hostile") as server:
        with pytest.raises(McpRequestError, match="the server's answer cannot be read: recursion limit"):
            await server.echo("bomb")
        with pytest.raises(McpRequestError, match="the server's answer cannot be read: it is no JSON-RPC answer"):
            await server.echo("not a result")
        assert (await server.echo("fine")).text == "fine"


async def test_an_endless_line_ends_the_connection_by_name(open_toy: Any) -> None:
    """A gigabyte without a line feed is cut off at the bound; the server is started again."""
    async with open_toy("hostile", max_message="1MiB") as server:
        with pytest.raises(McpConnectionClosed, match="message longer than 1048576 bytes"):
            await server.echo("flood")
        assert (await server.echo("fine")).text == "fine"


@pytest.mark.parametrize("kind", ["notifications", "progress flood"])
async def test_a_flood_of_notifications_is_survived(open_toy: Any, kind: str) -> None:
    """A hundred thousand notifications neither block nor pile up."""
    async with open_toy("hostile") as server:
        seen: list[Any] = []
        result = await server.echo(kind, on_event=seen.append)
        assert result.text in ("survived", "done")
        if kind == "progress flood":
            assert seen[-1] == Progress(done=100_000, total=100_000)
            assert len(seen) < 100_000


async def test_progress_is_passed_on(open_toy: Any) -> None:
    """Progress reaches the caller before the result does; broken progress is ignored."""
    async with open_toy("hostile") as server:
        seen: list[Any] = []
        assert (await server.echo("progress", on_event=seen.append)).text == "done"
        assert seen == [Progress(done=1, total=2, message="half way")]


async def test_a_listener_that_raises_harms_nobody(open_toy: Any) -> None:
    """The call still gets its result."""

    def fail(event: object) -> None:
        raise RuntimeError("listener")

    async with open_toy("hostile") as server:
        assert (await server.echo("progress", on_event=fail)).text == "done"
        assert (await server.echo("fine")).text == "fine"


async def test_a_server_may_ask_only_for_what_is_offered(open_toy: Any) -> None:
    """`ping` and `roots/list` have answers; sampling was never offered and does not exist."""
    async with open_toy("hostile") as server:
        answers = (await server.echo("ask")).structured
        assert answers["q-ping"] == {}
        assert answers["q-roots/list"] == {"roots": []}
        assert answers["q-sampling/createMessage"]["code"] == -32601


async def test_a_server_that_asks_without_reading_is_cut_off(open_toy: Any) -> None:
    """Unread answers are bounded."""
    async with open_toy("hostile") as server:
        with pytest.raises(McpConnectionClosed, match="requests without reading the answers"):
            await server.echo("ask without reading")


async def test_an_error_of_the_server_keeps_code_and_data(open_toy: Any) -> None:
    """Even the code that the SDK uses for a closed connection is the server's own when the connection is open."""
    async with open_toy("hostile") as server:
        with pytest.raises(McpRequestError, match="answered with error -32000: no luck") as caught:
            await server.echo("error")
        assert (caught.value.code, caught.value.data) == (-32000, {"why": 1})


async def test_results_keep_what_they_hold(open_toy: Any) -> None:
    """`isError` is kept; blocks of an unknown kind become data; a wish for input becomes an error in words."""
    async with open_toy("hostile") as server:
        assert (await server.echo("is error")).is_error
        odd = await server.echo("odd result")
        values = [{"type": "hologram", "x": 1}, 7, {"type": "image", "data": "!"}]
        assert [part.value for part in odd.content if isinstance(part, Data)] == values
        wish = await server.echo("wish")
        assert wish.is_error
        assert "wants more input, which cannot be given here: key: elicitation/create (Your name?)" in wish.text


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_changed_tools_are_published(open_toy: Any, era: str) -> None:
    """A server that says its tools changed is listed again, in both eras."""
    async with open_toy("changes", era) as server:
        assert sorted(server.tools) == ["grow"]
        await server.call("grow")
        with anyio.fail_after(10):
            tools = await server.host.published.receive()
        assert [tool.name for tool in tools] == ["grow", "tool1"]


async def test_a_cancelled_call_is_cancelled_at_the_server(open_toy: Any) -> None:
    """The server is told which request nobody waits for any more."""
    async with open_toy("cancel") as server:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.echo, "wait")
            while not json.loads((await server.echo("state")).text)["waiting"]:
                pass
            tasks.cancel_scope.cancel()
        state = json.loads((await server.echo("state")).text)
        assert state["cancelled"] == state["waiting"] != []


async def test_nothing_of_a_stubborn_server_is_left(open_toy: Any) -> None:
    """A server that ignores the end of its input and SIGTERM, and its child, are gone when the provider is closed."""
    async with open_toy("stubborn") as server:
        pids = [int(pid) for pid in (await server.echo("pids")).text.split()]
    with anyio.fail_after(5):
        while any(is_running(pid) for pid in pids):  # noqa: ASYNC110 - nobody tells of the end of a grandchild
            await anyio.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
