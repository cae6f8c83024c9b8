"""What we have of a course, for comparing with what stands on the platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fut.incoming.reading import Seen
from fut.subjects import service_request_id
from plans.correcting import editions
from plans.models import Activity, CarePlan, Task


@dataclass(frozen=True, slots=True)
class Mine:
    """What of ours something there is: `status` None where we have none. `news`: of what there may be some."""

    status: str | None
    news: frozenset[UUID] = frozenset()
    care_plan: CarePlan | None = None
    activity: Activity | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What we have of a course.

    `answers`: those that were sent, each with its care plan and activity; `former`: those of them that were corrected.
    """

    care_plans: Mapping[UUID, CarePlan]
    requests: Mapping[UUID, tuple[CarePlan, Activity]]
    open_requests: frozenset[UUID]
    answers: Mapping[UUID, tuple[UUID, UUID]]
    former: frozenset[UUID] = frozenset()

    @property
    def ended(self) -> set[UUID]:
        """The care plans that have ended here."""
        return {pk for pk, plan in self.care_plans.items() if not plan.goes_on}

    def of(self, one: Seen) -> Mine | None:
        """None where it says nothing by itself."""
        match one.resource_type:
            case "CarePlan":
                plan = self.care_plans.get(one.our_id) if one.our_id else None
                if plan is None:
                    return Mine(None)
                return Mine(plan.status, frozenset({plan.pk}) | self._answers_to(plan), plan)
            case "ServiceRequest":
                return self._request(one)
        if one.our_id is None or one.our_id not in self.answers:
            return Mine(None)
        # One that was corrected does not count there any more, once the platform has heard of it.
        is_told = one.our_id in self.former and one.status == "entered-in-error"
        return Mine("entered-in-error" if is_told else "completed", frozenset({one.our_id}))

    def _request(self, one: Seen) -> Mine | None:
        plan = self.care_plans.get(one.part_of) if one.part_of else None
        if plan is None or plan.status != CarePlan.Status.ACTIVE:
            return None  # the plan tells
        if one.our_id is None or one.our_id not in self.requests:
            return Mine(None, care_plan=plan)
        _, activity = self.requests[one.our_id]
        status = "active" if one.our_id in self.open_requests else "completed"
        return Mine(status, frozenset({plan.pk}) | self._answers_to(plan, activity), plan, activity)

    def _answers_to(self, plan: CarePlan, activity: Activity | None = None) -> frozenset[UUID]:
        return frozenset(
            answer
            for answer, (whose, of) in self.answers.items()
            if whose == plan.pk and (activity is None or of == activity.pk)
        )


def ours_of(episode_id: UUID) -> Ours:
    """A fixed number of queries."""
    care_plans = CarePlan.objects.filter(episode=episode_id).prefetch_related("plan__activities")
    tasks = Task.objects.filter(care_plan__episode=episode_id)
    open_of = set(tasks.unanswered().order_by().values_list("care_plan_id", "activity_id").distinct())
    requests = {
        service_request_id(plan, activity): (plan, activity)
        for plan in care_plans
        for activity in plan.plan.activities.all()
    }
    answered = list(tasks.answered().select_related("response").defer("response__document"))
    former = {task: editions(task.response) for task in answered if task.response is not None}
    return Ours(
        care_plans={plan.pk: plan for plan in care_plans},
        requests=requests,
        open_requests=frozenset(
            pk for pk, (plan, activity) in requests.items() if (plan.pk, activity.pk) in open_of
        ),
        answers={
            response.pk: (task.care_plan_id, task.activity_id)
            for task, earlier in former.items()
            for response in (task.response, *earlier)
            if response is not None
        },
        former=frozenset(one.pk for earlier in former.values() for one in earlier),
    )
