"""What a score's rule is, and the FHIRPath that says it: written, and read back from the expression alone.

    iif(%resource.repeat(item).where(linkId in ('a' | 'b')).answer.count() = 2,
        (%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()), {})

An expression is ours where it says what we would write, in whatever order and by whatever way: questions are moved.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .tree import Json, Path, link_id_of, node_at, walk

LARGEST_WEIGHT = Decimal(1000)


class Calculation(StrEnum):
    """How the answers become one number."""

    SUM = "sum"
    MEAN = "mean"


class Missing(StrEnum):
    """What happens where an answer is missing."""

    ALL = "all"
    AT_LEAST = "at-least"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Part:
    """A question that counts in a score, so many times."""

    question: str
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Scoring:
    """The rule of a score. `least`: how many must be answered, for `AT_LEAST`.

    With `AT_LEAST` a missing answer counts as the mean of those given; with `ZERO` as 0, where at least one is given.
    A mean is the weighted one: the sum of all answers times their weights, divided by the sum of the weights.
    """

    parts: tuple[Part, ...]
    calculation: Calculation = Calculation.SUM
    missing: Missing = Missing.ALL
    least: int = 0

    def __post_init__(self) -> None:
        """A rule that nobody could calculate is a mistake of who makes it."""
        if not self.parts or len({part.question for part in self.parts}) < len(self.parts):
            raise ValueError("a score needs questions, each once")
        if any(not 0 < part.weight <= LARGEST_WEIGHT for part in self.parts):
            raise ValueError("a weight is more than 0")
        if (self.missing is Missing.AT_LEAST) is not (1 <= self.least <= len(self.parts)):
            raise ValueError("how many answers are needed is said exactly where it matters")


_LINKS = r"'[^'\\]*'(?: \| '[^'\\]*')*"
_NEAR, _FAR = "%resource.repeat(item)", "%resource.descendants()"
_WAY = rf"(?P<way>{re.escape(_NEAR)}|{re.escape(_FAR)})\.where\(linkId in \((?P<links>{_LINKS})\)\)"
_TERM = re.compile(
    rf"{_WAY}\.answer\.value(?P<function>\.weight\(\))?\.sum\(\)(?: \* (?P<weight>\d+(?:\.\d+)?))?", re.DOTALL
)
_TEST = re.compile(rf"{_WAY}\.answer\.(?:count\(\) = (?P<count>\d+)|exists\(\))", re.DOTALL)
_FORM = re.compile(
    r"iif\((?P<gate>.+?), \((?P<sum>%resource.+)\)(?: / (?P<divisor>\d+(?:\.\d+)?))?, \{\}\)", re.DOTALL
)
_QUOTED = re.compile(r"'([^'\\]*)'")


@dataclass(frozen=True, slots=True)
class Said:
    """What an expression of ours says, in whatever order: two that say the same give the same number.

    `summed`: how each question is taken (`.weight()` or "") and its weight. `needed`: by which test each is found
    answered; `is_any`: one of them is enough. `near`: the questions looked for outside of answers only.
    """

    summed: Mapping[str, tuple[str, Decimal]]
    needed: Mapping[str, str]
    is_any: bool
    divisor: str | None
    near: frozenset[str] = field(compare=False)


def read_expression(expression: str) -> Said | None:
    """None for an expression that is not in our form."""
    found = _FORM.fullmatch(expression)
    if found is None:
        return None
    terms, tests = _series(_TERM, found["sum"], " + "), _series(_TEST, found["gate"], " and ")
    is_any = not tests or (len(tests) == 1 and tests[0]["count"] is None)
    if is_any:
        tests = _series(_TEST, found["gate"], " or ")
    summed = {
        link: (term["function"] or "", Decimal(term["weight"] or 1))
        for term in terms
        for link in _links(term)
    }
    needed = {link: "exists" if test["count"] is None else "count" for test in tests for link in _links(test)}
    if not (terms and tests) or not all(_is_ours(test, is_any=is_any) for test in tests):
        return None
    if len(summed) < sum(len(_links(term)) for term in terms):
        return None  # a question twice
    near = {link for one in (*terms, *tests) if one["way"] == _NEAR for link in _links(one)}
    return Said(summed, needed, is_any, found["divisor"], frozenset(near))


def _series(pattern: re.Pattern[str], text: str, between: str) -> list[re.Match[str]]:
    """What stands there one after the other, each in this form; nothing where anything else does."""
    found: list[re.Match[str]] = []
    place = 0
    while (match := pattern.match(text, place)) is not None:
        found.append(match)
        if match.end() == len(text):
            return found
        if not text.startswith(between, match.end()):
            break
        place = match.end() + len(between)
    return []


def _links(match: re.Match[str]) -> list[str]:
    return _QUOTED.findall(match["links"])


def _is_ours(test: re.Match[str], *, is_any: bool) -> bool:
    """Is every one of its questions asked for? That one of several is there says nothing of the others."""
    if is_any:
        return test["count"] is None
    return int(test["count"] or 1) == len(_links(test))


def expression_of(source: Json, rule: Scoring) -> str:
    """The FHIRPath of a rule. Questions of one weight and kind are summed together, in the form's order."""
    items = {link_id_of(item): (path, item) for path, item in walk(source)}
    order = {link_id: place for place, link_id in enumerate(items)}
    parts = sorted(rule.parts, key=lambda part: order[part.question])
    terms: dict[tuple[str, str, Decimal], list[str]] = {}
    for part in parts:
        path, item = items[part.question]
        function = ".weight()" if item.get("type") in ("choice", "open-choice") else ""
        terms.setdefault((way_to(source, path), function, part.weight), []).append(part.question)
    total = " + ".join(
        f"{_found(way, links)}.answer.value{function}.sum(){_times(weight)}"
        for (way, function, weight), links in terms.items()
    )
    divisor = ""
    if rule.calculation is Calculation.MEAN:
        divisor = f" / {_digits(sum((part.weight for part in parts), Decimal(0)))}"
    return f"iif({_gate(source, rule, parts, items)}, ({total}){divisor}, {{}})"


