"""The FUT platform as a channel of the outbox: from our rows to the gateway's facts and back to addresses."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from fut import terminology
from fut.client import FutClient, FutConfig
from fut.definitions import activity_canonical, ensure_definitions, plan_canonical
from fut.errors import (
    FutAuthenticationFailed,
    FutChangedMeanwhile,
    FutConflict,
    FutRefused,
    FutUnavailable,
    MappingInvalid,
)
from fut.facts import (
    CarePlanFacts,
    CarePlanReferences,
    Coding,
    EpisodeFacts,
    EpisodeReferences,
    Occurrence,
    Once,
    PatientFacts,
    Reference,
    ResponseFacts,
    ServiceRequestFacts,
    Weekly,
    Window,
)
from fut.gateway import FutGateway, HttpFutGateway
from fut.grants import REFRESH_TOKEN, TOKEN_EXCHANGE, ClientCredentials, Grant, StoredGrant
from fut.mapping.endings import Ending
from fut.mapping.episodes import condition_id
from fut.mapping.task_messages import no_task_messages_id
from fut.models import FutReference
from municipalities.scope import Scope, within
from outbox.channels import AskedToWait, OneByOne, ReceiverAway, Refused, RetryLater
from outbox.models import ChannelName, Delivery, Event, EventName
from plans.models import Activity, CarePlan, EpisodeOfCare, Task
from plans.schedule import DANISH_TIME, Repeat, occurrences

CALL_SECONDS = 20.0


NEWS = frozenset(
    {
        EventName.CARE_PLAN_ASSIGNED,
        EventName.RESPONSE_COMPLETED,
        EventName.CARE_PLAN_ENDED,
        EventName.EPISODE_FINISHED,
    }
)


class FutChannel:
    """Care plans and answers on their way to FUT-I."""

    name = ChannelName.FUT
    # A care plan comes before its answers.
    keeps_order = True
    # Some seventeen requests at the worst, each within CALL_SECONDS.
    lease = timedelta(minutes=10)
    # An outage of days must lose nothing; what FUT refuses outright ends at once all the same.
    patience = timedelta(days=14)

    def wants(self, event: Event) -> bool:
        return event.name in NEWS

    def prepare(self, delivery: Delivery) -> None:
        """Nothing to store: what leaves is read from the subject when it leaves."""

    def not_before(self, event: Event, moment: datetime) -> datetime:
        """At any hour."""
        del event
        return moment

    def opens(self, moment: datetime) -> datetime:
        """At any hour."""
        return moment

    def handover(self) -> OneByOne:
        return OneByOne(self.deliver)

    def deliver(self, delivery: Delivery) -> None:
        try:
            _push(delivery.event, Scope.municipality(delivery.municipality_id))
        except FutChangedMeanwhile as error:
            raise RetryLater(str(error)) from error
        except FutUnavailable as error:
            after = timedelta(seconds=error.retry_after) if error.retry_after else None
            kind = AskedToWait if error.is_busy else ReceiverAway
            raise kind(str(error), after=after, sent=error.what) from error
        except FutAuthenticationFailed as error:
            # It lets nobody in: as good as away until somebody mends the settings.
            raise ReceiverAway(str(error)) from error
        except FutRefused as error:
            raise Refused(str(error), sent=error.what) from error
        except (FutConflict, MappingInvalid) as error:
            raise Refused(str(error)) from error

    def postponed(self, delivery: Delivery, until: datetime) -> None:
        """It never is."""

    def gave_up(self, delivery: Delivery) -> None:
        """The dead delivery itself is the note."""

    def revived(self, delivery: Delivery) -> None:
        """Nothing was noted elsewhere."""


def _push(event: Event, scope: Scope) -> None:
    """Read the news' subject, and bring it as it is now."""
    match event.name:
        case EventName.CARE_PLAN_ASSIGNED | EventName.CARE_PLAN_ENDED:
            with within(scope):
                care_plan = _care_plans().get(pk=event.subject_id)
            push = push_care_plan if event.name == EventName.CARE_PLAN_ASSIGNED else push_ending
            push(care_plan, gateway())
        case EventName.EPISODE_FINISHED:
            with within(scope):
                episode = _episodes().get(pk=event.subject_id)
            push_finished_episode(episode, event.occurred_at, gateway())
        case EventName.RESPONSE_COMPLETED:
            with within(scope):
                task = _answered_task(event.subject_id)
            push_response(task, gateway())


