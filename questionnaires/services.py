"""What can be done with responses: start, save and complete them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.compiled_queries import Columns, CompiledQuery, CompiledUpdate, insert, made_of
from kommunalpro.problems import Problem
from questionnaires import engine
from questionnaires.definitions import ANSWERED_WITH, definition_of
from questionnaires.engine import AnswerSignificance, AnswerValue, Definition, Issue, Rows
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.form_reading import RowChange
from questionnaires.models import QuestionnaireVersion, Response, Score
from questionnaires.places import Place, answers_at, item_at, may_be_in_rows, place_at, with_answers_at
from questionnaires.upload_store import asks_for_files, forget_unnamed

log = structlog.get_logger(__name__)

_SMALLEST_STEP = Decimal(1).scaleb(-Score.DECIMAL_PLACES)
# One below the column's width, so that rounding up still fits.
_TOO_LARGE = Decimal(10) ** (Score.DIGITS - Score.DECIMAL_PLACES - 1)


class ResponseIncomplete(Problem):
    """The answers cannot be submitted yet; `issues` say what is missing or wrong, and where."""

    code = "response_incomplete"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(_("Der mangler noget, før du kan sende dine svar."))
        self.issues = tuple(issues)


class TooManyRows(Problem):
    """A group has as many rows as it may have."""

    code = "too_many_rows"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, most: int) -> None:
        super().__init__(
            _("Der er ikke plads til flere. Du kan højst udfylde %(most)s. Dine svar er gemt, som de var.")
            % {"most": most}
        )


class AnswersChanged(Problem):
    """The answers are no longer those that the citizen has looked through."""

    code = "answers_changed"


class ResponseAlreadyCompleted(Problem):
    """The response was submitted; it is not changed by later clicks."""

    code = "response_already_completed"


@dataclass(frozen=True, slots=True)
class Given:
    """How the citizen gave answers that staff enter: a registered `mode`, the Danish day, and who enters them."""

    mode: Response.Mode
    on: date
    entered_by: StaffMember


def start_response(
    *,
    citizen: Citizen,
    municipality_id: int,
    version: QuestionnaireVersion,
    at: datetime,
    given: Given | None = None,
) -> Response:
    """An empty draft with the questionnaire's initial values; `municipality_id` is of the one that asks.

    `given` where staff enter what the citizen answered elsewhere.
    """
    how = {} if given is None else {"mode": given.mode, "given_on": given.on, "entered_by": given.entered_by}
    return Response.objects.create(
        citizen=citizen,
        municipality_id=municipality_id,
        version=version,
        document=engine.new_response(definition_of(version), now=at),
        started_at=at,
        saved_at=at,
        **how,
    )


@dataclass(frozen=True)
class Saved:
    """A saved draft, what was wrong with the fields that could not be read, and what was answered elsewhere meanwhile.

    `contested` are the addresses of questions whose saved answer is neither the one the page was shown with nor the one
    it sends: neither is thrown away before the citizen has chosen.
    """

    response: Response
    issues: tuple[Issue, ...]
    contested: frozenset[str] = frozenset()


def save_answers(
    *,
    response: Response,
    fields: Mapping[str, Sequence[str]],
    at: datetime,
    shown: Mapping[str, str] | None = None,
    rows: RowChange | None = None,
) -> Saved:
    """Save what a form says: `fields` maps addresses (`questionnaires.places`) to the raw values of their form fields.

    Locks the response, and then as `save_to_locked`.
    """
    with transaction.atomic():
        return save_to_locked(response=locked(response), fields=fields, at=at, shown=shown, rows=rows)


def save_to_locked(
    *,
    response: Response,
    fields: Mapping[str, Sequence[str]],
    at: datetime,
    shown: Mapping[str, str] | None = None,
    rows: RowChange | None = None,
) -> Saved:
    """Save what a form says to a response that the caller's transaction has locked, as it stands in the database.

    `shown` maps addresses to the fingerprints of the answers with which the form was shown (`answers_fingerprint`).
    What another page has saved since stays, unless it was answered here as well: then neither gives way, and the
    address is in `Saved.contested`. Without a fingerprint what the form says is saved. A row that was removed meanwhile
    comes back with all that the form says of it, if it says anything new. `rows`: a row to add or to remove thereafter.

    Fields that cannot be read leave the saved answer alone and give an issue; the others are saved all
    the same. Fields of unknown, calculated or read-only items are ignored: a form of ours has none.
    Raises ResponseAlreadyCompleted or TooManyRows.
    """
    require_draft(response)
    before = response.document
    definition = definition_of(response.version)
    response.document, issues, contested = _merged(definition, response.document, fields, shown or {})
    if rows is not None:
        response.document = change_rows(definition, response.document, rows, contested=contested)
    # What changes nothing is not written: a page that is only looked at again costs no row.
    if response.document != before or response.is_untouched:
        response.saved_at = at
        _SAVED.run(response.pk, document=response.document, saved_at=at)
    return Saved(response=response, issues=issues, contested=contested)


def apply_fields(
    definition: Definition, document: dict[str, Any], fields: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], tuple[Issue, ...]]:
    """The draft with what a form says, and an issue for each field that could not be read; stores nothing."""
    document, issues, _contested = _merged(definition, document, fields, {})
    return document, issues


def _merged(
    definition: Definition,
    document: dict[str, Any],
    fields: Mapping[str, Sequence[str]],
    shown: Mapping[str, str],
) -> tuple[dict[str, Any], tuple[Issue, ...], frozenset[str]]:
    """As `apply_fields`, where `shown` says from which answers the form began; and what is contested."""
    issues: list[Issue] = []
    contested: set[str] = set()
    _refuse_too_many(definition, fields)
    of_missing_rows: dict[tuple[str, Rows], list[tuple[Place, Sequence[AnswerValue], bool]]] = {}
    answers: Sequence[AnswerValue]
    outside_rows = engine.every_answer(document)
    for address, raw in fields.items():
        place = place_at(definition, address)
        item = item_at(definition, place) if place is not None else None
        if place is None or item is None or not item.is_asked:
            continue
        if item.answer_expression is not None:
            offered = engine.evaluate(definition, document, now=timezone.now()).options
            item = item.offering(offered.get(item.link_id, ()))
        reading = engine.read_form_values(item, raw)
        if reading.issue is not None:
            issues.append(replace(reading.issue, rows=place.rows))
            continue
        if place.rows:
            missing = engine.find_rows(definition, document, place.link_id, place.rows).missing
            answers = () if missing else answers_at(definition, document, place)
        else:
            missing, answers = (), outside_rows.get(place.link_id, ())
        if not missing and reading.answers == answers:
            continue
        saved, here = answers_fingerprint(answers), answers_fingerprint(reading.answers)
        if missing:
            is_new = here != shown.get(address, saved)
            of_missing_rows.setdefault(missing[-1], []).append((place, reading.answers, is_new))
            continue
        if here == saved or here == shown.get(address):
            continue  # nothing new is said here; what was said elsewhere stays
        if shown.get(address, saved) != saved:
            contested.add(address)
            continue
        document = with_answers_at(definition, document, place, reading.answers)
        # What hangs under an answer moves with it.
        outside_rows = (
            engine.every_answer(document) if item.items else {**outside_rows, address: reading.answers}
        )
    for (group, rows), said in of_missing_rows.items():
        if any(is_new for _place, _answers, is_new in said):
            document = _with_row(definition, document, Place(group, rows))
            for place, given, _is_new in said:
                document = with_answers_at(definition, document, place, given)
    return document, tuple(issues), frozenset(contested)


def _refuse_too_many(definition: Definition, fields: Mapping[str, Sequence[str]]) -> None:
    """More rows, or answers of one's own, than any page gives room for are not looked at one by one."""
    counts: Counter[tuple[str, Rows]] = Counter()
    for address, raw in fields.items():
        if len(raw) <= engine.MOST_ROWS and not may_be_in_rows(address):
            continue
        place = place_at(definition, address)
        if place is None or not (place.rows or len(raw) > engine.MOST_ROWS):
            continue
        if place.rows:
            counts[place.link_id, place.rows[:-1]] += 1
        lines = 0 if item_at(definition, place).offers_options else len(raw)
        if max(lines, counts[place.link_id, place.rows[:-1]]) > engine.MOST_ROWS:
            raise TooManyRows(engine.MOST_ROWS)


