"""Figures of one citizen over time: scores, and single answers that are numbers.

Both are read per questionnaire, through all versions of it, from the answers in force.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from citizens.models import Citizen
from kommunalpro.compiled_queries import CompiledQuery, padded
from municipalities.models import Municipality
from plans.selectors import ReadResponse, ScoreReading, responses_seen_by, with_scores
from questionnaires.bands import bands_in
from questionnaires.definitions import definition_of
from questionnaires.engine.score_bands import ScoreBand, band_of
from questionnaires.models import QuestionnaireVersion, Response, Score
from questionnaires.numeric_answers import NumericAnswer, numeric_answers

MOST_TREND_POINTS = 1000

MOST_ANSWERS_READ = 400
"""Of how many answers the single numbers are read: more than a year of daily ones."""


Versions = dict[UUID, QuestionnaireVersion]


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


class Figure(NamedTuple):
    """A score in an answer, with which questionnaire and when."""

    response_id: UUID
    link_id: str
    name: str
    value: Decimal
    minimum: Decimal | None
    maximum: Decimal | None
    unit: str
    questionnaire_id: UUID
    questionnaire: str
    answered_at: datetime
    version_id: UUID


def trends(citizen: Citizen, municipality: Municipality, *, since: datetime | None = None) -> list[Trend]:
    """Each score of each questionnaire the citizen has answered (since then), through all versions of it."""
    return trends_from(figures(citizen, municipality, since=since))


def figures(citizen: Citizen, municipality: Municipality, *, since: datetime | None = None) -> list[Figure]:
    """The MOST_TREND_POINTS newest scores of the citizen's answers (since then), the newest first; one query."""
    rows = _FIGURES.rows(citizen_id=citizen.pk, municipality_id=municipality.pk, since=since)
    return [Figure(*row) for row in rows]


def trends_of(scores: QuerySet[Score]) -> list[Trend]:
    """Scores of one citizen's submitted responses as they follow each other."""
    return trends_from([Figure(*row) for row in _newest(scores)])


def trends_from(newest: Iterable[Figure]) -> list[Trend]:
    """The scores of one questionnaire stand together, the questionnaire answered last first."""
    found: dict[UUID, dict[str, list[Figure]]] = {}
    for figure in newest:
        found.setdefault(figure.questionnaire_id, {}).setdefault(figure.link_id, []).append(figure)
    return [_trend(figures) for items in found.values() for figures in items.values()]


def read_from(
    newest: Sequence[Figure], responses: Iterable[Response], municipality: Municipality
) -> list[ReadResponse]:
    """As `selectors.with_scores`, of responses whose citizen's figures are at hand: one query at most."""
    if len(newest) >= MOST_TREND_POINTS:
        return with_scores(responses, municipality)  # what came before may not be among them
    readings: dict[UUID, list[ScoreReading]] = {}
    before: dict[tuple[UUID, str], Decimal] = {}
    for one in sorted(newest, key=lambda figure: figure.answered_at):
        place = (one.questionnaire_id, one.link_id)
        readings.setdefault(one.response_id, []).append(ScoreReading(*one[1:7], previous=before.get(place)))
        before[place] = one.value
    return [ReadResponse(response, tuple(readings.get(response.pk, ()))) for response in responses]


def _newest(scores: QuerySet[Score]) -> QuerySet[Score, Any]:
    return scores.order_by("-response__completed_at", "pk").values_list(
        "response_id",
        "link_id",
        "name",
        "value",
        "minimum",
        "maximum",
        "unit",
        "response__version__questionnaire",
        "response__version__title",
        "response__completed_at",
        "response__version",
    )[:MOST_TREND_POINTS]


def _seen(citizen_id: UUID, municipality_id: int, since: datetime | None) -> QuerySet[Response]:
    responses = responses_seen_by(Municipality(pk=municipality_id)).filter(citizen=citizen_id)
    return responses if since is None else responses.filter(completed_at__gte=since)


def _figures(*, citizen_id: UUID, municipality_id: int, since: datetime | None) -> QuerySet[Score, Any]:
    seen = _seen(citizen_id, municipality_id, since)
    return _newest(Score.objects.filter(response__in=seen.values("pk")))


def _documents(*, citizen_id: UUID, municipality_id: int, since: datetime | None) -> QuerySet[Response, Any]:
    seen = _seen(citizen_id, municipality_id, since).select_related(None).order_by("-completed_at", "-pk")
    return seen.values_list("pk", "completed_at", "version", "document")[:MOST_ANSWERS_READ]


_FIGURES = CompiledQuery(_figures)
_DOCUMENTS = CompiledQuery(_documents)


def _trend(newest_first: list[Figure]) -> Trend:
    newest = newest_first[0]
    return Trend(
        questionnaire=newest.questionnaire,
        questionnaire_id=newest.questionnaire_id,
        link_id=newest.link_id,
        name=newest.name,
        unit=newest.unit,
        minimum=newest.minimum,
        maximum=newest.maximum,
        points=tuple(
            TrendPoint(one.response_id, one.answered_at, one.value, one.version_id)
            for one in reversed(newest_first)
        ),
    )


def answer_trends(
    citizen: Citizen,
    municipality: Municipality,
    *,
    since: datetime | None = None,
    known: Versions | None = None,
) -> list[Trend]:
    """Each question that is answered with a number, as the answers follow each other.

    A quantity in a unit that cannot be converted to the question's own is another trend. Reads the `MOST_ANSWERS_READ`
    newest answers, their versions (into `known`) in one query and each form at most once more (it is kept compiled).
    """
    read = _DOCUMENTS.all(citizen_id=citizen.pk, municipality_id=municipality.pk, since=since)
    versions = _versions((version for _, _, version, _ in read), {} if known is None else known)
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


def with_bands(trends: Iterable[Trend], *, known: Versions | None = None) -> list[Trend]:
    """The same trends with what the answered versions call their intervals, where their decision support is on.

    `known`: versions that were read already.
    """
    trends = list(trends)
    ids = {point.version_id for trend in trends for point in trend.points if point.version_id}
    versions = _versions(ids, {} if known is None else known)
    bands = {pk: bands_in(definition_of(versions[pk])) for pk in ids}
    return [_banded(trend, bands) for trend in trends]


def _banded(trend: Trend, bands: Mapping[UUID, Mapping[str, tuple[ScoreBand, ...]]]) -> Trend:
    def of(point: TrendPoint) -> tuple[ScoreBand, ...]:
        return bands[point.version_id].get(trend.link_id, ()) if point.version_id else ()

    points = tuple(
        replace(point, band=named.name if (named := band_of(of(point), point.value)) else "")
        for point in trend.points
    )
    return replace(trend, points=points, bands=of(trend.points[-1]) if trend.points else ())


def _versions(ids: Iterable[UUID], known: Versions) -> Versions:
    """The versions without their forms, which are kept compiled (`definition_of`); only what is not known is read."""
    missing = [pk for pk in dict.fromkeys(ids) if pk not in known]
    if missing:
        known.update({version.pk: version for version in _VERSIONS.all(ids=padded(missing, 10))})
    return known


_VERSIONS = CompiledQuery(lambda ids: QuestionnaireVersion.objects.defer("source").filter(pk__in=ids))