def _gate(
    source: Json, rule: Scoring, parts: Sequence[Part], items: Mapping[str, tuple[Path, dict[str, Any]]]
) -> str:
    """Whether enough is answered: all questions (those with one answer are counted), or any."""
    counted: dict[str, list[str]] = {}
    several: list[tuple[str, str]] = []
    for part in parts:
        path, item = items[part.question]
        if item.get("repeats") is True:
            several.append((way_to(source, path), part.question))
        else:
            counted.setdefault(way_to(source, path), []).append(part.question)
    if rule.missing is Missing.ZERO:
        tests = [f"{_found(way, links)}.answer.exists()" for way, links in counted.items()]
    else:
        tests = [f"{_found(way, links)}.answer.count() = {len(links)}" for way, links in counted.items()]
    tests += [f"{_found(way, [link_id])}.answer.exists()" for way, link_id in several]
    return (" or " if rule.missing is Missing.ZERO else " and ").join(tests)


def way_to(source: Json, path: Path) -> str:
    """What reaches a question: `repeat(item)` goes down through groups, but not through answers."""
    return _FAR if is_below_an_answer(source, path) else _NEAR


def is_below_an_answer(source: Json, path: Path) -> bool:
    """Does it stand below a question, where `repeat(item)` does not come?"""
    above = (node_at(source, path[:end]) for end in range(1, len(path)))
    return any(item.get("type") != "group" for item in above)


def _found(way: str, links: Sequence[str]) -> str:
    named = " | ".join(f"'{one}'" for one in links)
    return f"{way}.where(linkId in ({named}))"


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _times(weight: Decimal) -> str:
    return "" if weight == 1 else f" * {_digits(weight)}"