def change_rows(
    definition: Definition,
    document: dict[str, Any],
    change: RowChange,
    *,
    contested: Collection[str] = (),
) -> dict[str, Any]:
    """The draft with one row more, or one less; stores nothing.

    A row stays where the form may have no fewer, and where it holds an answer that was given otherwise elsewhere.
    Raises TooManyRows.
    """
    if change.added is not None:
        return _with_row(definition, document, change.added)
    row = change.removed
    if row is None:
        return document
    group, depth = item_at(definition, row), len(row.rows)
    in_it = (place_at(definition, address) for address in contested)
    if any(place is not None and place.rows[:depth] == row.rows for place in in_it):
        return document
    if _row_count(definition, document, row) <= max(group.min_occurs or 0, 1):
        return document
    return engine.without_row(definition, document, row.link_id, row.rows)


def with_rows(definition: Definition, document: dict[str, Any], rows: Iterable[Place]) -> dict[str, Any]:
    """The draft with these rows, as far as it does not have them; stores nothing. Raises TooManyRows."""
    for row in rows:
        if row.rows[-1] not in engine.row_keys(definition, document, row.link_id, row.rows[:-1]):
            document = _with_row(definition, document, row)
    return document


def _with_row(definition: Definition, document: dict[str, Any], row: Place) -> dict[str, Any]:
    most = engine.most_rows(item_at(definition, row))
    if _row_count(definition, document, row) >= most:
        raise TooManyRows(most)
    return engine.with_row(definition, document, row.link_id, row.rows)