def _episodes() -> QuerySet[EpisodeOfCare]:
    related = ("citizen", "municipality", "care_team")
    return EpisodeOfCare.objects.select_related(*related).prefetch_related("care_plans")


def _care_plans() -> QuerySet[CarePlan]:
    """With all that FUT is told of them: nothing more is read once the calls have begun."""
    activities = Activity.objects.select_related("version__questionnaire").defer("version__source")
    return CarePlan.objects.select_related(
        "episode__citizen", "episode__municipality", "episode__care_team", "plan__owner"
    ).prefetch_related("tasks", "episode__care_plans", Prefetch("plan__activities", queryset=activities))


def _answered_task(response_id: UUID) -> Task:
    """The task of a response, with both and the care plan as `_care_plans` reads it."""
    tasks = Task.objects.select_related("activity", "response__version__questionnaire")
    task = tasks.defer("response__version__source").get(response_id=response_id)
    task.care_plan = _care_plans().get(pk=task.care_plan_id)
    return task


def push_care_plan(care_plan: CarePlan, to: FutGateway) -> None:
    """Bring the care plan to FUT with everything it stands on: its definitions, the citizen and the course."""
    episode = care_plan.episode
    ensure_definitions(care_plan.plan, episode.municipality, to)
    patient = _ensure_patient(episode, to)
    episode_references = _ensure_episode(episode, patient, to)
    # Before the platform knows of anything that its own job could tell the citizen of.
    _settle_task_messages(episode, patient, episode_references.episode, to)
    pushed = to.push_care_plan(
        CarePlanFacts(
            id=care_plan.pk,
            plan=plan_canonical(care_plan.plan),
            starts_at=_midnight(care_plan),
            ends_at=max((task.due_at for task in care_plan.tasks.all()), default=None),
            title=care_plan.plan.title,
            activities=[
                _service_request(care_plan, activity) for activity in care_plan.plan.activities.all()
            ],
        ),
        patient=patient,
        episode=episode_references,
    )
    _remember(episode, "CarePlan", care_plan.pk, pushed.care_plan)
    for local_id, reference in pushed.service_requests.items():
        _remember(episode, "ServiceRequest", local_id, reference)


def push_ending(care_plan: CarePlan, to: FutGateway) -> None:
    """Tell FUT that the care plan has ended, and how; it is brought first where FUT lacks it."""
    episode = care_plan.episode
    there = _care_plan_known(care_plan)
    if there is None:
        push_care_plan(care_plan, to)
        there = _care_plan_known(care_plan)
    if there is None:
        raise RetryLater("FUT took the care plan without its service requests; looking again later.")
    patient = _ensure_patient(episode, to)
    now = to.end_care_plan(
        there,
        Ending(care_plan.status),
        patient=patient,
        episode=_ensure_episode(episode, patient, to).episode,
    )
    _remember(episode, "CarePlan", care_plan.pk, now.care_plan)
    for local_id, reference in now.service_requests.items():
        _remember(episode, "ServiceRequest", local_id, reference)


def _care_plan_known(care_plan: CarePlan) -> CarePlanReferences | None:
    """The care plan's address and those of all its requests; None where one is missing."""
    plan = _known(care_plan.episode, "CarePlan", care_plan.pk)
    requests = {}
    for activity in care_plan.plan.activities.all():
        local_id = service_request_id(care_plan, activity)
        if request := _known(care_plan.episode, "ServiceRequest", local_id):
            requests[local_id] = request
    if plan is None or len(requests) < len(care_plan.plan.activities.all()):
        return None
    return CarePlanReferences(plan, requests)


