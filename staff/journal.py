"""What an answer says, as facts for the journal's text."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from followup.journal_models import JournalPart
from followup.journal_text import JournalFacts, JournalScore
from questionnaires.answers import AnsweredGroup
from questionnaires.models import Response
from questionnaires.significance_words import ColouredAnswer
from staff.free_text import FreeText
from staff.results import Result


def facts_of(
    response: Response,
    *,
    results: list[Result],
    coloured: list[ColouredAnswer],
    free_texts: list[FreeText],
    groups: list[AnsweredGroup],
) -> JournalFacts:
    """The facts of a response in force, in words."""
    return JournalFacts(
        when=date_format(timezone.localtime(response.completed_at), "DATETIME_FORMAT"),
        questionnaire=response.version.title,
        given=_given(response),
        scores=[result.as_journal for result in results],
        coloured=[(colour_word(one.colour), one.question, one.answer) for one in coloured],
        own_words=[(one.question, one.text) for one in free_texts],
        answers=[(item.question, item.answers) for group in groups for item in group.items],
    )


def colour_word(colour: str) -> str:
    """The colour's name, as the screen says it beside its shape."""
    return {"red": _("Rød"), "yellow": _("Gul"), "green": _("Grøn")}[colour]


def _given(response: Response) -> str:
    """How the answers came, where the citizen did not give them alone."""
    if response.is_registered:
        return _("Skrevet ind af kommunen")
    if response.mode == Response.Mode.ASSISTED:
        return _("Besvaret med hjælp")
    return ""


def made_up_facts() -> JournalFacts:
    """An answer of nobody's, to show what a choice of parts looks like."""
    return JournalFacts(
        when=_("24. november 2026 kl. 9.15"),
        questionnaire=_("Smerter i hverdagen"),
        scores=[
            JournalScore(
                name=_("Smerter"), value="7", unit=_("point"), band=_("svær"), change=_("2 højere end sidst")
            )
        ],
        coloured=[(colour_word("red"), _("Hvor ondt har du haft?"), "8")],
        own_words=[(_("Hvad betyder mest for dig?"), _("At kunne gå ned til søen."))],
        answers=[
            (_("Hvor ondt har du haft?"), ["8"]),
            (_("Hvad hjælper?"), [_("Hvile"), _("Varme")]),
        ],
    )


def usual_place(part: JournalPart, parts: tuple[JournalPart, ...]) -> int:
    """Where a part stands in the text, counted from one; 0 where it is left out."""
    return parts.index(part) + 1 if part in parts else 0
