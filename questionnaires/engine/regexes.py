"""Patterns (`regex`) of imported forms: read once, and never allowed to hang or swell the server.

A pattern must describe the whole answer, as FHIR's extension `regex` and HTML's `pattern` mean it. Some forms
write a FHIRPath call instead, `matches('^[0-9]{4}$')` (seen in Australia's health checks): then the pattern is
what stands in the call, and it may be found anywhere in the answer, as FHIRPath's `matches` does.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import regex  # type: ignore[import-untyped, unused-ignore]

T = TypeVar("T")

PATTERN_SECONDS = 0.1
"""How long a pattern may take on one answer."""

BUDGET_SECONDS = 0.5
"""How long all patterns of one response may take together; what comes after is not checked, and said so."""

LONGEST_PATTERN = 10_000
LARGEST_PATTERN = 20_000
"""How many characters a pattern may stand for once its counts ({1000}) are written out."""

_CALL = re.compile(r"\s*(?:\$this\.)?matches\(\s*'((?:[^'\\]|\\.)*)'\s*\)\s*", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}", re.ASCII)


class PatternRefused(ValueError):
    """A pattern that cannot be used; its text says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern ready to use. `whole`: must it describe the whole answer, or be found somewhere in it?"""

    compiled: Any
    whole: bool

    def fits(self, text: str, *, seconds: float = PATTERN_SECONDS) -> bool:
        """Does the text fit? Raises TimeoutError after so many seconds."""
        match = self.compiled.fullmatch if self.whole else self.compiled.search
        return match(text, timeout=seconds) is not None


@dataclass(slots=True)
class PatternTime:
    """The time that is left for all the patterns of one response."""

    seconds: float = BUDGET_SECONDS

    def spend(self, use: Callable[[float], T]) -> T:
        """Do something with a pattern, `use(seconds)`, in the time that is left. Raises TimeoutError."""
        if self.seconds <= 0:
            raise TimeoutError
        began = time.perf_counter()
        try:
            return use(min(PATTERN_SECONDS, self.seconds))
        finally:
            self.seconds -= time.perf_counter() - began

    def fits(self, pattern: str, text: str) -> bool | None:
        """Does the text fit the pattern? None if that cannot be said (in time, or because it is no pattern)."""
        try:
            return self.spend(lambda seconds: read_pattern(pattern).fits(text, seconds=seconds))
        except (TimeoutError, PatternRefused):
            return None


@lru_cache(maxsize=1024)
def read_pattern(text: str) -> Pattern:
    """The pattern ready to use. Raises PatternRefused."""
    call = _CALL.fullmatch(text)
    if call is None:
        return Pattern(compile_bounded(text), whole=True)
    inner = re.sub(r"\\(.)", lambda found: _unescaped(found[1]), call[1], flags=re.DOTALL)
    return Pattern(compile_bounded(inner), whole=False)


def _unescaped(character: str) -> str:
    """A FHIRPath string escape; any other backslash belongs to the pattern, as forms write it."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character in "'\"`/\\" else f"\\{character}"


@lru_cache(maxsize=1024)
def compile_bounded(text: str, flags: int = 0) -> Any:
    """A compiled pattern of bounded size. Raises PatternRefused."""
    if len(text) > LONGEST_PATTERN:
        raise PatternRefused(f"more than {LONGEST_PATTERN} characters")
    if _written_out(text) > LARGEST_PATTERN:
        raise PatternRefused(f"stands for more than {LARGEST_PATTERN} characters")
    try:
        return regex.compile(text, flags)
    except (regex.error, RecursionError, OverflowError, MemoryError, ValueError) as error:
        raise PatternRefused(str(error) or type(error).__name__) from error


def _written_out(text: str) -> int:
    """About how long the pattern is with its least counts written out, which is what compiling it costs.

    `(a{1000}){1000}` is a million: 0.5 s and 250 MB for 15 characters. Counts inside character classes and after
    escapes are read as counts too, which only makes the estimate larger where nobody writes numbers.
    """
    sizes = [0]
    last = 0
    index = 0
    while index < len(text):
        character = text[index]
        count = _COUNT.match(text, index) if character == "{" else None
        if count is not None:
            # Not more digits than any bound needs: int() of a very long number would itself be slow.
            sizes[-1] += last * (max(int(count[1][:9]), 1) - 1)
            last *= max(int(count[1][:9]), 1)
            index = count.end()
            continue
        if character == "(":
            sizes.append(0)
            last = 0
        elif character == ")" and len(sizes) > 1:
            last = sizes.pop() + 1
            sizes[-1] += last
        else:
            last = 1
            sizes[-1] += 1
            index += character == "\\"
        index += 1
    return sum(sizes)
