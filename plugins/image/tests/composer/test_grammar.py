"""Sentences and what is read in them."""

from __future__ import annotations

import pytest
from massgen_image.composer.words.grammar import read

SENTENCES: dict[str, list[str]] = {
    # nouns, numbers, plurals
    "a cat": ["cat"],
    "cats": ["cat x3"],
    "two mice and three geese": ["mouse x2", "goose x3"],
    "five wolves": ["wolf x5"],
    "12 sheep": ["sheep x12"],
    "a flock of birds": ["bird x7"],
    "a couple of foxes": ["fox x2"],
    "a dozen eggs": ["egg x12"],
    "children": ["boy x3"],
    "a few cherries": ["cherry x3"],
    "knives": [],
    "a pair of glasses": ["glasses"],
    "glasses": ["glasses"],
    "leaves": ["leaf x6"],
    "three glasses": ["glass x3"],
    "three books": ["book x3"],
    "some policemen": ["police officer x3"],
    # heads of noun runs, longest names first
    "city office": ["office"],
    "post office": ["post office"],
    "a fire truck": ["fire truck"],
    "an ice cream": ["ice cream"],
    "a polar bear and a bear": ["polar bear", "bear"],
    "a hot air balloon and a balloon": ["hot air balloon", "balloon"],
    "an apple tree": ["apple tree"],
    "a slice of pizza": ["pizza"],
    "a cup of coffee": ["cup"],
    "a bowl of soup": ["bowl"],
    # synonyms
    "a puppy, a kitten and a bunny": ["dog", "cat", "rabbit"],
    "an automobile": ["car"],
    "a spaceship": ["rocket"],
    "a sofa, a couch": ["sofa", "sofa"],
    # colours
    "a red car": ["car red"],
    "a light blue bird": ["bird light blue"],
    "a dark green tree": ["tree dark green"],
    "a black and white cow": ["cow black+white"],
    "an orange cat": ["cat orange"],
    "an orange": ["orange"],
    "an orange and a lemon": ["orange", "lemon"],
    "a small orange fish": ["fish orange small"],
    "a red and blue ball": ["ball red+blue"],
    "a chocolate cake": ["cake chocolate"],
    "red and white mushrooms": ["mushroom x3 red+white"],
    "a blue-green parrot": ["parrot blue+green"],
    # sizes
    "a tiny mouse": ["mouse tiny"],
    "a huge elephant": ["elephant huge"],
    "a baby elephant": ["elephant baby"],
    "a baby": ["baby"],
    "a toy train": ["train toy"],
    # relations
    "a cat under a tree": ["cat", "tree", "cat under tree"],
    "a cat and a dog under a tree": ["cat", "dog", "tree", "cat under tree", "dog under tree"],
    "an astronaut riding a horse": ["astronaut", "horse", "astronaut ride horse"],
    "a book on top of a box": ["book", "box", "book on box"],
    "a car next to a house": ["car", "house", "car beside house"],
    "a cat in front of a door": ["cat", "door", "cat front door"],
    "a bird above a house": ["bird", "house", "bird above house"],
    "on a table there is a cup": ["table", "cup", "cup on table"],
    "a table with a cup on it": ["table", "cup", "cup on table"],
    "a rose between a house and a tree": ["rose", "house", "tree", "rose between house and tree"],
    "a girl holding a red balloon": ["girl", "balloon red", "girl hold balloon"],
    "a man wearing a hat": ["man", "hat", "man wear hat"],
    "a boy flying a kite": ["boy", "kite", "boy hold kite"],
    "a vase of flowers on a table": ["vase", "flower x5", "table", "vase of flower", "vase on table"],
    "a glass of water": ["glass"],
    "a desk with a lamp and a cup of coffee": ["table", "lamp", "cup", "table with lamp", "table with cup"],
    "a sofa, a chair and a cat on the sofa": ["sofa", "chair", "cat", "cat on sofa"],
    "a sofa and a lamp. The cat is on the sofa": ["sofa", "lamp", "cat", "cat on sofa"],
    "a basket of eggs under a tree": ["basket", "egg x3", "tree", "basket of egg", "basket under tree"],
    "a rabbit eating a carrot": ["rabbit", "carrot", "rabbit hold carrot"],
    "a boy with a dog, holding a kite": ["boy", "dog", "kite", "boy with dog", "boy hold kite"],
    "a girl in a yellow raincoat and a brown dog": ["girl", "dog brown"],
    "a brick house": ["house brick"],
    "colorful fish": ["fish x3"],
    "a cat in front of the window": ["cat", "window", "cat front window"],
    "a woman in a blue dress on a bench": ["woman", "dress blue", "bench", "woman wear dress", "woman on bench"],
    "a cat. The cat is black": ["cat black"],
    "there is a house that is red and white, and a tree": ["house red+white", "tree"],
    "there is a red house": ["house red"],
    "a girl in a field of sunflowers": ["girl", "sunflower x9", "girl in sunflower"],
    "a cat on the grass": ["cat"],
    "an apple pie and a lemon": ["lemon"],
    "a truck in front of a fire station": ["truck"],
    "a cat sleeping, a dog asleep": ["cat", "dog"],
    "a giraffe looking over a fence": ["giraffe", "fence", "giraffe over fence"],
    "a house without people": ["house"],
}  # fmt: skip


