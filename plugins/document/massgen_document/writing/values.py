"""What a cell's text means to a spreadsheet: a number, a date, or text that stays text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Kind = Literal["text", "number", "date", "datetime", "formula"]

_NUMBER = re.compile(
    r"(?P<sign>[-+−]?)(?P<unit>[$€£]?)(?P<digits>\d{1,3}(,\d{3})+|\d+)(?P<rest>\.\d+)?(?P<percent>\s?%?)\Z", re.ASCII
)
_SCIENTIFIC = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,3}\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?\Z")
_SAFE_DIGITS = 15
"""A spreadsheet's numbers are doubles: longer ones (of accounts, of cards) would be rounded."""

_REACHING = re.compile(
    r"\b(WEBSERVICE|FILTERXML|IMPORT\w*|RTD|CALL|REGISTER(\.ID)?|EXEC|DDE|HYPERLINK|IMAGE|STOCKHISTORY|EVALUATE)\s*\("
    r"|[|\[]|'?file:|https?:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A cell's value, and the number format that shows it as it was written (ECMA-376, 18.8.31)."""

    kind: Kind
    value: str | float | date | datetime
    shown_as: str = ""


def value_of(text: str, *, formulas: bool = False) -> Value:
    """The typed value of a cell's text.

    Numbers with leading zeros or more than 15 digits stay text. A formula is one only with ``formulas``.
    """
    text = text.strip()
    if text.startswith("=") and len(text) > 1 and formulas:
        return Value(kind="formula", value=text)
    if (match := _NUMBER.match(text)) and _is_number(match):
        return _number(match)
    if _SCIENTIFIC.match(text):
        return Value(kind="number", value=float(text), shown_as="0.00E+00")
    return _moment(text) or Value(kind="text", value=text)


def is_reaching(formula: str) -> bool:
    """Whether a formula reads from outside its file: the web, other files, other programs."""
    return _REACHING.search(formula) is not None


def _is_number(match: re.Match[str]) -> bool:
    digits = match["digits"].replace(",", "")
    has_zeros = len(digits) > 1 and digits.startswith("0")
    return not has_zeros and len(digits + (match["rest"] or ".")[1:]) <= _SAFE_DIGITS and match["sign"] != "+"


def _number(match: re.Match[str]) -> Value:
    number = float(match["digits"].replace(",", "") + (match["rest"] or ""))
    if match["sign"]:
        number = -number
    places = len(match["rest"] or ".") - 1
    shown = ("#,##0" if "," in match["digits"] else "0") + ("." + "0" * places if places else "")
    if match["percent"].strip():
        return Value(kind="number", value=round(number / 100, 15), shown_as=f"{shown}%")
    if match["unit"]:
        return Value(kind="number", value=number, shown_as=f'"{match["unit"]}"{shown}')
    return Value(kind="number", value=number, shown_as="General" if shown == "0" else shown)


def _moment(text: str) -> Value | None:
    try:
        if _DATE.match(text) and (day := date.fromisoformat(text)).year >= 1900:
            return Value(kind="date", value=day, shown_as="yyyy-mm-dd")
        if _MOMENT.match(text) and (moment := datetime.fromisoformat(text)).year >= 1900:
            has_seconds = moment.time() != time(moment.hour, moment.minute)
            return Value(kind="datetime", value=moment, shown_as="yyyy-mm-dd hh:mm" + ":ss" * has_seconds)
    except ValueError:
        return None
    return None
