"""What was submitted is corrected, within the time that the plan allows; the earlier version is kept.

Who gave the answers to the screen corrects them: citizens their own, staff what they entered from paper, say.
A correction is a draft of the same questionnaire version that begins with the answers of the response it `replaces`. It
is answered on the ordinary pages. Until it is submitted the task's response stays the one in force; then the correction
takes its place, and the former stays as it was, readable as an earlier version. A correction that is dropped is gone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from followup.noting import note_answer
from identity.models import StaffMember
from kommunalpro.problems import Problem
from outbox import services as outbox
from outbox.models import EventName
from plans.correction_time import GRACE, corrected_until
from plans.models import CarePlan, Task
from plans.services import care_team_of
from plans.triggers import bring_followers
from questionnaires import services as questionnaires
from questionnaires.models import Response


class NotCorrectable(Problem):
    """The answer cannot be corrected, or no more."""

    code = "not_correctable"


class NothingCorrected(Problem):
    """The correction says what the answer said already."""

    code = "nothing_corrected"


@dataclass(frozen=True, slots=True)
class Correcting:
    """What can be done about an answer. `until`: how long one can be begun; None where the plan allows none.

    `send_by`: how long one that is under way can be sent, as the screens say it: the hour of grace is told only in it.
    `draft`: the correction that is under way, also one whose time has run out.
    """

    until: datetime | None
    send_by: datetime | None = None
    may_begin: bool = False
    may_go_on: bool = False
    draft: Response | None = None

    @property
    def came_too_late(self) -> bool:
        """Was something begun that cannot be sent any more?"""
        return self.draft is not None and not self.may_go_on


def correcting(task: Task, at: datetime, *, by_staff: bool = False) -> Correcting:
    """What the citizen, or staff, can do at `at` about the answer to an answered task (`with_questionnaire`)."""
    response = task.response
    if task.status != Task.Status.COMPLETED or response is None or response.is_registered is not by_staff:
        return Correcting(until=None)
    until = corrected_until(response, task.care_plan.plan)
    if until is None:
        return Correcting(until=None)
    goes_on = task.care_plan.status == CarePlan.Status.ACTIVE
    draft = _draft_of(response.pk)
    return Correcting(
        until=until,
        send_by=until if at < until else until + GRACE,
        may_begin=goes_on and draft is None and at < until,
        may_go_on=goes_on and draft is not None and at < until + GRACE,
        draft=draft,
    )


def draft_to_go_on_with(task: Task, at: datetime, *, by_staff: bool = False) -> Response | None:
    """The correction that is under way and can be submitted at `at`; None where there is none."""
    found = correcting(task, at, by_staff=by_staff)
    return found.draft if found.may_go_on else None


def drafts_to_go_on_with(citizen_id: UUID, at: datetime) -> list[Task]:
    """The citizen's tasks whose answer they are correcting, for their list of what to do."""
    begun = Task.objects.with_questionnaire().filter(
        citizen_id=citizen_id, response__correction__status=Response.Status.IN_PROGRESS
    )
    return [task for task in begun.order_by("response__completed_at") if correcting(task, at).may_go_on]


@transaction.atomic
def begin(*, task: Task, at: datetime, by: StaffMember | None = None) -> Response:
    """The correction to go on with: the one that was begun, or a new one with the answers that were submitted.

    `by` who corrects what staff entered; None for a citizen. Raises NotCorrectable, with a sentence for the screen.
    """
    task = Task.objects.locked(task)
    found = correcting(task, at, by_staff=by is not None)
    if found.draft is not None and found.may_go_on:
        return found.draft
    former = task.response
    if not found.may_begin or former is None:
        raise NotCorrectable(_why_not(task, found, by_staff=by is not None))
    # The answers came as they came, also where they were entered wrongly.
    how = {} if by is None else {"mode": former.mode, "given_on": former.given_on, "entered_by": by}
    return Response.objects.create(
        citizen_id=former.citizen_id,
        municipality_id=former.municipality_id,
        version_id=former.version_id,
        document={**former.document, "status": str(Response.Status.IN_PROGRESS)},
        started_at=at,
        saved_at=at,
        replaces=former,
        **how,
    )


@transaction.atomic
def drop(*, task: Task, by_staff: bool = False) -> None:
    """Throw the correction away that is under way: all is as it was. Twice is as once."""
    task = Task.objects.locked(task)
    if task.response is not None and task.response.is_registered is not by_staff:
        return
    # Without an answer there is nothing to correct; and “replaces nothing” would be every other draft.
    if task.response_id is not None:
        Response.objects.filter(replaces=task.response_id, status=Response.Status.IN_PROGRESS).delete()


