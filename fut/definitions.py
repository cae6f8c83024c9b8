"""Bringing what KAM published to the platform: before the first care plan that is made of it.

The platform checks each answer against the activity and the questionnaire that it names (contract §5 F).
"""

from django.conf import settings

from fut.facts import ActivityFacts, Definition, PlanFacts, QuestionnaireFacts, Reference
from fut.gateway import FutGateway
from fut.models import FutDefinition
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from plans.models import Activity, Plan
from questionnaires.models import QuestionnaireVersion

CANONICAL_BASE = "https://kommunalpro.dk/fhir"


def plan_canonical(plan: Plan) -> str:
    return f"{_url('PlanDefinition', plan.pk)}|{plan.version}"


def activity_canonical(activity: Activity, plan: Plan) -> str:
    return f"{_url('ActivityDefinition', activity.pk)}|{plan.version}"


def ensure_definitions(plan: Plan, municipality: Municipality, to: FutGateway) -> None:
    """The plan with its activities and their questionnaires, each where the platform lacks it; first what others name.

    `plan` comes with its activities, and they with their versions and questionnaires. `municipality` is the one
    whose citizen is given the plan.
    """
    activities = list(plan.activities.all())
    missing = _missing(plan, activities, municipality)
    if not missing:
        return
    owner = _owner(plan.owner, municipality, to)
    for definition in missing:
        reference = to.ensure_definition(definition, owner=owner)
        with within(Scope.municipality(municipality.pk)):
            FutDefinition.objects.update_or_create(
                resource_type=reference.resource_type,
                local_id=definition.id,
                defaults={"url": reference.url, "version_id": reference.version or ""},
            )


def _missing(plan: Plan, activities: list[Activity], municipality: Municipality) -> list[Definition]:
    """What has no address yet, in the order in which it can be brought."""
    ids = [plan.pk, *(one.pk for one in activities), *(one.version_id for one in activities)]
    with within(Scope.municipality(municipality.pk)):
        known = set(FutDefinition.objects.filter(local_id__in=ids).values_list("local_id", flat=True))
        lacking = {one.version_id for one in activities} - known
        versions = QuestionnaireVersion.objects.select_related("questionnaire").filter(pk__in=lacking)
        questionnaires: list[Definition] = [_questionnaire(version) for version in versions]
    others: list[Definition] = [_activity(one, plan) for one in activities] + [_plan(plan, activities)]
    return questionnaires + [one for one in others if one.id not in known]


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
        source=version.source,
    )


def _activity(activity: Activity, plan: Plan) -> ActivityFacts:
    return ActivityFacts(
        id=activity.pk,
        url=_url("ActivityDefinition", activity.pk),
        version=plan.version,
        title=activity.version.title,
        questionnaire=activity.version.canonical,
    )


def _plan(plan: Plan, activities: list[Activity]) -> PlanFacts:
    return PlanFacts(
        id=plan.pk,
        url=_url("PlanDefinition", plan.pk),
        version=plan.version,
        title=plan.title,
        description=plan.description,
        activities=[activity_canonical(one, plan) for one in activities],
    )


def _url(resource_type: str, local_id: object) -> str:
    return f"{CANONICAL_BASE}/{resource_type}/{local_id}"
