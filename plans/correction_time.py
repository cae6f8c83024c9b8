"""How long a submitted answer may be corrected: as many days as the plan says, from when it was first submitted.

A correction that was begun in time may be submitted for an hour more: who is at it as the time runs out loses nothing.
Correcting once more begins no new time. The plan goes on for as long, since the platform takes no answer to one that
is over.
"""

from datetime import datetime, timedelta

from plans.models import CarePlan, Plan, Task
from questionnaires.models import Response

GRACE = timedelta(hours=1)


def corrected_until(response: Response, plan: Plan) -> datetime | None:
    """The moment until which a correction of a submitted response can be begun; None where the plan allows none."""
    if not plan.correction_days:
        return None
    submitted = first_edition(response).completed_at
    return submitted + timedelta(days=plan.correction_days) if submitted else None


def first_edition(response: Response) -> Response:
    """What was submitted first, of which the response is a correction, or a correction of a correction."""
    return [response, *response.earlier()][-1]


def waits_for_corrections(care_plan: CarePlan, at: datetime) -> bool:
    """Whether an answer of the plan may still be corrected at `at`, or a correction of it still be submitted."""
    days = care_plan.plan.correction_days
    if not days:
        return False
    lately = Task.objects.answered().filter(
        care_plan=care_plan, response__completed_at__gt=at - timedelta(days=days) - GRACE
    )
    answers = (task.response for task in lately.select_related("response").defer("response__document"))
    ends = (corrected_until(one, care_plan.plan) for one in answers if one is not None)
    return any(end + GRACE > at for end in ends if end is not None)
