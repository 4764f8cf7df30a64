"""The loops in use-from-python.md hand a model's calls to the session and its results back.

No model is asked: a script plays its part, in the shape that each API documents for its replies.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from massgen_core import ToolProvider, hookimpl, tool
from massgen_core.testing import open_test_runtime

if TYPE_CHECKING:
    from tests.docs.conftest import Block, Page

pytestmark = pytest.mark.anyio

Loop = Callable[..., Any]


class _Scripted:
    """A client that gives prepared replies and keeps what it was asked."""

    def __init__(self, *replies: Any) -> None:
        self._replies = list(replies)
        self.asked: list[dict[str, Any]] = []

    async def ask(self, **request: Any) -> Any:
        """Keep the request as it is now, and reply."""
        self.asked.append({key: list(value) if isinstance(value, list) else value for key, value in request.items()})
        return self._replies.pop(0)


@pytest.fixture
def greetings() -> tuple[str, ModuleType]:
    """A plugin that greets."""

    @tool(access=[])
    def greet(name: str) -> str:
        """Greet somebody."""
        return f"Hello, {name}!"

    @hookimpl
    def massgen_providers() -> list[ToolProvider]:
        return [ToolProvider.of("hello", [greet])]

    module = ModuleType("hello")
    vars(module)["massgen_providers"] = massgen_providers
    return "hello", module


@pytest.fixture
def loops(pages: tuple[Page, ...]) -> dict[str, Loop]:
    """The function `run` of each file that the page shows, by the file's name."""
    [page] = [page for page in pages if page.name == "docs/how-to/use-from-python.md"]
    return {block.file: _run_of(block) for block in page.blocks if block.file and block.file.startswith("with_")}


async def test_anthropic(loops: dict[str, Loop], greetings: tuple[str, ModuleType]) -> None:
    """A tool_use block is answered with a tool_result of the same id."""
    call = SimpleNamespace(type="tool_use", id="a", name="hello_greet", input={"name": "Ada"})
    model = _Scripted(_content(call), _content(SimpleNamespace(type="text", text="Greeted.")))
    client = SimpleNamespace(messages=SimpleNamespace(create=model.ask))
    async with open_test_runtime(greetings) as runtime, runtime.session() as session:
        answer = await loops["with_anthropic.py"](client, session, "Greet Ada", model="a-model")
    assert answer == "Greeted."
    assert model.asked[0]["tools"][0]["name"] == "hello_greet"
    result = {"type": "tool_result", "tool_use_id": "a", "content": "Hello, Ada!", "is_error": False}
    assert model.asked[1]["messages"][-1] == {"role": "user", "content": [result]}


async def test_openai(loops: dict[str, Loop], greetings: tuple[str, ModuleType]) -> None:
    """A function_call item is answered with a function_call_output of the same call id."""
    call = SimpleNamespace(type="function_call", call_id="c", name="hello_greet", arguments='{"name": "Ada"}')
    model = _Scripted(SimpleNamespace(output=[call]), SimpleNamespace(output=[], output_text="Greeted."))
    client = SimpleNamespace(responses=SimpleNamespace(create=model.ask))
    async with open_test_runtime(greetings) as runtime, runtime.session() as session:
        answer = await loops["with_openai.py"](client, session, "Greet Ada", model="a-model")
    assert answer == "Greeted."
    assert model.asked[0]["tools"][0]["name"] == "hello_greet"
    assert model.asked[1]["input"][-1] == {"type": "function_call_output", "call_id": "c", "output": "Hello, Ada!"}


async def test_gemini(loops: dict[str, Loop], greetings: tuple[str, ModuleType]) -> None:
    """A function call is answered with a function_response of the same name."""
    call = SimpleNamespace(id="g", name="hello_greet", args={"name": "Ada"})
    first = SimpleNamespace(function_calls=[call], candidates=[SimpleNamespace(content="the model's turn")])
    model = _Scripted(first, SimpleNamespace(function_calls=None, text="Greeted."))
    client = SimpleNamespace(aio=SimpleNamespace(models=SimpleNamespace(generate_content=model.ask)))
    async with open_test_runtime(greetings) as runtime, runtime.session() as session:
        answer = await loops["with_gemini.py"](client, session, "Greet Ada", model="a-model")
    assert answer == "Greeted."
    assert model.asked[0]["config"]["tools"][0]["function_declarations"][0]["name"] == "hello_greet"
    response = {"id": "g", "name": "hello_greet", "response": {"output": "Hello, Ada!"}}
    assert model.asked[1]["contents"][-1] == {"role": "user", "parts": [{"function_response": response}]}


def _content(*blocks: Any) -> Any:
    return SimpleNamespace(content=list(blocks))


def _run_of(block: Block) -> Loop:
    names: dict[str, Any] = {}
    exec(compile(block.text, block.file or "", "exec"), names)
    return names["run"]
