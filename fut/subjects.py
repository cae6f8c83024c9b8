"""What the news are of, read with all that the platform is told of it, and turned into the gateway's facts."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from django.db.models import Prefetch, QuerySet

from fut import terminology
from fut.attachments import with_contents
from fut.definitions import activity_canonical, plan_canonical
from fut.facts import (
    CarePlanFacts,
    Coding,
    EpisodeFacts,
    Occurrence,
    Once,
    PeriodUnit,
    Recurring,
    Reference,
    ResponseFacts,
    ServiceRequestFacts,
    Whenever,
    Window,
)
from fut.models import FutTeam
from outbox.models import Delivery, EventName
from plans.models import Activity, CarePlan, EpisodeOfCare, Task
from plans.schedule import (
    DANISH_TIME,
    AfterAnswer,
    Dates,
    Every,
    Moves,
    OnWeekdays,
    Unit,
    day_after,
    occurrences,
)
from questionnaires.models import QuestionnaireVersion, Response


@dataclass(frozen=True, slots=True)
class FormerAnswer:
    """An answer that was corrected since: its task, with it as the response, and what was submitted in its place."""

    task: Task
    corrected_by: UUID


Subject = CarePlan | EpisodeOfCare | Task | FormerAnswer

OF_ANSWERS = (EventName.RESPONSE_COMPLETED, EventName.RESPONSE_CORRECTED)
OF_CARE_PLANS = (
    EventName.CARE_PLAN_ASSIGNED,
    EventName.CARE_PLAN_PAUSED,
    EventName.CARE_PLAN_RESUMED,
    EventName.CARE_PLAN_CHANGED,
    EventName.CARE_PLAN_ENDED,
)
OF_EPISODES = (EventName.EPISODE_FINISHED, EventName.EPISODE_MOVED, EventName.CONSENT_WITHDRAWN)


def read(deliveries: Sequence[Delivery]) -> dict[int, Subject]:
    """The subject of each delivery; those that are gone are left out. Called in a transaction.

    A fixed number of queries, however many they are (but for answers that were corrected often). Of an answer it is
    what the platform is told where it knows the plan; what bringing its plan takes besides, `read_plans` reads. Nothing
    more is read once the calls have begun.
    """
    ids = {name: [one.event.subject_id for one in deliveries if one.event.name == name] for name in EventName}
    answers = {pk for name in OF_ANSWERS for pk in ids[name]}
    found: dict[UUID, Subject] = {
        task.response_id: task for task in _answered_tasks(answers) if task.response_id is not None
    }
    found |= _former_answers(answers - found.keys())
    found |= _care_plans([pk for name in OF_CARE_PLANS for pk in ids[name]])
    found |= _episodes([pk for name in OF_EPISODES for pk in ids[name]])
    return {one.pk: found[one.event.subject_id] for one in deliveries if one.event.subject_id in found}


def read_plans(tasks: Collection[Task]) -> None:
    """Read what bringing the plans of these takes. Called in a transaction."""
    care_plans = _care_plans({task.care_plan_id for task in tasks})
    for task in tasks:
        task.care_plan = care_plans[task.care_plan_id]


def _episodes(ids: Collection[UUID]) -> dict[UUID, EpisodeOfCare]:
    if not ids:
        return {}
    related = ("citizen", "municipality", "care_team")
    found = EpisodeOfCare.objects.filter(pk__in=ids)
    return {one.pk: one for one in found.select_related(*related).prefetch_related("care_plans", "consents")}


def _care_plans(ids: Collection[UUID]) -> dict[UUID, CarePlan]:
    if not ids:
        return {}
    found = CarePlan.objects.filter(pk__in=ids)
    return {
        one.pk: one
        for one in found.select_related(
            "episode__citizen", "episode__municipality", "episode__care_team", "plan__owner"
        ).prefetch_related(
            "tasks",
            "episode__care_plans",
            "episode__consents",
            Prefetch("plan__activities", queryset=_activities()),
        )
    }


def _answered_tasks(response_ids: Collection[UUID]) -> list[Task]:
    """With what many of them share (versions, plans, activities) read once."""
    found = Task.objects.filter(response__in=response_ids)
    versions = QuestionnaireVersion.objects.select_related("questionnaire").defer("source")
    return list(
        found.select_related("activity", "response", "care_plan__episode").prefetch_related(
            Prefetch("response__version", queryset=versions),
            "care_plan__plan",
            Prefetch("care_plan__plan__activities", queryset=_activities()),
        )
    )


def _activities() -> QuerySet[Activity]:
    return Activity.objects.select_related("version__questionnaire").defer("version__source")


def _former_answers(response_ids: Collection[UUID]) -> dict[UUID, FormerAnswer]:
    """Those of the responses that were corrected, each with the task that has the one in force by now."""
    if not response_ids:
        return {}
    responses = Response.objects.select_related("version__questionnaire").defer("version__source")
    former = responses.former().filter(pk__in=response_ids)
    corrected_by: dict[UUID, UUID] = {}
    wanted = {one.pk for one in former}
    while wanted:
        rows = Response.objects.completed().filter(replaces__in=wanted).values_list("replaces", "pk")
        later = {replaced: pk for replaced, pk in rows if replaced is not None}
        corrected_by |= later
        wanted = set(later.values()) - corrected_by.keys()
    tasks = {task.response_id: task for task in _answered_tasks(corrected_by.values())}
    found: dict[UUID, FormerAnswer] = {}
    for one in former:
        last = one.pk
        while last in corrected_by:
            last = corrected_by[last]
        if last in tasks:
            task = copy(tasks[last])
            task.response = one
            found[one.pk] = FormerAnswer(task, corrected_by[one.pk])
    return found


def episode_of(subject: Subject) -> EpisodeOfCare:
    """The course that it belongs to."""
    match subject:
        case EpisodeOfCare():
            return subject
        case CarePlan():
            return subject.episode
        case Task():
            return subject.care_plan.episode
        case FormerAnswer():
            return subject.task.care_plan.episode


def care_plans_of(subject: Subject) -> list[CarePlan]:
    """The plan that may have to be brought for it; none for a course itself."""
    match subject:
        case EpisodeOfCare():
            return []
        case CarePlan():
            return [subject]
        case Task():
            return [subject.care_plan]
        case FormerAnswer():
            return [subject.task.care_plan]


def teams_of(subjects: Collection[Subject]) -> dict[int, Reference]:
    """The care teams of those courses' municipalities that the platform is known to have, by our id.

    Called in a transaction. Of answers nobody asks: the team stands in the course and the plan.
    """
    places = {
        episode_of(one).municipality_id for one in subjects if isinstance(one, CarePlan | EpisodeOfCare)
    }
    if not places:
        return {}
    known = FutTeam.objects.filter(municipality__in=places)
    return {one.care_team_id: Reference(one.url) for one in known}


def service_request_id(care_plan: CarePlan, activity: Activity) -> UUID:
    """Our identifier of the service request that one activity of one care plan becomes."""
    return uuid5(care_plan.pk, str(activity.pk))


def episode_facts(
    episode: EpisodeOfCare, organization: Reference, care_team: Reference | None = None
) -> EpisodeFacts:
    team = episode.care_team
    return EpisodeFacts(
        id=episode.pk,
        starts_at=started_at(episode),
        organization=organization,
        consented_at=_consented_at(episode),
        diagnosis=Coding(terminology.SKS, team.condition_code, team.condition_name),
        care_team=care_team,
    )


def started_at(episode: EpisodeOfCare) -> datetime:
    return datetime.combine(episode.started_on, time.min, tzinfo=DANISH_TIME)


def _consented_at(episode: EpisodeOfCare) -> datetime:
    """When the citizen said yes to the course, as staff recorded it.

    Where nobody has: when staff gave the first plan, having talked with the citizen about it.
    """
    consents = sorted(episode.consents.all(), key=lambda one: one.recorded_at)
    if consents:
        first = consents[0]
        said = datetime.combine(first.given_on, time.min, tzinfo=DANISH_TIME)
        is_same_day = first.recorded_at.astimezone(DANISH_TIME).date() == first.given_on
        return first.recorded_at if is_same_day else said
    return min(care_plan.assigned_at for care_plan in episode.care_plans.all())


def care_plan_facts(care_plan: CarePlan, care_team: Reference | None = None) -> CarePlanFacts:
    return CarePlanFacts(
        id=care_plan.pk,
        plan=plan_canonical(care_plan.plan),
        starts_at=_midnight(care_plan),
        ends_at=_ends_at(care_plan),
        title=care_plan.plan.title,
        care_team=care_team,
        activities=[_service_request(care_plan, activity) for activity in care_plan.plan.activities.all()],
    )


def _ends_at(care_plan: CarePlan) -> datetime | None:
    """When its last task is due; nobody knows where tasks follow answers."""
    if any(activity.after_id for activity in care_plan.plan.activities.all()):
        return None
    return max((task.due_at for task in care_plan.tasks.all()), default=None)


def _service_request(care_plan: CarePlan, activity: Activity) -> ServiceRequestFacts:
    return ServiceRequestFacts(
        id=service_request_id(care_plan, activity),
        activity=activity_canonical(activity, care_plan.plan),
        occurrence=_occurrence(care_plan, activity),
        title=activity.shown_title,
    )


def _as_adjusted(care_plan: CarePlan, activity: Activity) -> Whenever:
    """Between the first and the last of its tasks; the day the plan begins where all were left out."""
    tasks = [
        task
        for task in care_plan.tasks.all()
        if task.activity_id == activity.pk and task.status != Task.Status.CANCELLED
    ]
    first = min((task.opens_at for task in tasks), default=_midnight(care_plan))
    end = max((task.due_at for task in tasks), default=first + timedelta(days=1))
    return Whenever(first=first, until=end - timedelta(seconds=1))


_PERIOD_UNITS = {Unit.DAYS: PeriodUnit.DAY, Unit.WEEKS: PeriodUnit.WEEK, Unit.MONTHS: PeriodUnit.MONTH}
_SHORTEST_MONTH = 28


def _occurrence(care_plan: CarePlan, activity: Activity) -> Occurrence:
    """What the platform is told of an activity's rhythm; docs/fut.md, “Rhythms”, says why so."""
    rhythm = activity.rhythm
    if isinstance(rhythm, AfterAnswer):
        return Whenever(first=_midnight(care_plan))
    if care_plan.is_adjusted:
        return _as_adjusted(care_plan, activity)
    dates = _dates(care_plan)
    windows = occurrences(rhythm, activity.window, dates)
    first, last = windows[0], windows[-1]
    if first is last:
        return Once(at=first.opens_at)
    # The last moment of the last window: its midnight could be taken for the start of one more.
    end = last.due_at - timedelta(seconds=1)
    if not isinstance(rhythm, Every | OnWeekdays) or not _recurs(rhythm, activity, dates):
        return Whenever(first=first.opens_at, until=end)
    following = datetime.combine(day_after(rhythm, dates, len(windows)), time.min, tzinfo=DANISH_TIME)
    until = min(end, following - timedelta(seconds=1))
    if isinstance(rhythm, Every):
        unit = _PERIOD_UNITS[rhythm.step.unit]
        return Recurring(first=first.opens_at, until=until, period=rhythm.step.number, unit=unit)
    return Recurring(first=first.opens_at, until=until, period=rhythm.every_weeks, weekdays=rhythm.weekdays)


