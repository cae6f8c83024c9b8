"""Answers that a citizen gave on paper, by telephone or at a meeting, entered by staff.

What is entered is a draft of the municipality's own, which the citizen reads and does not write; what the citizen has
begun is theirs, which staff do not even see. So a task has one or the other, and no answer of the citizen's is lost.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.scope import Scope, within
from plans import correcting
from plans.models import Task
from plans.schedule import DANISH_TIME
from plans.services import TaskNotOpen, care_team_of, complete_task
from questionnaires import engine
from questionnaires import services as questionnaires
from questionnaires.definitions import definition_of
from questionnaires.models import Response
from questionnaires.services import Given


class CitizenHasBegun(Problem):
    """The citizen has answered some of it: staff can neither see nor replace that."""

    code = "citizen_has_begun"


class DayNotPossible(Problem):
    """The answers cannot have been given on that day."""

    code = "day_not_possible"


class NothingEntered(Problem):
    """Nothing was entered, or it was thrown away meanwhile."""

    code = "nothing_entered"


class Begun(StrEnum):
    """Who has begun to answer a task."""

    NOBODY = "nobody"
    STAFF = "staff"
    CITIZEN_UNTOUCHED = "citizen_untouched"
    """The citizen has opened the questionnaire and answered nothing."""
    CITIZEN = "citizen"


def begun_by(task: Task) -> Begun:
    """Who has begun the task (`with_questionnaire`). Of what the citizen has begun only whether there is an answer."""
    if task.response_id is None:
        return Begun.NOBODY
    if task.response is not None and task.response.is_registered:
        return Begun.STAFF
    with within(Scope.system()):
        untouched = Response.objects.filter(pk=task.response_id, saved_at=F("started_at")).exists()
    return Begun.CITIZEN_UNTOUCHED if untouched else Begun.CITIZEN


@transaction.atomic
def begin(*, task: Task, given: Given, at: datetime) -> Response:
    """The draft to enter the answers into: a new one, or the one that was begun, where `given` is put right.

    Raises TaskNotOpen, DayNotPossible, or CitizenHasBegun; a draft in which the citizen has answered nothing gives way.
    """
    task = Task.objects.locked(task)
    require_open(task, at)
    _require_day(task, given.on, at)
    if task.response is not None:
        task.response.mode, task.response.given_on = given.mode, given.on
        task.response.save(update_fields=["mode", "given_on"])
        return task.response
    if task.response_id is None:
        task.response = questionnaires.start_response(
            citizen=task.citizen,
            municipality_id=task.municipality_id,
            version=task.activity.version,
            at=at,
            given=given,
        )
        task.save(update_fields=["response"])
        return task.response
    return _in_place_of_untouched(task, task.response_id, given, at)


@transaction.atomic
def put_right(*, task: Task, given: Given, at: datetime) -> Response:
    """How and when the answers were given that staff are correcting. Raises NothingEntered or DayNotPossible."""
    task = Task.objects.locked(task)
    draft = correcting.draft_to_go_on_with(task, at, by_staff=True)
    if draft is None:
        raise NothingEntered(_("Rettelsen er ikke begyndt, eller en kollega har fortrudt den."))
    _require_day(task, given.on, at)
    draft.mode, draft.given_on = given.mode, given.on
    draft.save(update_fields=["mode", "given_on"])
    return draft


@transaction.atomic
def submit(*, task: Task, by: StaffMember, at: datetime, seen: str | None = None) -> Task:
    """Submit what was entered, in the name of the one who does; a second click gives the task as the first left it.

    Raises TaskNotOpen or NothingEntered, or of questionnaires.services AnswersChanged or ResponseIncomplete.
    """
    task = Task.objects.locked(task)
    if task.status == Task.Status.COMPLETED:
        return task
    require_open(task, at)
    if task.response is None:
        raise NothingEntered(_("Der er ikke skrevet noget ind endnu, eller en kollega har kasseret det."))
    Response.objects.filter(pk=task.response.pk).update(entered_by=by)
    task.response = questionnaires.locked(task.response)
    return complete_task(task=task, care_team_id=care_team_of(task), at=at, seen=seen)


@transaction.atomic
def discard(*, task: Task) -> Task:
    """Throw away what was entered and not submitted; the citizen can answer themself again. Twice is as once."""
    task = Task.objects.locked(task)
    if task.response is not None and task.is_open:
        entered = task.response
        task.response = None
        task.save(update_fields=["response"])
        entered.delete()
    return task


def first_day(task: Task) -> date:
    """The first Danish day on which the answers can have been given."""
    return task.opens_at.astimezone(DANISH_TIME).date()


def require_open(task: Task, at: datetime) -> None:
    """Raises TaskNotOpen, with a sentence for staff, unless answers to the task can be entered at `at`."""
    if task.status == Task.Status.COMPLETED:
        raise TaskNotOpen(_("Spørgeskemaet er besvaret."))
    if task.status == Task.Status.PAUSED:
        raise TaskNotOpen(_("Planen er på pause. Genoptag den, før der skrives svar ind."))
    if task.status == Task.Status.CANCELLED:
        raise TaskNotOpen(_("Opgaven er aflyst, så der kan ikke skrives svar ind."))
    if task.opens_at > at:
        raise TaskNotOpen(_("Spørgeskemaet er ikke åbnet endnu, så der kan ikke skrives svar ind."))


def _require_day(task: Task, day: date, at: datetime) -> None:
    if day > at.astimezone(DANISH_TIME).date():
        raise DayNotPossible(_("Datoen ligger i fremtiden. Skriv den dag, borgeren gav svarene."))
    if day < first_day(task):
        raise DayNotPossible(
            _("Spørgeskemaet åbnede først %(day)s. Skriv den dag eller en senere.")
            % {"day": first_day(task).strftime("%d-%m-%Y")}
        )


def _in_place_of_untouched(task: Task, draft_id: UUID, given: Given, at: datetime) -> Response:
    """The citizen's draft becomes the municipality's, unless there is an answer in it; one statement decides that."""
    fresh = engine.new_response(definition_of(task.activity.version), now=at)
    # The wall hides the citizen's draft from staff, so it is not they who ask.
    with within(Scope.system()):
        given_way = Response.objects.filter(
            pk=draft_id, status=Response.Status.IN_PROGRESS, saved_at=F("started_at")
        ).update(
            mode=given.mode,
            given_on=given.on,
            entered_by=given.entered_by,
            document=fresh,
            started_at=at,
            saved_at=at,
        )
    if not given_way:
        raise CitizenHasBegun(
            _(
                "Borgeren er selv begyndt at svare, og de svar må ikke gå tabt. "
                "Bed borgeren om at svare færdig, eller hjælp borgeren med det."
            )
        )
    return Response.objects.get(pk=draft_id)
