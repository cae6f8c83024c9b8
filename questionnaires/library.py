"""Finding questionnaires: one row each, by words, area, owner, state and language, a page at a time."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Aggregate, Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from municipalities.models import Municipality
from municipalities.scope import Scope, within
from questionnaires.copying import newer_origins
from questionnaires.models import PublicationStatus, QuestionnaireVersion, UseCount

PAGE = 25

# Who builds meanwhile goes first.
_FIND_WORDS = """
WITH without AS (
    SELECT id FROM questionnaires_questionnaireversion WHERE words IS NULL FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE questionnaires_questionnaireversion version SET words = questionnaires_words(version.title, version.source)
FROM without WHERE version.id = without.id
"""


class Whose(StrEnum):
    """Owners as one who works for a municipality tells them apart."""

    OWN = "own"
    NATIONAL = "national"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; "" for anything."""

    words: str = ""
    area: str = ""
    whose: str = ""
    status: str = ""
    language: str = ""

    @property
    def asks(self) -> bool:
        """Whether it narrows anything."""
        return any((self.words, self.area, self.whose, self.status, self.language))


@dataclass(slots=True)
class Entry:
    """A questionnaire in the list: its newest version that may be seen, and how it is used.

    `active` is the number of the version in use where `version` is a later draft; `answers` are the last year's, of
    whoever asks; `newer` is the newer version of what it was copied from.
    """

    version: QuestionnaireVersion
    active: int | None = None
    plans: int = 0
    answers: int = 0
    newer: QuestionnaireVersion | None = field(default=None)


def search(search: Search, *, owner: Municipality | None, page: int | str = 1) -> Page[QuestionnaireVersion]:
    """A page of the newest visible versions by title; the number of queries is the same for any number of them."""
    visible = QuestionnaireVersion.objects.visible_in_kam(owner)
    newer = visible.filter(questionnaire=OuterRef("questionnaire"), number__gt=OuterRef("number"))
    found = visible.filter(~Exists(newer), _narrowed(search, owner))
    if search.status:
        of_state = visible.filter(questionnaire=OuterRef("questionnaire"), status=search.status)
        found = found.filter(Exists(of_state))
    if terms := _terms(search.words):
        found = found.annotate(is_found=_matches(terms)).filter(is_found=True)
    # Drawn by the page's ids: what the list shows is read for them alone.
    ordered = found.order_by("title", "pk").values_list("pk", flat=True)
    slice_: Page[UUID] = Paginator(ordered, PAGE).get_page(page)
    rows = (
        QuestionnaireVersion.objects.select_related("questionnaire__owner")
        .defer("source")
        .in_bulk(list(slice_))
    )
    slice_.object_list = [rows[pk] for pk in slice_ if pk in rows]  # type: ignore[misc]
    return slice_  # type: ignore[return-value]


def entries(versions: list[QuestionnaireVersion], owner: Municipality | None) -> list[Entry]:
    """The rows of a page with what is known of their use; four queries, however many they are."""
    ids = [each.questionnaire_id for each in versions]
    used = QuestionnaireVersion.objects.filter(
        Q(activities__plan__owner=None) | Q(activities__plan__owner=owner),
        questionnaire__in=ids,
        activities__plan__status=PublicationStatus.ACTIVE,
    )
    plans = _by_questionnaire(used, Count("activities__plan", distinct=True))
    counted = UseCount.objects.filter(questionnaire__in=ids)
    if owner is not None:
        counted = counted.filter(municipality=owner)
    answers = _by_questionnaire(counted, Sum("answers"))
    active = dict(
        QuestionnaireVersion.objects.active()
        .filter(questionnaire__in=ids)
        .values_list("questionnaire", "number")
    )
    newer = newer_origins(each.questionnaire for each in versions if _is_own(each, owner))
    return [
        Entry(
            version=each,
            active=active.get(each.questionnaire_id) if not each.is_published else None,
            plans=plans.get(each.questionnaire_id, 0),
            answers=answers.get(each.questionnaire_id, 0),
            newer=newer.get(each.questionnaire_id),
        )
        for each in versions
    ]


def languages(owner: Municipality | None) -> list[str]:
    """The languages that questionnaires are written in."""
    found = QuestionnaireVersion.objects.visible_in_kam(owner).exclude(language="")
    return sorted(found.order_by().values_list("language", flat=True).distinct())


def find_words() -> int:
    """Write down the words of drafts that were changed, so that no search has to find them; how many there were."""
    with within(Scope.system()), connection.cursor() as cursor:
        cursor.execute(_FIND_WORDS)
        found: int = cursor.rowcount
    return found


def _is_own(version: QuestionnaireVersion, owner: Municipality | None) -> bool:
    return version.questionnaire.owner_id == (owner.pk if owner else None)


def _by_questionnaire(rows: QuerySet[Any], figure: Aggregate) -> dict[UUID, int]:
    counted = rows.order_by().values("questionnaire").annotate(figure=figure)
    return dict(counted.values_list("questionnaire", "figure"))


def _narrowed(search: Search, owner: Municipality | None) -> Q:
    narrowed = Q()
    if search.area:
        narrowed &= Q(questionnaire__area=search.area)
    if search.language:
        narrowed &= Q(language=search.language)
    own = Q(questionnaire__owner=owner)
    match search.whose:
        case Whose.OWN:
            narrowed &= own
        case Whose.NATIONAL:
            narrowed &= Q(questionnaire__owner=None)
        case Whose.SHARED:
            narrowed &= ~own & Q(questionnaire__owner__isnull=False)
    return narrowed


def _terms(words: str) -> list[str]:
    """The words themselves, without what means something to PostgreSQL's search."""
    return re.findall(r"\w+", words)[:10]


def _matches(terms: list[str]) -> RawSQL:
    """Whether title or texts hold every word, in any form, or one that begins so (migrations 0010 and 0014).

    The words of a draft that was changed today are found now; those of all others stand in their rows.
    """
    return RawSQL(
        'coalesce("questionnaires_questionnaireversion"."words", questionnaires_words('
        '"questionnaires_questionnaireversion"."title", "questionnaires_questionnaireversion"."source"'
        ")) @@ to_tsquery('danish', %s)",
        [" & ".join(f"{term}:*" for term in terms)],
        output_field=BooleanField(),
    )