def told(prompt: str) -> list[str]:
    reading = read(prompt)
    things = reading.things
    lines: list[str] = []
    for thing in things:
        words = [thing.motif]
        words += [f"x{thing.count}"] if thing.count != 1 else []
        words += ["+".join(thing.colour_words)] if thing.colour_words else []
        words += [thing.size_word] if thing.size_word else []
        lines.append(" ".join(words))
    for link in reading.links:
        line = f"{things[link.child].motif} {link.relation} {things[link.parent].motif}"
        lines.append(line if link.other is None else f"{line} and {things[link.other].motif}")
    return lines


@pytest.mark.parametrize("prompt", SENTENCES)
def test_a_sentence_is_read(prompt: str) -> None:
    assert told(prompt) == SENTENCES[prompt]


CIRCUMSTANCES = {
    "a fox in a snowy forest at night": ("forest", "night", "winter", set[str]()),
    "a boat at sunset": ("", "sunset", "", set[str]()),
    "rain over the city": ("city", "", "", {"rain"}),
    "a foggy autumn morning in the park": ("park", "dawn", "autumn", {"fog"}),
    "a storm at sea": ("sea", "", "", {"storm"}),
    "an astronaut on the moon": ("lunar", "", "", set[str]()),
    "a moon": ("", "night", "", set[str]()),
    "a fish under the sea": ("underwater", "", "", set[str]()),
    "a windy day at the beach": ("beach", "day", "", {"wind"}),
    "a city street": ("street", "", "", set[str]()),
}


@pytest.mark.parametrize("prompt", CIRCUMSTANCES)
def test_place_time_season_and_weather_are_read(prompt: str) -> None:
    reading = read(prompt)
    assert (reading.place, reading.time, reading.season, reading.weather) == CIRCUMSTANCES[prompt]


def test_a_palette_is_read() -> None:
    assert read("a team of people, pastel colors").palette == "pastel"
    assert read("a pastel blue car").palette == ""


UNKNOWN = {
    "a cat and a dog under a tree at night with moon and stars": [],
    "Please draw me a picture of a red car, thank you": ["thank"],
    "a zorgle on a table": ["zorgle"],
    "a cat with existential dread": ["existential", "dread"],
    "a very fast red car": ["fast"],
    "an ice cream truck": ["ice cream"],
    "a blue sky": [],
    "a purple sky": ["purple"],
    "a cat dancing": ["dancing"],
    "draw the sun": [],
    "an apple pie": ["apple pie"],
    "a flat vector illustration of a cat, minimalist style": [],
    "a cat made of brick": ["made", "brick"],
}


@pytest.mark.parametrize("prompt", UNKNOWN)
def test_words_that_cannot_be_drawn_are_reported(prompt: str) -> None:
    """Function words are not; each word once, in order."""
    assert read(prompt).unknown == UNKNOWN[prompt]


def test_what_was_said_about_an_unknown_thing_is_not_said_about_the_next_one() -> None:
    """The red zorgle does not make the cat red, and nothing is on it."""
    assert told("a red zorgle and a cat") == ["cat"]
    assert told("a dog on a red zorgle and a cat") == ["dog", "cat"]


def test_a_crowd_has_an_end() -> None:
    """Of one thing, and of all; what has no room is reported."""
    assert read("9999999999 cats").things[0].count == 24
    reading = read("30 cats, 30 dogs, 30 cows and 30 pigs")
    assert [thing.count for thing in reading.things] == [24, 24, 16]
    assert reading.unknown == ["pig"]


def test_none_is_none() -> None:
    assert told("0 cats under a tree") == ["tree"]


def test_a_very_long_prompt_is_read_up_to_its_limit() -> None:
    assert sum(thing.count for thing in read("a cat and two dogs and " * 100_000).things) == 64


def test_mountains_stand_behind_another_place() -> None:
    reading = read("a boat on a lake in the mountains")
    assert (reading.place, reading.beyond) == ("lake", "mountains")