@transaction.atomic
def submit(*, task: Task, at: datetime, seen: str | None = None, by: StaffMember | None = None) -> Task:
    """Submit the correction of an answered task; a second click gives the task as the first one left it.

    `seen` is the fingerprint of the answers as they were looked through; `by` as in `begin`.

    Raises NotCorrectable where the time has run out, NothingCorrected where it says nothing new, or of
    questionnaires.services AnswersChanged or ResponseIncomplete.
    """
    task = Task.objects.locked(task)
    found, former = correcting(task, at, by_staff=by is not None), task.response
    if found.draft is None or former is None:
        return task
    if not found.may_go_on:
        raise NotCorrectable(_why_not(task, found, by_staff=by is not None))
    if by is not None:
        Response.objects.filter(pk=found.draft.pk).update(entered_by=by)
    completed = questionnaires.complete_response(response=found.draft, at=at, seen=seen)
    correction = completed.response
    if _is_as_before(correction, former):
        raise NothingCorrected(
            _("Du har ikke rettet noget endnu. Ret et svar, eller fortryd rettelsen, så gælder svarene.")
            if by is not None
            else _(
                "Du har ikke rettet noget endnu. Ret et svar, eller fortryd rettelsen, så gælder dine svar."
            )
        )
    task.response = correction
    task.save(update_fields=["response"])
    note_answer(response=correction, care_team_id=care_team_of(task), found=completed.significance, at=at)
    # In this order: at no moment is there no answer.
    outbox.record(EventName.RESPONSE_COMPLETED, subject=correction, key=task.citizen_id, at=at)
    outbox.record(EventName.RESPONSE_CORRECTED, subject=former, key=task.citizen_id, at=at)
    bring_followers(task=task, at=at)
    return task


def editions(response: Response) -> list[Response]:
    """What was submitted before a response in force, the newest first; with their answers."""
    return list(response.earlier())


def in_force_instead_of(response: Response) -> Response:
    """The edition that counts, of which a submitted response is an earlier one; itself where it counts."""
    while (later := later_edition(response)) is not None:
        response = later
    return response


def later_edition(response: Response) -> Response | None:
    """What was submitted in its place; None for a response in force."""
    return Response.objects.completed().filter(replaces=response).first()


def _draft_of(response_id: UUID | None) -> Response | None:
    if response_id is None:
        return None  # “replaces nothing” would be any other draft
    found = Response.objects.filter(replaces=response_id, status=Response.Status.IN_PROGRESS)
    return found.select_related("version").defer("version__source").first()


def _is_as_before(correction: Response, former: Response) -> bool:
    """Assisted or not, the answers count; when and how staff were given them counts as well."""
    same = correction.document == former.document
    return same and (
        not correction.is_registered
        or (correction.mode, correction.given_on) == (former.mode, former.given_on)
    )


def _why_not(task: Task, found: Correcting, *, by_staff: bool) -> str:
    if by_staff:
        return _why_not_for_staff(task, found)
    if task.status != Task.Status.COMPLETED:
        return _("Du har ikke sendt svar på dette spørgeskema endnu, så der er ikke noget at rette.")
    if found.until is not None and task.care_plan.is_on_hold:
        return _("Planen er på pause, så svaret kan ikke rettes nu. Er noget forkert, så ring til kommunen.")
    if found.until is not None and task.care_plan.status != CarePlan.Status.ACTIVE:
        return _(
            "Planen er afsluttet, så svaret kan ikke rettes mere. Dine svar gælder, som du sendte dem. "
            "Er noget forkert, så ring til kommunen."
        )
    if found.until is not None:
        return _(
            "Tiden til at rette svaret er gået. Dine svar gælder, som du sendte dem. "
            "Er noget forkert, så ring til kommunen."
        )
    return _("Dette svar kan ikke rettes her. Er noget forkert, så ring til kommunen.")


def _why_not_for_staff(task: Task, found: Correcting) -> str:
    if task.status != Task.Status.COMPLETED:
        return _("Spørgeskemaet er ikke besvaret endnu, så der er ikke noget at rette.")
    if found.until is None:
        return _("Svaret kan ikke rettes her.")
    if task.care_plan.is_on_hold:
        return _("Planen er på pause. Genoptag den, før svarene rettes.")
    if task.care_plan.status != CarePlan.Status.ACTIVE:
        return _("Planen er afsluttet, så svarene kan ikke rettes mere. De gælder, som de er registreret.")
    return _("Tiden til at rette er gået. Svarene gælder, som de er registreret.")