def _recurs(rhythm: Every | OnWeekdays, activity: Activity, dates: Dates) -> bool:
    """Whether FHIR's recurrence gives the same days: none of them is moved, or is no day of a shorter month."""
    if isinstance(rhythm, Every) and rhythm.step.unit is Unit.MONTHS and dates.start.day > _SHORTEST_MONTH:
        return False
    if activity.window.moves is Moves.STAYS:
        return True
    unmoved = occurrences(rhythm, replace(activity.window, moves=Moves.STAYS), dates)
    return unmoved == occurrences(rhythm, activity.window, dates)


def _fills_a_slot(care_plan: CarePlan, activity: Activity) -> bool:
    """Whether the platform resolves the activity to slots, of which an answer fills one; else it is *Adhoc* there."""
    rhythm = activity.rhythm
    if isinstance(rhythm, AfterAnswer) or care_plan.is_adjusted:
        return False
    dates = _dates(care_plan)
    if isinstance(rhythm, Every | OnWeekdays) and _recurs(rhythm, activity, dates):
        return True
    return len(occurrences(rhythm, activity.window, dates)) == 1


def _dates(care_plan: CarePlan) -> Dates:
    return Dates(start=care_plan.starts_on, appointment=care_plan.appointment_on)


def _midnight(care_plan: CarePlan) -> datetime:
    return datetime.combine(care_plan.starts_on, time.min, tzinfo=DANISH_TIME)


def response_facts(task: Task) -> ResponseFacts:
    response = task.response
    if response is None or response.completed_at is None:
        raise ValueError(f"Task {task.pk} is not answered; only submitted answers leave the house.")
    return ResponseFacts(
        id=response.pk,
        questionnaire=response.version.canonical,
        authored=response.completed_at,
        items=with_contents(response),
        window=Window(start=task.opens_at, end=task.due_at - timedelta(seconds=1))
        if not task.is_extra and _fills_a_slot(task.care_plan, task.activity)
        else None,
        started_at=response.started_at,
    )
