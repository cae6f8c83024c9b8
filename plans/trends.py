"""Figures of one citizen over time: scores, and single answers that are numbers.

Both are read per questionnaire, through all versions of it, from the answers in force.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from django.db.models import F, QuerySet

from citizens.models import Citizen
from municipalities.models import Municipality
from plans.selectors import responses_seen_by
from questionnaires.bands import bands_in
from questionnaires.definitions import definition_of
from questionnaires.engine.score_bands import ScoreBand, band_of
from questionnaires.models import QuestionnaireVersion, Score
from questionnaires.numeric_answers import NumericAnswer, numeric_answers

MOST_TREND_POINTS = 1000

MOST_ANSWERS_READ = 400
"""Of how many answers the single numbers are read: more than a year of daily ones."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One figure. `band` is what the version that was answered calls it, “” where it has no word for it."""

    response_id: UUID
    answered_at: datetime
    value: Decimal
    version_id: UUID | None = None
    band: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """One score, or one question, of one questionnaire over time, oldest first.

    `bands` are those of the version that was answered last. `is_score`: the system worked it out from the answers.
    """

    questionnaire: str
    name: str
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None
    points: tuple[TrendPoint, ...]
    questionnaire_id: UUID | None = None
    link_id: str = ""
    is_score: bool = True
    bands: tuple[ScoreBand, ...] = ()

    @property
    def key(self) -> str:
        """Names it in an address: the same at every visit, and nothing to read of anybody's health in it."""
        named = f"{self.questionnaire_id}/{self.link_id}/{'' if self.is_score else self.unit}"
        return sha256(named.encode()).hexdigest()[:12]

    @property
    def title(self) -> str:
        """What to call it over a chart: the questionnaire and the figure, once where they are called the same."""
        return self.questionnaire if self.name == self.questionnaire else f"{self.questionnaire}: {self.name}"

    @property
    def has_bands(self) -> bool:
        """Whether any of its figures has a word."""
        return bool(self.bands) or any(point.band for point in self.points)


def trends(citizen: Citizen, municipality: Municipality, *, since: datetime | None = None) -> list[Trend]:
    """Each score of each questionnaire the citizen has answered (since then), through all versions of it."""
    responses = responses_seen_by(municipality).filter(citizen=citizen)
    if since is not None:
        responses = responses.filter(completed_at__gte=since)
    return trends_of(Score.objects.filter(response__in=responses.values("pk")))


def trends_of(scores: QuerySet[Score]) -> list[Trend]:
    """Scores of one citizen's submitted responses as they follow each other."""
    newest = scores.order_by("-response__completed_at", "pk").annotate(
        questionnaire_id=F("response__version__questionnaire"),
        questionnaire_title=F("response__version__title"),
        answered_at=F("response__completed_at"),
        version_id=F("response__version"),
    )[:MOST_TREND_POINTS]
    # The scores of one questionnaire stand together, the questionnaire answered last first.
    found: dict[UUID, dict[str, list[Score]]] = {}
    for score in newest:
        found.setdefault(score.questionnaire_id, {}).setdefault(score.link_id, []).append(score)
    return [_trend(scores) for items in found.values() for scores in items.values()]


def _trend(newest_first: list[Score]) -> Trend:
    newest = newest_first[0]
    return Trend(
        questionnaire=newest.questionnaire_title,  # type: ignore[attr-defined]  # annotated in `trends_of`
        questionnaire_id=newest.questionnaire_id,  # type: ignore[attr-defined]  # annotated in `trends_of`
        link_id=newest.link_id,
        name=newest.name,
        unit=newest.unit,
        minimum=newest.minimum,
        maximum=newest.maximum,
        points=tuple(
            TrendPoint(
                response_id=score.response_id,
                answered_at=score.answered_at,  # type: ignore[attr-defined]  # annotated in `trends_of`
                value=score.value,
                version_id=score.version_id,  # type: ignore[attr-defined]  # annotated in `trends_of`
            )
            for score in reversed(newest_first)
        ),
    )


def answer_trends(
    citizen: Citizen, municipality: Municipality, *, since: datetime | None = None
) -> list[Trend]:
    """Each question that is answered with a number, as the answers follow each other.

    A quantity in another unit is another trend: 70 kg and 154 lb make no line. Reads the `MOST_ANSWERS_READ` newest
    answers, their versions in one query and each form at most once more (it is kept compiled).
    """
    responses = responses_seen_by(municipality).filter(citizen=citizen).order_by("-completed_at", "-pk")
    if since is not None:
        responses = responses.filter(completed_at__gte=since)
    read = list(
        responses.select_related(None).values_list("pk", "completed_at", "version", "document")[
            :MOST_ANSWERS_READ
        ]
    )
    versions = _versions(version for _, _, version, _ in read)
    found: dict[UUID, dict[tuple[str, str], list[tuple[NumericAnswer, TrendPoint]]]] = {}
    for pk, completed_at, version_id, document in read:
        if completed_at is None:  # a submitted response has its time
            continue
        version = versions[version_id]
        of_form = found.setdefault(version.questionnaire_id, {})
        for answer in numeric_answers(definition_of(version), document):
            point = TrendPoint(pk, completed_at, answer.value, version_id)
            of_form.setdefault((answer.link_id, answer.unit), []).append((answer, point))
    return [
        _answer_trend(versions, questionnaire_id, newest_first)
        for questionnaire_id, items in found.items()
        for newest_first in items.values()
    ]


def _answer_trend(
    versions: Mapping[UUID, QuestionnaireVersion],
    questionnaire_id: UUID,
    newest_first: list[tuple[NumericAnswer, TrendPoint]],
) -> Trend:
    answer, point = newest_first[0]
    title = versions[point.version_id].title if point.version_id else ""
    return Trend(
        questionnaire=title,
        questionnaire_id=questionnaire_id,
        link_id=answer.link_id,
        name=answer.name,
        unit=answer.unit,
        minimum=answer.minimum,
        maximum=answer.maximum,
        points=tuple(one for _, one in reversed(newest_first)),
        is_score=False,
    )


def with_bands(trends: Iterable[Trend]) -> list[Trend]:
    """The same trends with what the answered versions call their intervals, where their decision support is on."""
    trends = list(trends)
    versions = _versions(point.version_id for trend in trends for point in trend.points if point.version_id)
    bands = {pk: bands_in(definition_of(version)) for pk, version in versions.items()}
    return [_banded(trend, bands) for trend in trends]


def _banded(trend: Trend, bands: Mapping[UUID, Mapping[str, tuple[ScoreBand, ...]]]) -> Trend:
    def of(point: TrendPoint) -> tuple[ScoreBand, ...]:
        return bands[point.version_id].get(trend.link_id, ()) if point.version_id else ()

    points = tuple(
        replace(point, band=named.name if (named := band_of(of(point), point.value)) else "")
        for point in trend.points
    )
    return replace(trend, points=points, bands=of(trend.points[-1]) if trend.points else ())


def _versions(ids: Iterable[UUID]) -> dict[UUID, QuestionnaireVersion]:
    """The versions without their forms, which are kept compiled (`definition_of`)."""
    return QuestionnaireVersion.objects.defer("source").in_bulk(set(ids))