def _row_count(definition: Definition, document: Mapping[str, Any], row: Place) -> int:
    return len(engine.row_keys(definition, document, row.link_id, row.rows[:-1]))


def locked(response: Response) -> Response:
    """The response as it stands, locked; the questionnaire's JSON stays where it is: it is compiled already."""
    rows = _LOCKED.rows(response_id=response.pk)
    if not rows:
        raise Response.DoesNotExist
    found: Response
    found, version = made_of(rows[0], _RESPONSE, _VERSION)
    found.version = version
    return found


def require_draft(response: Response) -> None:
    """Raises ResponseAlreadyCompleted, for the citizen to read, where it was submitted."""
    if response.is_completed:
        raise ResponseAlreadyCompleted(_("Du har allerede sendt dine svar. De er gemt, som du sendte dem."))


def _to_lock(*, response_id: UUID) -> QuerySet[Response, Any]:
    rows = Response.objects.select_for_update(of=("self",)).filter(pk=response_id)
    return rows.values_list(*_RESPONSE.names, *_VERSION.names)


_RESPONSE = Columns(Response)
_VERSION = Columns(QuestionnaireVersion, under="version__", only=ANSWERED_WITH)
_LOCKED = CompiledQuery(_to_lock)
_SAVED = CompiledUpdate(Response, "document", "saved_at")
_COMPLETED = CompiledUpdate(Response, "document", "status", "saved_at", "completed_at")


@dataclass(frozen=True)
class Submission:
    """A draft as it would be submitted, what stops that, and what it scores."""

    document: dict[str, Any]
    errors: tuple[Issue, ...]
    scores: tuple[engine.Score, ...]
    significance: tuple[AnswerSignificance, ...] = ()


