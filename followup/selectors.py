"""The answers that staff look at, as lists: new, marked, handled; for some teams, or one's own list."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from citizens.models import NAMED_BY
from citizens.residents import lives_in
from followup.following import is_on_list_of
from followup.models import Attention, AttentionQuerySet
from followup.teams import Teams
from municipalities.models import Municipality

MOST_COUNTED = 99
"""Numbers in tabs stop here: nobody calls a hundred citizens before lunch, and counting them all costs every page."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose citizens a list is of: the municipality's, in these teams, and on an employee's own list if it is given.

    `questionnaire_id` narrows lists of answers to one questionnaire.
    """

    municipality: Municipality
    teams: Teams
    followed_by: UUID | None = None
    questionnaire_id: UUID | None = None

    @property
    def parts(self) -> dict[str, Any]:
        """Itself as values of a compiled query; `of_parts` puts them together again."""
        return {
            "municipality_id": self.municipality.pk,
            "team_ids": self.teams.ids,
            "followed_by": self.followed_by,
            "questionnaire_id": self.questionnaire_id,
        }

    @classmethod
    def of_parts(
        cls,
        *,
        municipality_id: int,
        team_ids: tuple[int, ...] | None,
        followed_by: UUID | None,
        questionnaire_id: UUID | None,
    ) -> "Whose":
        return cls(Municipality(pk=municipality_id), Teams(team_ids), followed_by, questionnaire_id)


def answers_of(whose: Whose) -> AttentionQuerySet:
    """The answers in force of citizens who live there."""
    rows = Attention.objects.in_force().filter(lives_in(whose.municipality), municipality=whose.municipality)
    rows = whose.teams.only(rows)
    if whose.followed_by is not None:
        rows = rows.filter(is_on_list_of(whose.followed_by, "citizen"))
    if whose.questionnaire_id is not None:
        rows = rows.filter(questionnaire=whose.questionnaire_id)
    return rows


def with_what_is_shown(rows: QuerySet[Attention]) -> QuerySet[Attention]:
    """With all that a line of a list says, but for scores: `title` and `language` are the questionnaire's."""
    # In this way mypy lets the model say their types.
    named = {"title": F("response__version__title"), "language": F("response__version__language")}
    return (
        rows.select_related("citizen", "handled_by")
        .only(
            "answered_at",
            "colour",
            "worsened",
            "seriousness",
            "handled_at",
            "note",
            *(f"citizen__{name}" for name in NAMED_BY),
            "handled_by__name",
        )
        .annotate(**named)
    )


def attention_to(response_id: UUID, municipality: Municipality) -> Attention | None:
    """Of one answer in force; None where it is not there, as for one that was given before there were lists."""
    rows = Attention.objects.in_force().filter(municipality=municipality, pk=response_id)
    return rows.select_related("handled_by").first()
