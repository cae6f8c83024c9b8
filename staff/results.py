"""The scores of one answer with what the form calls them, for the screen, the paper and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from followup.journal_text import JournalScore
from plans.selectors import ScoreReading
from questionnaires.bands import bands_in
from questionnaires.engine import Definition
from questionnaires.engine.score_bands import band_of
from staff.templatetags.figures import figure


@dataclass(frozen=True, slots=True)
class Result:
    """A score, and the name of the band it lies in, “” where the form has none for it."""

    score: ScoreReading
    band: str

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
