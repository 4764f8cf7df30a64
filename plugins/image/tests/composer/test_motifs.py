"""Every drawing: there, inside its box, unlike the others, painted by a colour word."""

from __future__ import annotations

from collections import Counter

import pytest
from composer_pictures import MARGIN, drawing, share
from massgen_image.composer.motif import Look, Motif, Motifs
from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.words.lexicon import names

EVERY = list(MOTIFS.by_name.values())
MAGENTA = "#c026d3"  # the usual colour of nothing


def looks(motif: Motif) -> list[Look]:
    poses = [Look(seed=1, pose="sit"), Look(seed=2, pose="hold")] if "hip" in motif.spots else []
    return [Look(), Look(seed=5, night=True), *poses]


@pytest.mark.parametrize("motif", EVERY, ids=lambda motif: motif.name)
def test_a_drawing_is_there_and_inside_its_box(motif: Motif) -> None:
    """In every variation and pose; two units may look over the edge."""
    for look in looks(motif):
        alpha = drawing(motif, look).getchannel("A").point([0] * 61 + [255] * 195)
        left, top, right, foot = alpha.getbbox() or (0, 0, 0, 0)
        assert right - left > motif.w * 0.4
        assert foot - top > motif.h * 0.7
        assert min(left, top) >= MARGIN - 2
        assert right <= MARGIN + motif.w + 2
        assert foot <= MARGIN + motif.h + 2


def test_no_two_drawings_are_alike() -> None:
    small = Counter(drawing(motif, Look()).convert("RGBA").resize((24, 24)).tobytes() for motif in EVERY)
    assert small.most_common(1)[0][1] == 1


@pytest.mark.parametrize("motif", [motif for motif in EVERY if motif.paints], ids=lambda motif: motif.name)
def test_a_colour_word_paints_a_drawing(motif: Motif) -> None:
    """What is said to be magenta is, in all its tones; and it was not before."""
    painted = share(drawing(motif, Look(colours=(MAGENTA,))), MAGENTA, 0.16)
    plain = share(drawing(motif, Look()), MAGENTA, 0.1)
    assert painted > 0.035
    assert painted > plain * 2


def test_a_drawing_avoids_the_colours_of_other_things() -> None:
    """Where red belongs to something else, roofs are of another colour."""
    house = MOTIFS.by_name["house"]
    for seed in range(6):
        assert share(drawing(house, Look(seed=seed, avoid=("#e0413c",))), "#d9604f", 0.05) < 0.02


def test_at_least_120_nouns_in_many_subjects() -> None:
    assert len(EVERY) >= 300
    assert len({motif.subject for motif in EVERY}) >= 20


def test_no_word_names_two_drawings() -> None:
    words = Counter(word for motif in EVERY for word in (motif.name, *motif.words))
    assert [word for word, count in words.items() if count > 1] == []
    assert all(name in MOTIFS.by_name for name in names().values())


def test_two_drawings_of_one_name_are_an_error() -> None:
    motifs = Motifs()
    motifs.add("thing", (10, 10), 1, "ground")(lambda pen, look: None)
    with pytest.raises(ValueError, match="two drawings are called 'thing'"):
        motifs.add("thing, other", (10, 10), 1, "ground")(lambda pen, look: None)
