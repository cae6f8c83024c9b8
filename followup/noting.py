"""A submitted answer becomes something to look at, in the transaction that submits it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from followup.models import SERIOUS, Attention, Colour
from kommunalpro.compiled_queries import insert
from questionnaires import engine
from questionnaires.engine import AnswerSignificance
from questionnaires.models import Response

_ORDER = [colour.value for colour in Colour]


def note_answer(
    *, response: Response, care_team_id: int, found: Iterable[AnswerSignificance], at: datetime
) -> Attention:
    """Put a completed response on staff's lists; `found` are its colours, none without decision support.

    Call inside the transaction that completes it. Costs one statement, and one more where there are colours.
    """
    row = attention_of(response=response, care_team_id=care_team_id, found=found, at=at)
    if row.colours:
        row.worsened = is_worse(row.colours, _colours_before(row))
    insert(row)
    return row


def attention_of(
    *, response: Response, care_team_id: int, found: Iterable[AnswerSignificance], at: datetime
) -> Attention:
    """The unsaved row of a response, but for whether it is worse than the one before."""
    found = tuple(found)
    colour = engine.most_serious(found)
    return Attention(
        response=response,
        municipality_id=response.municipality_id,
        citizen_id=response.citizen_id,
        care_team_id=care_team_id,
        questionnaire_id=response.version.questionnaire_id,
        answered_at=at,
        colours=colours_by_item(found),
        colour=colour.value if colour else "",
    )


def colours_by_item(found: Iterable[AnswerSignificance]) -> dict[str, str]:
    """The most serious colour of each item that has one, by link id."""
    colours: dict[str, str] = {}
    for one in found:
        before = colours.get(one.link_id)
        if before is None or _ORDER.index(one.colour.value) > _ORDER.index(before):
            colours[one.link_id] = one.colour.value
    return colours


def is_worse(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether an item is yellow or red now and was less serious the time before.

    An item that had no colour then, or was not asked, cannot have become worse: nobody knows what it was.
    """
    return any(
        colour in SERIOUS and link_id in before and _ORDER.index(colour) > _ORDER.index(before[link_id])
        for link_id, colour in now.items()
    )


def _colours_before(row: Attention) -> dict[str, str]:
    """Of the citizen's answer before this one to the same questionnaire; of a corrected answer, before the first."""
    answered_at = row.answered_at
    for former in row.response.earlier():
        answered_at = former.completed_at or answered_at
    earlier = Attention.objects.in_force().filter(
        citizen=row.citizen_id, questionnaire=row.questionnaire_id, answered_at__lt=answered_at
    )
    found = earlier.order_by("-answered_at").values_list("colours", flat=True).first()
    return found or {}


def move_to_team(*, episode_id: UUID, care_team_id: int) -> int:
    """Another team follows a course: what nobody has looked at of its answers comes on that team's lists."""
    waiting = Attention.objects.filter(handled_at__isnull=True, response__task__care_plan__episode=episode_id)
    return Attention.objects.filter(pk__in=waiting.values("pk")).update(care_team=care_team_id)
