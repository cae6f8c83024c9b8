"""Bringing what KAM published to the platform: before the first care plan that is made of it.

The platform checks each answer against the activity and the questionnaire that it names (contract §5 F).
"""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from fut.facts import ActivityFacts, Definition, PlanFacts, QuestionnaireFacts, Reference
from fut.gateway import FutGateway
from fut.models import FutDefinition
from municipalities.models import Municipality
from plans.models import Activity, CarePlan, Plan
from questionnaires.decision_support import source_in_use
from questionnaires.models import QuestionnaireVersion

CANONICAL_BASE = "https://kommunalpro.dk/fhir"


def plan_canonical(plan: Plan) -> str:
    return f"{_url('PlanDefinition', plan.line)}|{plan.version}"


def activity_canonical(activity: Activity, plan: Plan) -> str:
    return f"{_url('ActivityDefinition', activity.pk)}|{plan.version}"


class Definitions:
    """What of that stands there already, for the deliveries of one claim; only `read` and `write` ask the database."""

    def __init__(self) -> None:
        self._known: set[UUID] = set()
        self._forms: dict[UUID, QuestionnaireVersion] = {}
        self._learnt: dict[UUID, FutDefinition] = {}

    def read(self, plans: Iterable[Plan]) -> None:
        """Find out what the platform lacks of these plans, and read its forms. Called in a transaction.

        `plans` come with their activities, and they with their versions and questionnaires.
        """
        forms = {one.version_id for plan in plans for one in plan.activities.all()}
        ids = forms | {pk for plan in plans for pk in (plan.pk, *(one.pk for one in plan.activities.all()))}
        ids -= self._known
        if not ids:
            return
        self._known |= set(FutDefinition.objects.filter(local_id__in=ids).values_list("local_id", flat=True))
        lacking = QuestionnaireVersion.objects.select_related("questionnaire")
        self._forms |= lacking.in_bulk(forms - self._known - self._forms.keys())

    def lack(self, plan: Plan) -> bool:
        """Whether something of the plan has to be brought."""
        activities = plan.activities.all()
        return plan.pk not in self._known or any(
            one.pk not in self._known or one.version_id not in self._known for one in activities
        )

    def ensure(self, care_plan: CarePlan, to: FutGateway) -> None:
        """Bring its plan with activities and their questionnaires, each where it lacks; first what others name."""
        if not self.lack(care_plan.plan):
            return
        owner = _owner(care_plan.plan.owner, care_plan.episode.municipality, to)
        for definition in self._missing(care_plan.plan):
            reference = to.ensure_definition(definition, owner=owner)
            self._known.add(definition.id)
            self._learnt[definition.id] = FutDefinition(
                resource_type=reference.resource_type,
                local_id=definition.id,
                url=reference.url,
                version_id=reference.version or "",
            )

    def _missing(self, plan: Plan) -> list[Definition]:
        """What has no address yet, in the order in which it can be brought."""
        activities = list(plan.activities.all())
        forms = dict.fromkeys(one.version_id for one in activities if one.version_id not in self._known)
        questionnaires: list[Definition] = [_questionnaire(self._forms[pk]) for pk in forms]
        others: list[Definition] = [_activity(one, plan) for one in activities] + [_plan(plan, activities)]
        return questionnaires + [one for one in others if one.id not in self._known]

    @property
    def has_news(self) -> bool:
        return bool(self._learnt)

    def write(self) -> None:
        """The addresses learnt since the last time. Called in a transaction."""
        rows = [self._learnt[pk] for pk in sorted(self._learnt)]
        for row in rows:
            row.stored_at = timezone.now()
        FutDefinition.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["resource_type", "local_id"],
            update_fields=["url", "version_id", "stored_at"],
        )
        self._learnt = {}


def _owner(of_plan: Municipality | None, municipality: Municipality, to: FutGateway) -> Reference:
    """Who may change it there: the municipality that made it.

    What is national belongs to the organisation that the settings name, else to the municipality that uses it first.
    """
    if of_plan is None and settings.FUT_NATIONAL_OWNER:
        return Reference(settings.FUT_NATIONAL_OWNER)
    return to.find_organization((of_plan or municipality).code)


def _questionnaire(version: QuestionnaireVersion) -> QuestionnaireFacts:
    return QuestionnaireFacts(
        id=version.pk,
        url=version.questionnaire.url,
        version=version.number,
        title=version.title,
        # The platform triages by the colours it is told: it is told those that are switched on.
        source=source_in_use(version),
    )


def _activity(activity: Activity, plan: Plan) -> ActivityFacts:
    return ActivityFacts(
        id=activity.pk,
        url=_url("ActivityDefinition", activity.pk),
        version=plan.version,
        title=activity.shown_title,
        questionnaire=activity.version.canonical,
    )


def _plan(plan: Plan, activities: list[Activity]) -> PlanFacts:
    return PlanFacts(
        id=plan.pk,
        url=_url("PlanDefinition", plan.line),
        version=plan.version,
        title=plan.title,
        description=plan.description,
        activities=[activity_canonical(one, plan) for one in activities],
    )


def _url(resource_type: str, local_id: object) -> str:
    return f"{CANONICAL_BASE}/{resource_type}/{local_id}"
