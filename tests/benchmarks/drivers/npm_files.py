"""The MCP filesystem server from npm, over stdio, by the MCP SDK's client."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import talk
from mcp import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

SERVER = "@modelcontextprotocol/server-filesystem"


@asynccontextmanager
async def opened(tree: str) -> AsyncGenerator[talk.Run]:
    """One server on the tree."""
    server = StdioServerParameters(command="npx", args=["-y", SERVER, tree])
    numbers, marks = itertools.count(), itertools.cycle([("mark0", "mark1"), ("mark1", "mark0")])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()

        async def call(name: str, **arguments: Any) -> str:
            result = await session.call_tool(name, arguments)
            text = "".join(getattr(part, "text", "") for part in result.content)
            if getattr(result, "is_error", getattr(result, "isError", False)):
                raise RuntimeError(text[:200])
            return text

        async def run(command: Sequence[str]) -> int:
            match command:
                case ["glob", name]:
                    return len((await call("search_files", path=tree, pattern=f"**/{name}")).splitlines())
                case ["window", path]:
                    return len((await call("read_text_file", path=f"{tree}/{path}", tail=200)).splitlines())
                case ["edits", *paths]:
                    old, new = next(marks)
                    edits = [{"oldText": old, "newText": new}]
                    for path in paths:
                        await call("edit_file", path=f"{tree}/{path}", edits=edits)
                    return len(paths)
                case ["many", folder, count]:
                    number = next(numbers)
                    await call("create_directory", path=f"{tree}/{folder}/npm{number}")
                    for each in range(int(count)):
                        await call("write_file", path=f"{tree}/{folder}/npm{number}/{each}", content="x" * 100)
                    return int(count)
                case _:
                    raise RuntimeError(f"it has no {command[0]}")

        yield run


if __name__ == "__main__":
    talk.main(opened)