def push_finished_episode(episode: EpisodeOfCare, at: datetime, to: FutGateway) -> None:
    """Tell FUT that the course ended at `at`."""
    patient = _ensure_patient(episode, to)
    there = _ensure_episode(episode, patient, to).episode
    _remember(episode, "EpisodeOfCare", episode.pk, to.finish_episode(there, patient=patient, at=at))


def push_response(task: Task, to: FutGateway) -> None:
    """Bring the submitted response of a task to FUT as a measurement of the task's service request."""
    episode, response = task.care_plan.episode, task.response
    if response is None or response.completed_at is None:
        raise ValueError(f"Task {task.pk} is not answered; only submitted answers leave the house.")
    # Also for plans that were brought when their definitions were not.
    ensure_definitions(task.care_plan.plan, episode.municipality, to)
    service_request = _service_request_of(task, to)
    patient = _ensure_patient(episode, to)
    reference = to.submit_response(
        ResponseFacts(
            id=response.pk,
            questionnaire=response.version.canonical,
            authored=response.completed_at,
            items=response.document.get("item", []),
            window=Window(start=task.opens_at, end=task.due_at - timedelta(seconds=1)),
            started_at=response.started_at,
        ),
        patient=patient,
        episode=_ensure_episode(episode, patient, to).episode,
        service_request=service_request,
    )
    _remember(episode, "QuestionnaireResponse", response.pk, reference)


def _service_request_of(task: Task, to: FutGateway) -> Reference:
    """The service request that the answers belong to; its care plan is brought first where FUT lacks it."""
    local_id = service_request_id(task.care_plan, task.activity)
    episode = task.care_plan.episode
    if _known(episode, "ServiceRequest", local_id) is None:
        push_care_plan(task.care_plan, to)
    reference = _known(episode, "ServiceRequest", local_id)
    if reference is None:
        raise RetryLater("FUT took the care plan without its service request; looking again later.")
    return reference


def service_request_id(care_plan: CarePlan, activity: Activity) -> UUID:
    """Our identifier of the service request that one activity of one care plan becomes."""
    return uuid5(care_plan.pk, str(activity.pk))


def _service_request(care_plan: CarePlan, activity: Activity) -> ServiceRequestFacts:
    return ServiceRequestFacts(
        id=service_request_id(care_plan, activity),
        activity=activity_canonical(activity, care_plan.plan),
        occurrence=_occurrence(care_plan, activity),
        title=activity.version.title,
    )


def _occurrence(care_plan: CarePlan, activity: Activity) -> Occurrence:
    if activity.repeat == Repeat.ONCE:
        return Once(at=_midnight(care_plan))
    windows = occurrences(
        repeat=Repeat.WEEKLY,
        count=activity.occurrences,
        starts_on=care_plan.starts_on,
        answer_days=activity.answer_days,
    )
    # The last moment of the last window: its midnight could be taken for the start of one more week.
    return Weekly(first=windows[0].opens_at, until=windows[-1].due_at - timedelta(seconds=1))


def _ensure_patient(episode: EpisodeOfCare, to: FutGateway) -> Reference:
    known = _known(episode, "Patient", episode.citizen_id)
    if known:
        return known
    patient = to.ensure_patient(PatientFacts(cpr=episode.citizen.cpr))
    _remember(episode, "Patient", episode.citizen_id, patient)
    return patient


def _ensure_episode(episode: EpisodeOfCare, patient: Reference, to: FutGateway) -> EpisodeReferences:
    known = _known(episode, "EpisodeOfCare", episode.pk)
    condition = _known(episode, "Condition", condition_id(episode.pk))
    if known and condition:
        return EpisodeReferences(episode=known, condition=condition)
    starts_at = datetime.combine(episode.started_on, time.min, tzinfo=DANISH_TIME)
    references = to.ensure_episode(
        EpisodeFacts(
            id=episode.pk,
            starts_at=starts_at,
            organization=to.find_organization(episode.municipality.code),
            consented_at=_consented_at(episode),
            diagnosis=Coding(
                terminology.SKS, episode.care_team.condition_code, episode.care_team.condition_name
            ),
        ),
        patient=patient,
    )
    _remember(episode, "EpisodeOfCare", episode.pk, references.episode)
    _remember(episode, "Condition", condition_id(episode.pk), references.condition)
    return references


