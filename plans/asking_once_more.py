"""One questionnaire of a plan asked once more than the plan does, now."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from plans import history
from plans.adjusting import window
from plans.changing import CarePlanOnHold
from plans.ending import locked_with_tasks
from plans.models import Activity, CarePlan, Task
from plans.pausing import require_going_on
from plans.schedule import DANISH_TIME, MOST_ANSWER_DAYS


class AskedAlready(Problem):
    """The citizen has the questionnaire to answer already."""

    code = "asked_already"


class NotToBeAsked(Problem):
    """It is no questionnaire of the plan, or the days are impossible."""

    code = "not_to_be_asked"


@transaction.atomic
def ask_once_more(
    *, care_plan: CarePlan, activity: Activity, days: int, reason: str, by: StaffMember, at: datetime
) -> Task:
    """Ask a questionnaire of the plan now, with so many days to answer (1: until tonight); docs/adr/0018.

    A second call on the same day gives the task of the first as long as it is not answered. Raises AskedAlready where
    the plan itself has it open, NotToBeAsked, CarePlanOnHold or CarePlanOver.
    """
    care_plan = locked_with_tasks(care_plan)
    require_going_on(care_plan)
    if care_plan.is_on_hold:
        raise CarePlanOnHold(_("Planen er på pause. Genoptag den, før du spørger om mere."))
    if activity.plan_id != care_plan.plan_id or not 1 <= days <= MOST_ANSWER_DAYS:
        raise NotToBeAsked(_("Vælg et spørgeskema i planen og højst 90 dage til at svare."))
    today = at.astimezone(DANISH_TIME).date()
    open_now = Task.objects.available(at).filter(care_plan=care_plan, activity=activity)
    for task in open_now:
        if task.is_extra and task.opens_at.astimezone(DANISH_TIME).date() == today:
            return task
        raise AskedAlready(_("Borgeren har allerede spørgeskemaet åbent. Send en påmindelse i stedet."))
    task = Task.objects.create(
        care_plan=care_plan,
        activity=activity,
        municipality_id=care_plan.municipality_id,
        citizen_id=care_plan.citizen_id,
        # Now, not at midnight: the plan itself may open one today.
        opens_at=at,
        due_at=window(today, today + timedelta(days=days - 1)).due_at,
        triggers=Activity.objects.filter(after=activity).exists(),
        is_extra=True,
    )
    words = f"{activity.shown_title}: {reason}" if reason.strip() else activity.shown_title
    history.note(care_plan, history.Kind.EXTRA, at=at, by=by, reason=words)
    return task