@dataclass(frozen=True)
class Completed:
    """A response that was submitted, its scores, and the colours of its answers; none without decision support."""

    response: Response
    scores: tuple[engine.Score, ...]
    significance: tuple[AnswerSignificance, ...]


def submission_of(
    definition: Definition,
    document: Mapping[str, Any],
    *,
    at: datetime | None = None,
) -> Submission:
    """The finished response of a draft, judged; `at` is what its calculations take for now (else the present).

    It is the finished one that counts: answers to questions that a later answer took away are no longer in it.
    """
    now = at or timezone.now()
    result = engine.conclude(definition, document, now=now)
    issues = engine.validate_to_send(definition, document, now=now, evaluation=result.evaluation)
    return Submission(
        document=result.response,
        errors=tuple(issue for issue in issues if issue.is_error),
        scores=result.scores,
        significance=result.significance,
    )


def complete_response(*, response: Response, at: datetime, seen: str | None = None) -> Completed:
    """Validate, finish and score a draft; call inside the transaction of the use case.

    Locks the response, and then as `completed`; `store` is done.
    """
    done = completed(response=locked(response), at=at, seen=seen)
    store(done)
    return done


def completed(*, response: Response, at: datetime, seen: str | None = None) -> Completed:
    """Validate, finish and score a draft that the caller's transaction has locked, as it stands in the database.

    What comes of it is `store`d by the caller, in the same transaction.

    `seen` is the fingerprint of the answers as the citizen looked through them; None where nobody was shown any.
    Raises AnswersChanged, ResponseIncomplete with everything that is missing, or ResponseAlreadyCompleted.
    """
    require_draft(response)
    if seen is not None and seen != response.fingerprint:
        raise AnswersChanged(
            _("Dine svar er ændret, siden du så dem igennem, måske i et andet vindue. Se dem igennem igen.")
        )
    definition = definition_of(response.version)
    submission = submission_of(definition, response.document, at=at)
    if submission.errors:
        raise ResponseIncomplete(submission.errors)
    if asks_for_files(definition):
        forget_unnamed(response, submission.document)
    response.document = submission.document
    response.status = Response.Status.COMPLETED
    response.saved_at = at
    response.completed_at = at
    return Completed(response=response, scores=submission.scores, significance=submission.significance)


def store(done: Completed) -> None:
    """Write a completed response and its scores."""
    response = done.response
    _COMPLETED.run(
        response.pk,
        document=response.document,
        status=response.status,
        saved_at=response.saved_at,
        completed_at=response.completed_at,
    )
    insert(*score_rows(response, done.scores), keys=False)


def score_rows(response: Response, scores: Iterable[engine.Score] | None = None) -> list[Score]:
    """The unsaved scores of a completed response; `scores` if they have been calculated already.

    A score that its columns cannot hold is left out and logged, without its value: the calculated answer stands
    in the response all the same, and no citizen is kept from submitting by how a form was written.
    """
    rows: list[Score] = []
    if scores is None:
        scores = engine.scores(definition_of(response.version), response.document, now=response.completed_at)
    for score in scores:
        value = _as_stored(score.value)
        if value is None or len(score.link_id) > Score.LONGEST_LINK_ID:
            log.error("questionnaires.score_not_kept", response=str(response.pk), link_id=score.link_id[:100])
            continue
        rows.append(
            Score(
                response=response,
                municipality_id=response.municipality_id,
                citizen_id=response.citizen_id,
                link_id=score.link_id,
                name=score.name,
                value=value,
                # An end of the scale that no value can reach is none.
                minimum=_as_stored(score.minimum),
                maximum=_as_stored(score.maximum),
                unit=score.unit,
            )
        )
    return rows


def _as_stored(number: Decimal | None) -> Decimal | None:
    """The number as the columns of a score keep it, rounded half up; None for one that is too large."""
    if number is None or not number.is_finite() or abs(number) >= _TOO_LARGE:
        return None
    return number.quantize(_SMALLEST_STEP, rounding=ROUND_HALF_UP)