def _settle_task_messages(
    episode: EpisodeOfCare, patient: Reference, there: Reference, to: FutGateway
) -> None:
    """One of us tells the citizen of a new task, never both: what the setting says holds for each plan that is sent.

    Where the setting was turned round, an episode follows with its next plan.
    """
    our_id = no_task_messages_id(episode.pk)
    known = _known(episode, "CommunicationRequest", our_id)
    if settings.TASK_MESSAGES_FROM == "us":
        if known is None:
            starts_at = datetime.combine(episode.started_on, time.min, tzinfo=DANISH_TIME)
            request = to.stop_task_messages(episode.pk, patient=patient, episode=there, starts_at=starts_at)
            _remember(episode, "CommunicationRequest", our_id, request)
    elif known is not None:
        to.allow_task_messages(known, patient=patient, episode=there)
        _forget(episode, "CommunicationRequest", our_id)


def _consented_at(episode: EpisodeOfCare) -> datetime:
    """When staff gave the first plan of the course, having talked with the citizen about it.

    It stands in for the consent itself, which nobody records yet (docs/architecture.md, “What stands in”).
    """
    return min(care_plan.assigned_at for care_plan in episode.care_plans.all())


def _midnight(care_plan: CarePlan) -> datetime:
    return datetime.combine(care_plan.starts_on, time.min, tzinfo=DANISH_TIME)


def _known(episode: EpisodeOfCare, resource_type: str, local_id: UUID) -> Reference | None:
    with within(Scope.municipality(episode.municipality_id)):
        row = FutReference.objects.filter(resource_type=resource_type, local_id=local_id).first()
    return Reference(url=row.url, version=row.version_id or None) if row else None


def _remember(episode: EpisodeOfCare, resource_type: str, local_id: UUID, reference: Reference) -> None:
    whose = {
        "citizen_id": episode.citizen_id,
        # The person has one address on the platform, whoever follows them.
        "municipality_id": None if resource_type == "Patient" else episode.municipality_id,
    }
    with within(Scope.municipality(episode.municipality_id)):
        FutReference.objects.update_or_create(
            resource_type=resource_type,
            local_id=local_id,
            defaults={"url": reference.url, "version_id": reference.version or "", **whose},
        )


def _forget(episode: EpisodeOfCare, resource_type: str, local_id: UUID) -> None:
    with within(Scope.municipality(episode.municipality_id)):
        FutReference.objects.filter(resource_type=resource_type, local_id=local_id).delete()


@lru_cache(maxsize=1)
def gateway() -> FutGateway:
    """The platform that the settings name; one a process, since it keeps the access token."""
    config = FutConfig(
        base_url=settings.FUT_BASE_URL,
        token_url=settings.FUT_TOKEN_URL,
        client_id=settings.FUT_CLIENT_ID,
        client_secret=settings.FUT_CLIENT_SECRET,
        timeout=CALL_SECONDS,
        service_urls=settings.FUT_SERVICE_URLS,
        grant=_grant(),
        certificate=settings.FUT_CERTIFICATE,
        key=settings.FUT_KEY,
        trust=settings.FUT_TRUST,
    )
    return HttpFutGateway(FutClient(config))


def _grant() -> Grant:
    if settings.FUT_TOKEN_GRANT == "client_credentials":  # noqa: S105 - the name of a grant
        return ClientCredentials()
    kind = REFRESH_TOKEN if settings.FUT_TOKEN_GRANT == REFRESH_TOKEN else TOKEN_EXCHANGE
    return StoredGrant(Path(settings.FUT_GRANT_FILE), kind)
