"""How well words are recognised."""

import re

_SAME: dict[str, str] = {"harbour": "harbor", "colour": "color", "grey": "gray", "ok": "okay", "3rd": "third"}
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def words_of(text: str) -> list[str]:
    """A text as words that are compared: no signs, small numbers as words, one spelling."""
    found: list[str] = re.findall(r"[a-z0-9']+", text.lower().replace("-", " "))
    return [_NUMBERS[int(word)] if word.isdigit() and int(word) <= 12 else _SAME.get(word, word) for word in found]


def word_error_rate(expected: str, found: str) -> float:
    """Words that were left out, put in or changed, as a share of those expected (Levenshtein's distance)."""
    right, heard = words_of(expected), words_of(found)
    costs = list(range(len(heard) + 1))
    for row, word in enumerate(right, 1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(heard, 1):
            before, costs[column] = (
                costs[column],
                min(costs[column] + 1, costs[column - 1] + 1, before + (word != other)),
            )
    return costs[-1] / len(right)
