"""A small grammar of prompts: noun phrases (number, size, colour, head noun) and the relations between them.

A sentence is cut into chunks, each the longest entry of the lexicon; the reader goes through them once. The head of a
run of nouns is its last one ("city office" is an office); what stands before it says where it is, or what it is made
of, or is reported. A relation speaks of the phrases joined by "and" before it, and of the phrase after it.
"""

from __future__ import annotations

from typing import cast

from massgen_image.composer.words.chunking import chunks
from massgen_image.composer.words.colours import COLOURS, MATERIALS, SHADES
from massgen_image.composer.words.lexicon import Chunk, meaning
from massgen_image.composer.words.phrase import Phrase, thing_of
from massgen_image.composer.words.reading import Link, Reading, Relation
from massgen_image.composer.words.tables import MOST_TOGETHER, SIZES

NATURAL = frozenset({"blue", "green", "white", "dark", "sandy", "golden"})  # a blue sky, a green field
DOING = frozenset({"hold", "wear", "ride", "drive"})
WORN = frozenset({"shirt", "dress", "shoe", "hat", "crown", "glasses"})
NIGHTLY = frozenset({"moon", "crescent moon", "star", "shooting star", "firework"})
STAYS = frozenset({"with", "hold", "wear", "filled"})  # "with a hat and a balloon" is with both


