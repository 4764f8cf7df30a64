"""A noun phrase while it is read, and the thing that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field

from massgen_image.composer.words.lexicon import Chunk, names, singulars
from massgen_image.composer.words.reading import Thing
from massgen_image.composer.words.tables import MOST, UNCHANGED

PLURAL_COUNT = {"star": 14, "flower": 5, "tree": 4, "pine": 5, "bird": 4, "bubble": 6, "leaf": 6, "grass": 5}


@dataclass(slots=True)
class Phrase:
    """The noun phrase that is being read."""

    count: int | None = None
    colours: list[str] = field(default_factory=list[str])
    words: list[str] = field(default_factory=list[str])
    shade: str = ""
    size: float = 1.0
    size_word: str = ""
    varied: bool = False
    pose: str = ""
    head: Chunk | None = None
    pair: bool = False
    known: bool = False  # "the sofa", when there is one already
    lost: bool = False  # its head is a word that nobody can draw

    @property
    def empty(self) -> bool:
        return self.count is None and not self.colours and not self.size_word and not self.head


def thing_of(phrase: Phrase, head: Chunk) -> Thing:
    count = phrase.count if phrase.count is not None else _uncounted(phrase, head)
    if phrase.pair and head.text.endswith("s") and not head.plural:
        count = 1  # "a pair of glasses"
    elif count > 1 and not head.plural:  # "three books" are no three stacks of them
        head = next((Chunk("noun", names()[one], one) for one in singulars(head.text) if one in names()), head)
    return Thing(
        motif=head.value, word=head.text, count=max(0, min(count, MOST)),
        colours=tuple(phrase.colours), colour_words=tuple(phrase.words), size=max(0.3, min(3.0, phrase.size)),
        size_word=phrase.size_word, varied=phrase.varied, pose=phrase.pose,
    )  # fmt: skip


def _uncounted(phrase: Phrase, head: Chunk) -> int:
    """How many there are where no number is said: "cats" are three, "fish" too, "the fish" is one."""
    bare = head.text in UNCHANGED and not phrase.known
    return PLURAL_COUNT.get(head.value, 3) if head.plural or bare else 1
