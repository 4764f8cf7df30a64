"""Make the pictures of docs/gallery.md with the media tools, and write the page: ``nox -s gallery``.

Everything is made by the tools as an agent calls them, with seeds, so that the same versions make the same page.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from massgen_core import Session, open_runtime

PICTURES = "pictures/gallery"


@dataclass(frozen=True)
class Shown:
    """One thing on the page: a call, what it makes, and what is said of it."""

    tool: str
    arguments: dict[str, Any]
    name: str
    says: str = ""


SCENES = (
    "a cat and a dog under a tree at night with moon and stars",
    "an astronaut riding a horse in space with a rocket",
    "a red car in front of a house in the snow",
    "three sailing boats on the sea at sunset",
    "a wizard with an owl and a fox in a forest",
    "a city street in the rain with a bus and two people",
)

SALES = "month,books,music\nJan,120,80\nFeb,135,72\nMar,160,90\nApr,158,110\nMay,190,124\nJun,214,131\n"
FLOW = """direction: right
A[Prompt] --> B{Engine?}
B -->|argument| C[That one]
B -->|config| D[Chosen once]
B -->|else| E[First able]
C --> F[Job]
D --> F
E --> F
F --> G[File in the workspace]
"""
STORY = (
    "A little robot finds a lost kite on the beach. It climbs a hill to look for a child. "
    "At sunset they fly the kite together."
)
NOTICE = {
    "kicker": "Saturday, 10 o'clock",
    "title": "Repair café",
    "subtitle": "Bring what is broken, and take it home whole",
    "footer": "Community hall, Mill Lane 4",
    "scene": "a toolbox, a bicycle and a lamp on a table",
    "palette": "paper",
    "width": 600,
    "height": 800,
    "seed": 2,
}

PAGE = (
    *(
        Shown(
            "image_generate",
            {"prompt": prompt, "size": "640x480", "seed": 3},
            f"scene-{number}.webp",
            f"*{prompt}*",
        )
        for number, prompt in enumerate(SCENES, 1)
    ),
    Shown(
        "image_chart",
        {"data": SALES, "kind": "area", "title": "Both shops grow", "smooth": True, "width": 640, "height": 400},
        "chart.webp",
    ),
    Shown("image_diagram", {"text": FLOW}, "diagram.webp"),
    Shown("image_poster", NOTICE, "poster.webp"),
    Shown("image_qr", {"text": "https://example.org/", "size": 240}, "code.webp"),
    Shown(
        "audio_speak",
        {"text": STORY, "seed": 1},
        "story.mp3",
        "[Listen]({path}), as the voice that needs no key says it:",
    ),
    Shown("audio_picture", {"source": f"{PICTURES}/story.mp3", "width": 640, "height": 200}, "waveform.png"),
    Shown(
        "video_generate",
        {"prompt": STORY, "resolution": "360p", "seed": 4, "fps": 24},
        "story.mp4",
        "[Watch]({path}): each sentence is a scene, drawn, moved, narrated and subtitled. At a glance:",
    ),
    Shown(
        "video_contact_sheet",
        {"video": f"{PICTURES}/story.mp4", "count": 6, "columns": 3, "width": 640},
        "film.jpg",
    ),
)


async def made(session: Session, shown: Shown) -> str:
    """Call the tool; what the page says about the result."""
    path = f"{PICTURES}/{shown.name}"
    arguments = shown.arguments | {"path": path, "overwrite": True}
    (await session.call(shown.tool, arguments, timeout=600)).raise_for_error()
    print(path)
    says = shown.says.format(path=path)
    picture = f"![{says.strip('*') or shown.tool}]({path})" if path.endswith((".webp", ".png", ".jpg")) else ""
    return "\n\n".join(filter(None, (f"`{shown.tool}` {says}".strip(), picture)))


async def main(docs: Path) -> None:
    """Make all in a workspace of its own, then put it into the documentation."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_runtime({}) as runtime, runtime.session(workspace=folder) as session:
            parts = [await made(session, shown) for shown in PAGE]
        shutil.rmtree(docs / PICTURES, ignore_errors=True)
        shutil.copytree(Path(folder) / PICTURES, docs / PICTURES)
    head = (
        "# Gallery\n\nMade by the tools of `massgen-image`, `massgen-audio` and `massgen-video`, on one machine, "
        "without a key and without a network. The pictures are compositions of drawings that belong to the plugin, "
        "not the work of a diffusion model. `nox -s gallery` makes this page."
    )
    (docs / "gallery.md").write_text("\n\n".join([head, *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs", type=Path, help="folder of the documentation")
    anyio.run(main, parser.parse_args().docs)
