"""The names of a score's intervals, such as “let” and “svær”: our own extension, since FHIR has none.

    {"url": "https://kommunalpro.dk/fhir/StructureDefinition/score-band", "extension": [
        {"url": "min", "valueDecimal": 0}, {"url": "max", "valueDecimal": 9}, {"url": "name", "valueString": "Let"}]}

One a band, both ends included. What the citizen is told in an interval is FUT's feedback (`answer_meaning`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .reading import elements, extension_text, extension_value
from .values import decimal_of

SCORE_BAND = "https://kommunalpro.dk/fhir/StructureDefinition/score-band"


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """What a score from `minimum` to `maximum`, both included, is called."""

    minimum: Decimal
    maximum: Decimal
    name: str


def read_score_bands(json: Mapping[str, Any]) -> tuple[ScoreBand, ...]:
    """The bands of an item's JSON, in its order. What cannot be read is as if it were not there."""
    found = []
    for element, _ in elements(json, "extension", ""):
        if element.get("url") != SCORE_BAND:
            continue
        low, high = (
            decimal_of(extension_value(element, end, "valueDecimal", "valueInteger"))
            for end in ("min", "max")
        )
        name = extension_text(element, "name")
        if name and low is not None and high is not None and low <= high:
            found.append(ScoreBand(low, high, name))
    return tuple(found)


def band_of(bands: Iterable[ScoreBand], score: Decimal) -> ScoreBand | None:
    """The band in which a score lies, None where it lies in none."""
    return next((band for band in bands if band.minimum <= score <= band.maximum), None)
