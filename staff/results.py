"""The scores of one answer with what the form calls them, for the screen, the paper and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from followup.journal_text import JournalScore
from plans.selectors import ReadResponse, ScoreReading
from questionnaires.bands import bands_in
from questionnaires.engine import Definition
from questionnaires.engine.score_bands import band_of
from staff.rows import RowWriter
from staff.templatetags.figures import figure


class Way(StrEnum):
    """How a score moved since last time."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """How a score moved, and how far in figures."""

    way: Way
    size: str


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A score in words, as the lists of answers show it; `most` is the end of its scale."""

    name: str
    value: str
    unit: str
    most: str
    change: Change

    @property
    def has_unit(self) -> bool:
        return bool(self.unit)

    @property
    def has_scale(self) -> bool:
        return bool(self.most)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """An answer in a list about one citizen."""

    address: str
    title: str
    language: str
    scores: tuple[ScoreLine, ...]
    answered: str


@dataclass(frozen=True, slots=True)
class Result:
    """A score, and the name of the band it lies in, “” where the form has none for it."""

    score: ScoreReading
    band: str

    @property
    def change(self) -> Change:
        return change_of(self.score)

    @property
    def as_journal(self) -> JournalScore:
        """The same in words."""
        return JournalScore(
            name=self.score.name,
            value=figure(self.score.value),
            unit=self.score.unit,
            band=self.band,
            change=change_in_words(self.score),
        )


def results_of(scores: Sequence[ScoreReading], definition: Definition) -> list[Result]:
    """The scores of a response to this form, each with its band."""
    bands = bands_in(definition)
    return [
        Result(score, named.name if (named := band_of(bands.get(score.link_id, ()), score.value)) else "")
        for score in scores
    ]


def change_of(score: ScoreReading) -> Change:
    change = score.change
    if change is None:
        return Change(Way.FIRST, "")
    if not change:
        return Change(Way.SAME, "")
    return Change(Way.UP if change > 0 else Way.DOWN, figure(abs(change)))


def score_lines(scores: Sequence[ScoreReading]) -> tuple[ScoreLine, ...]:
    """The scores of one response."""
    return tuple(
        ScoreLine(
            name=score.name,
            value=figure(score.value),
            unit=score.unit,
            most="" if score.maximum is None else figure(score.maximum),
            change=change_of(score),
        )
        for score in scores
    )


def read_row(read: ReadResponse, write: RowWriter) -> ReadRow:
    """Needs the response's version."""
    version, completed_at = read.response.version, read.response.completed_at
    return ReadRow(
        address=write.address_of("staff:response", read.response.pk),
        title=version.title,
        language=version.text_language,
        scores=score_lines(read.scores),
        answered=write.say.moment(completed_at) if completed_at is not None else "",
    )


def change_in_words(score: ScoreReading) -> str:
    """“2 højere end sidst”; “” where there is nothing to compare with."""
    if score.change is None or score.change_size is None:
        return ""
    size = {"size": figure(score.change_size)}
    if score.change > 0:
        return _("%(size)s højere end sidst") % size
    if score.change < 0:
        return _("%(size)s lavere end sidst") % size
    return _("uændret siden sidst")
