"""Diagrams: text in two dialects and JSON, few crossings, nothing on top of anything else."""

import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_support import done, opened
from massgen_image.charts.theme import LIGHT
from massgen_image.diagrams.drawing import drawn, summary
from massgen_image.diagrams.layering import Spot, laid_out
from massgen_image.diagrams.model import Branch, Event, Flow, Sequence
from massgen_image.diagrams.parsing import parsed
from massgen_image.drawing.sanitise import sanitised
from massgen_image.works.drawing import diagram

from massgen_core.errors import ToolFailed

REQUEST = """flowchart TD
  %% how a request is answered
  A([Start]) --> B[Read it]
  B --> C{Is it valid?}
  C -->|yes| D[(Database)] & E
  C -- no --> F
  E["Answer"] -.-> B
  subgraph Back end
    D
    E
  end"""


def test_mermaid_and_plain_lines_are_understood() -> None:
    flow = parsed(REQUEST)
    assert isinstance(flow, Flow)
    assert [(node.label, node.shape) for node in flow.nodes.values()][:4] == [
        ("Start", "pill"),
        ("Read it", "box"),
        ("Is it valid?", "diamond"),
        ("Database", "store"),
    ]
    assert flow.nodes["E"].label == "Answer"
    assert {flow.nodes[name].group for name in "DE"} == {"Back end"}
    edges = [(edge.start, edge.end, edge.label, edge.dashed) for edge in flow.edges]
    assert ("C", "D", "yes", False) in edges
    assert ("C", "E", "yes", False) in edges
    assert ("E", "B", "", True) in edges

    plain = parsed("direction: right\nWeb app -> API: HTTPS\nAPI <-> Cache\nAPI -- Log\ngroup Inside: API, Cache")
    assert isinstance(plain, Flow)
    assert plain.direction == "right"
    assert [(edge.label, edge.forward, edge.backward) for edge in plain.edges] == [
        ("HTTPS", True, False),
        ("", True, True),
        ("", False, False),
    ]
    assert plain.nodes["Cache"].group == "Inside"


def test_sequences_trees_timelines_and_json_are_told_apart() -> None:
    sequence = parsed("participant U as User\nU->>A: hello\nA-->>U: hi\nNote over U,A: done")
    assert isinstance(sequence, Sequence)
    assert sequence.people == {"U": "User", "A": "A"}
    assert [(each.text, each.dashed, each.note) for each in sequence.messages] == [
        ("hello", False, False),
        ("hi", True, False),
        ("done", False, True),
    ]
    tree = parsed("Root\n  One\n    Deep\n  Two")
    assert isinstance(tree, Branch)
    assert [child.label for child in tree.children] == ["One", "Two"]
    timeline = parsed("1969: First message | lo\n1989: The Web")
    assert timeline == [Event("1969", "First message", "lo"), Event("1989", "The Web", "")]
    flow = parsed(
        '{"nodes": ["a", {"id": "b", "shape": "store"}], "edges": [["a", "b", "x"], {"from": "b", "to": "c"}]}'
    )
    assert isinstance(flow, Flow)
    assert list(flow.nodes) == ["a", "b", "c"]
    assert isinstance(parsed('{"label": "r", "children": ["a", {"label": "b"}]}'), Branch)
    assert isinstance(parsed('[{"when": "now", "title": "x"}]'), list)
    assert isinstance(parsed('{"messages": [{"from": "a", "to": "b", "text": "x"}]}'), Sequence)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("A -> ", "names no node where one must be"),
        ("A -> B] what", "is not understood at '] what'"),
        ("A ->> B: x\nfoo", "'foo' is not understood: write A ->> B: text"),
        ("{", "no sound JSON"),
        ('{"nodes": [{"id": "a", "shape": "star"}]}', "'star' is no shape: choose box"),
        ('{"nodes": ["a"], "edges": [{"from": "a"}]}', "an edge needs from and to"),
        ("[1]", "an event is an object"),
        ("\n".join(f"A{n} -> B{n}" for n in range(200)), "400 nodes and 200 edges; at most 250"),
        ("A[" + "x" * 500 + "]", "label has 500 characters"),
        ("x" * 100_001, "the limit is 100,000"),
    ],
)
def test_what_is_not_understood_is_named_with_what_would_be(text: str, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        parsed(text, "flow" if text.startswith("A") and "->>" not in text else "auto")


NAMES = "abcdefgh"
GRAPHS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=16)