class _Reader:
    def __init__(self, prompt: str) -> None:
        self.chunks = chunks(prompt)
        self.at = 0
        self.reading = Reading()
        self.phrase = Phrase()
        self.group: list[int] = []  # what a relation that follows is about
        self.relation: str = ""
        self.states = False  # "is" was read
        self.opening = 0  # the first thing of the sentence: what ", holding a …" is about
        self.fronted: tuple[str, int] | None = None  # "on a table there is …"
        self.whole: int | None = None  # what a phrase that follows "of" is in
        self.ends: list[int] = []  # the things that something is between

    def read(self) -> Reading:
        for at, chunk in enumerate(self.chunks):
            self.at = at
            getattr(self, f"_{chunk.kind}")(chunk)
        self._finish()
        self._said()
        return self.reading

    # what each kind of chunk does

    def _number(self, chunk: Chunk) -> None:
        self._finish()
        lead = self.phrase
        self.phrase = Phrase(
            count=int(chunk.value[:6]), colours=lead.colours, words=lead.words, pose=lead.pose,
            pair=chunk.text == "pair of",
        )  # fmt: skip

    def _measure(self, chunk: Chunk) -> None:
        self._finish()

    def _colour(self, chunk: Chunk) -> None:
        if not self._goes_on() and ("noun" in chunk.also or chunk.text not in COLOURS):
            known = "noun" in chunk.also
            (self._noun if known else self._unknown)(
                Chunk("noun", meaning(chunk, "noun"), chunk.text) if known else chunk
            )
            return
        if self.phrase.head and self._goes_on():
            self._finish()
        shade = self.phrase.shade
        base = COLOURS.get(chunk.text) or MATERIALS[chunk.text]
        self.phrase.colours.append(SHADES[shade](base) if shade else base)
        self.phrase.words.append(f"{shade} {chunk.text}".strip())
        self.phrase.shade = ""

    def _shade(self, chunk: Chunk) -> None:
        if self._next() == "colour":
            self.phrase.shade = chunk.text
        elif chunk.text not in NATURAL:
            self._unknown(chunk)

    def _size(self, chunk: Chunk) -> None:
        if "noun" in chunk.also and not self._goes_on():
            self._noun(Chunk("noun", meaning(chunk, "noun"), chunk.text))
            return
        self._finish()
        self.phrase.size *= SIZES[chunk.text]
        self.phrase.size_word = chunk.text

    def _palette(self, chunk: Chunk) -> None:
        self._finish()
        self.reading.palette = chunk.value
        self.relation = ""

    def _varied(self, chunk: Chunk) -> None:
        self.phrase.varied = True

    def _noun(self, chunk: Chunk) -> None:
        before = self.phrase.head
        if before:
            self._modifier(before)
        self.phrase.head = chunk

    def _modifier(self, noun: Chunk) -> None:
        """A noun before another noun: what it is made of, or a word that is not drawn."""
        if noun.text in MATERIALS:
            self.phrase.colours.append(MATERIALS[noun.text])
            self.phrase.words.append(noun.text)
        else:
            self._report(noun.text)

    def _and(self, chunk: Chunk) -> None:
        loose = self.phrase.colours and not self.phrase.head and not self.phrase.lost
        self._finish()
        if not loose:
            self._break()

    def _stop(self, chunk: Chunk) -> None:
        if self.phrase.colours and not self.phrase.head and self._next() in ("colour", "size"):
            return
        self._finish()
        self._break()
        if chunk.text in (".", ";"):
            self.group = []
            self.opening = len(self.reading.things)

    def _relation(self, chunk: Chunk) -> None:
        self._finish()
        if chunk.value == "of":
            self.whole = len(self.reading.things) - 1 if self.reading.things and not self.phrase.lost else None
            self.phrase = Phrase()
            return
        self.whole = None
        self._break()
        if chunk.value in DOING and self._before() == "stop" and self.reading.things:
            self.group = [self.opening if self.opening < len(self.reading.things) else 0]
        self.relation = chunk.value
        self.ends = []
        self.phrase = Phrase()

    def _place(self, chunk: Chunk) -> None:
        self._finish()
        if self.whole is not None:  # "a glass of water"
            self.whole = None
            return
        modifies = self._next() == "noun"
        self._settled(chunk, modifies)
        if not modifies:
            self._report(*(word for word in self.phrase.words if word not in NATURAL))
            self.phrase = Phrase()
            self.relation = ""

    def _settled(self, chunk: Chunk, modifies: bool) -> None:
        """The first place named is where it is; mountains stand behind any other."""
        place = self.reading.place
        if "mountains" in (place, chunk.value) and place not in ("", chunk.value):
            self.reading.place = chunk.value if place == "mountains" else place
            self.reading.beyond = "mountains"
        elif not place or not modifies:
            self.reading.place = chunk.value

    def _time(self, chunk: Chunk) -> None:
        self._setting()
        self.reading.time = self.reading.time or chunk.value

    def _weather(self, chunk: Chunk) -> None:
        denied = self.relation == "no"
        self._setting()
        if denied:
            return
        self.reading.weather.add(chunk.value)

    def _season(self, chunk: Chunk) -> None:
        self._setting()
        self.reading.season = self.reading.season or chunk.value

    def _setting(self) -> None:
        if self.phrase.head:
            self._finish()
        if self.phrase.empty:
            self.relation = ""

    def _pose(self, chunk: Chunk) -> None:
        self._finish()
        if self.group and chunk.value == "air" and self._next() in ("number", "noun", "colour", "size"):
            self.relation = "hold"  # "flying a kite"
        elif self._next() == "noun" or not self.group:
            self.phrase.pose = chunk.value
        else:
            for index in self.group:
                self.reading.things[index].pose = chunk.value

    def _pronoun(self, chunk: Chunk) -> None:
        self._finish()
        earlier = [index for index in range(len(self.reading.things)) if index not in self.group]
        if self.relation and not self._turned() and earlier:
            children = {link.child for link in self.reading.links}
            self._link(next((index for index in earlier if index not in children), earlier[0]))
        self.relation = ""

    def _turned(self) -> bool:
        """ "A table with a cup on it": the cup is on the table, and no longer just with it."""
        links = self.reading.links
        own = [link for link in links if link.relation == "with" and link.child in self.group]
        for link in own:
            links[links.index(link)] = Link(cast("Relation", self.relation), link.parent, link.child)
        return bool(own)

    def _function(self, chunk: Chunk) -> None:
        if self.phrase.head:
            self._finish()
        self.phrase.known = self.phrase.known or chunk.text in ("the", "that", "this", "same")
        self.states = self.states or chunk.text in ("is", "are", "was", "were")

    def _unknown(self, chunk: Chunk) -> None:
        head = self.phrase.head
        if head and (head.plural or self._next() == "noun" or _acts(chunk.text)):
            head = None
        if head:  # an apple pie is no apple
            self.phrase.head = None
        self._finish()
        self.whole = None
        self._report(f"{head.text} {chunk.text}" if head else chunk.text)
        if self._next() == "noun":  # "a red shiny car"
            return
        self.phrase = Phrase(lost=True)
        if self.relation not in STAYS:
            self.relation = ""

    # the parts of it

    def _next(self) -> str:
        return self.chunks[self.at + 1].kind if self.at + 1 < len(self.chunks) else ""

    def _before(self) -> str:
        return self.chunks[self.at - 1].kind if self.at else ""

    def _goes_on(self) -> bool:
        """Whether a noun follows, after other words that describe it."""
        for chunk in self.chunks[self.at + 1 :]:
            if chunk.kind == "noun" or "noun" in chunk.also:
                return True
            if chunk.kind not in ("colour", "size", "shade", "varied", "and") or (
                chunk.kind == "and" and self.chunks[self.at].text not in COLOURS
            ):
                return False
        return False

    def _break(self) -> None:
        """A phrase ended: what was said about a noun that nobody can draw goes with it."""
        self._said()
        if self.phrase.lost or self.relation not in STAYS | {"between"}:
            self.relation = ""
        self.phrase = Phrase()

    def _said(self) -> None:
        """ "The cat is black": a colour without a noun after it belongs to the one before "is"."""
        phrase = self.phrase
        if self.states and phrase.colours and not (phrase.head or phrase.lost) and self.group:
            thing = self.reading.things[self.group[-1]]
            thing.colours, thing.colour_words = tuple(phrase.colours), tuple(phrase.words)
        self.states = False

    def _report(self, *words: str) -> None:
        self.reading.unknown += [word for word in words if word not in self.reading.unknown]

    def _finish(self) -> None:
        """The phrase's head is there: it becomes a thing, and takes its place."""
        phrase = self.phrase
        if not phrase.head:
            return
        self.phrase = Phrase()
        if self.relation == "no":
            self.relation = ""
            return
        if self.whole is not None:
            self._part(phrase, phrase.head)
            return
        index = self._seen(phrase, phrase.head)
        if self.relation:
            self._placed(index)
        elif index not in self.group:
            self.group.append(index)
            self._front()

    def _part(self, phrase: Phrase, head: Chunk) -> None:
        """What follows "of": "a cup of coffee" says one thing twice, "a vase of flowers" says two."""
        whole, self.whole = self.whole, None
        if whole is not None and self.reading.things[whole].motif != head.value:
            self.reading.things.append(thing_of(phrase, head))
            self.reading.links.append(Link("of", whole, len(self.reading.things) - 1))

    def _seen(self, phrase: Phrase, head: Chunk) -> int:
        """The thing of a phrase: a new one, or the one that "the" speaks of; what came before that is not on it."""
        things = self.reading.things
        for index, thing in enumerate(things):
            if phrase.known and phrase.count is None and not phrase.colours and thing.motif == head.value:
                self.group = self.group[-1:]
                return index
        things.append(thing_of(phrase, head))
        return len(things) - 1

    def _placed(self, index: int) -> None:
        if not self.group:
            self.fronted = (self.relation, index)
            self.relation = ""
            return
        if self.relation == "in" and self.reading.things[index].motif in WORN:
            self.relation = "wear"  # "a girl in a red dress"
        if self.relation == "between":
            self.ends.append(index)
            if len(self.ends) == 1 and self.reading.things[index].count < 2:
                return
        self._link(self.ends[0] if self.ends else index)
        if self.relation not in STAYS:
            self.group = [index]
            self.relation = ""

    def _link(self, parent: int) -> None:
        relation = cast("Relation", self.relation)
        other = self.ends[1] if len(self.ends) > 1 else None
        children = self.group[-1:] if relation in ("ride", "drive", "hold", "wear", "with", "filled") else self.group
        for child in children:
            if child != parent:
                self.reading.links.append(Link(relation, child, parent, other))

    def _front(self) -> None:
        if self.fronted:
            relation, parent = self.fronted
            self.reading.links.append(Link(cast("Relation", relation), self.group[-1], parent))


def _acts(word: str) -> bool:
    """Whether an unknown word after a noun is what the thing does or how it is, and not what it is."""
    return word.endswith(("ing", "ed", "s", "ly")) or word in ("asleep", "awake", "alone", "alive", "old", "made")


def read(prompt: str) -> Reading:
    """What a prompt says; what there is none of is left out, and what there is no room for is reported."""
    reading = _Reader(prompt).read()
    names = {thing.motif for thing in reading.things}
    if not reading.time and names & NIGHTLY and "sun" not in names:
        reading.time = "night"
    left, kept = MOST_TOGETHER, dict[int, int]()
    for index, thing in enumerate(reading.things):
        asked, thing.count = thing.count, min(thing.count, left)
        left -= thing.count
        if thing.count:
            kept[index] = len(kept)
        elif asked and thing.word not in reading.unknown:
            reading.unknown.append(thing.word)
    reading.things = [reading.things[index] for index in kept]
    ends = [(link, (link.child, link.parent, link.other)) for link in reading.links]
    reading.links = [
        Link(link.relation, kept[link.child], kept[link.parent], None if link.other is None else kept[link.other])
        for link, three in ends
        if all(end is None or end in kept for end in three)
    ]
    return reading