@settings(deadline=None, max_examples=80)
@given(GRAPHS)
def test_no_node_lies_on_another_and_edges_run_down_the_ranks(edges: list[tuple[str, str, bool]]) -> None:
    names = dict.fromkeys(name for start, end, _ in edges for name in (start, end))
    spots = {name: Spot(100, 40) for name in names}
    labels = [(60.0, 20.0) if labelled and start != end else None for start, end, labelled in edges]
    layout = laid_out(spots, [(start, end) for start, end, _ in edges], labels)
    for one, other in combinations(spots.values(), 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2 or abs(one.y - other.y) >= 40
        assert apart
    for (start, end, _), steps in zip(edges, layout.paths, strict=True):
        assert (steps[0], steps[-1]) == (start, end)
        ranks = [layout.spots[name].rank for name in steps]
        assert ranks in (sorted(ranks), sorted(ranks, reverse=True))


@pytest.mark.parametrize(
    "edges",
    [
        ["AD", "AC", "BD"],
        ["AX", "BY", "CZ", "AY"],
        ["ad", "ae", "be", "cf"],
        ["12", "13", "24", "35", "46", "56"],
    ],
)
def test_simple_graphs_are_drawn_without_crossings(edges: list[str]) -> None:
    spots = {name: Spot(80, 40) for name in dict.fromkeys("".join(edges))}
    layout = laid_out(spots, [(edge[0], edge[1]) for edge in edges], [None] * len(edges))
    steps = [pair for way in layout.paths for pair in pairwise(way)]
    for (a, b), (c, d) in combinations(steps, 2):
        places = [layout.spots[name] for name in (a, b, c, d)]
        if places[0].rank == places[2].rank and len({a, b, c, d}) == 4:
            assert (places[0].x - places[2].x) * (places[1].x - places[3].x) >= 0


def test_every_kind_is_drawn_in_its_frame_and_described(tmp_path: Path) -> None:
    texts = [
        REQUEST,
        REQUEST.replace("TD", "LR"),
        "U->>A: hello\nA->>A: think about it for a while\nA-->>U: hi",
        "Root\n  One\n    Deep\n  Two",
        "1969: First message | lo\n1989: The Web",
        "A -> A: again\nA -> B",
    ]
    for text in texts:
        found = parsed(text)
        svg, size = drawn(found, LIGHT, title="A title that is there")
        assert "nan" not in svg
        assert sanitised(svg)[0].left_out == []
        facts, _ = done(diagram, [], tmp_path, text=text, title="A title that is there")
        image = opened(tmp_path, facts)
        assert image.size == size
        rim = [image.convert("RGB").crop(box) for box in rims(image.size)]
        assert all(part.getextrema() == ((255, 255),) * 3 for part in rim)
        assert summary(found, "A title that is there") == facts["outputs"][0]["alt"]


def rims(size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """The four edges of a picture."""
    wide, high = size
    return [(0, 0, wide, 8), (0, high - 8, wide, high), (0, 0, 8, high), (wide - 8, 0, wide, high)]


@settings(deadline=None, max_examples=100)
@given(
    st.text(alphabet='AB ->|[]{}():;\n&.="x', max_size=60),
    st.sampled_from(["auto", "flow", "sequence", "tree", "timeline"]),
)
def test_any_text_is_a_diagram_or_a_sentence(text: str, kind: Any) -> None:
    try:
        found = parsed(text, kind)
    except ToolFailed:
        return
    assert re.match(r"<svg ", drawn(found, LIGHT)[0])
