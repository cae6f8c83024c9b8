"""Rows for tests, with only what matters given: everything else is plausible and made up."""

from datetime import date, datetime, timedelta
from typing import Any

import factory
from django.utils import timezone

from citizens.models import Citizen
from identity.models import AssistedVisit, StaffMember
from municipalities.models import CareTeam, Municipality, Region
from plans import services as plans
from plans.models import Activity, CarePlan, Plan, Task
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion


class MunicipalityFactory(factory.django.DjangoModelFactory[Municipality]):
    class Meta:
        model = Municipality

    code = factory.Sequence(lambda n: f"{1000 + n:04d}")
    name = factory.Sequence(lambda n: f"Testby {n}")
    region = Region.NORDJYLLAND
    cvr = factory.Sequence(lambda n: f"{91000000 + n}")
    wave = 1


class CareTeamFactory(factory.django.DjangoModelFactory[CareTeam]):
    class Meta:
        model = CareTeam

    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda n: f"Team {n}")
    condition_code = "DZ76"
    condition_name = "Rehabilitering UNS"


class StaffMemberFactory(factory.django.DjangoModelFactory[StaffMember]):
    class Meta:
        model = StaffMember

    issuer = "http://login.invalid"
    subject = factory.Sequence(lambda n: f"staff-{n}")
    name = factory.Sequence(lambda n: f"Sygeplejerske {n}")
    municipality = factory.SubFactory(MunicipalityFactory)


class CitizenFactory(factory.django.DjangoModelFactory[Citizen]):
    """A citizen with a replacement number (sixty added to the day): nobody's real CPR number."""

    class Meta:
        model = Citizen

    class Params:
        number = factory.Sequence(lambda n: n)

    cpr_number = factory.LazyAttribute(lambda made: f"610150{made.number % 4000:04d}")
    municipality = factory.SubFactory(MunicipalityFactory)
    given_name = "Borger"
    family_name = factory.Sequence(lambda n: f"Testesen {n}")
    birth_date = date(1950, 1, 1)
    sex = Citizen.Sex.FEMALE

    @classmethod
    def _create(cls, model_class: type[Citizen], *args: Any, **kwargs: Any) -> Citizen:
        citizen: Citizen = model_class.objects.enrol(*args, **kwargs)
        return citizen


class AssistedVisitFactory(factory.django.DjangoModelFactory[AssistedVisit]):
    """A visit that was begun an hour and a day ago and left open; `citizen` and `helper` are of one municipality."""

    class Meta:
        model = AssistedVisit

    citizen = factory.SubFactory(CitizenFactory)
    municipality = factory.SelfAttribute("citizen.municipality")
    helper = factory.SubFactory(StaffMemberFactory, municipality=factory.SelfAttribute("..municipality"))
    session_hash = factory.Sequence(lambda n: f"{n:064x}")
    consent = AssistedVisit.Consent.ORAL
    identity_checked = AssistedVisit.Checked.PHOTO_ID
    begun_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=25))
    consent_at = factory.SelfAttribute("begun_at")
    last_used_at = factory.SelfAttribute("begun_at")
    ends_at = factory.LazyAttribute(lambda made: made.begun_at + timedelta(hours=1))


def questionnaire_source(
    *, url: str = "https://example.org/q", title: str = "Om din dag", **more: Any
) -> dict[str, Any]:
    """A small form: a boolean that opens a required integer, and a text."""
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "status": "active",
        "title": title,
        "item": [
            {
                "linkId": "page",
                "type": "group",
                "text": "Smerter",
                "item": [
                    {"linkId": "pain", "type": "boolean", "text": "Har du smerter?", "required": True},
                    {
                        "linkId": "how-much",
                        "type": "integer",
                        "text": "Hvor mange dage i denne uge?",
                        "required": True,
                        "enableWhen": [{"question": "pain", "operator": "=", "answerBoolean": True}],
                    },
                    {"linkId": "note", "type": "text", "text": "Er der andet, du vil fortælle?"},
                ],
            }
        ],
        **more,
    }


class QuestionnaireFactory(factory.django.DjangoModelFactory[Questionnaire]):
    class Meta:
        model = Questionnaire

    url = factory.Sequence(lambda n: f"https://example.org/questionnaire-{n}")


class QuestionnaireVersionFactory(factory.django.DjangoModelFactory[QuestionnaireVersion]):
    """An active version 1."""

    class Meta:
        model = QuestionnaireVersion

    questionnaire = factory.SubFactory(QuestionnaireFactory)
    number = 1
    status = PublicationStatus.ACTIVE
    title = "Om din dag"
    source = factory.LazyAttribute(
        lambda made: questionnaire_source(url=made.questionnaire.url, title=made.title)
    )
    published_at = factory.LazyFunction(timezone.now)


class PlanFactory(factory.django.DjangoModelFactory[Plan]):
    """An active national plan with one activity; `weekly=8` for eight weeks, else once."""

    class Meta:
        model = Plan
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Plan {n}")
    status = PublicationStatus.ACTIVE
    published_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def weekly(
        self: Plan, create: bool, weeks: int | None, version: QuestionnaireVersion | None = None
    ) -> None:
        Activity.objects.create(
            plan=self,
            version=version or QuestionnaireVersionFactory(),
            repeat="weekly" if weeks else "once",
            occurrences=weeks or 1,
        )


def assign(
    citizen: Citizen | None = None,
    *,
    plan: Plan | None = None,
    by: StaffMember | None = None,
    at: datetime | None = None,
    starts_on: date | None = None,
) -> CarePlan:
    """A plan assigned by the use case itself, in the citizen's own municipality."""
    citizen = citizen or CitizenFactory()
    at = at or timezone.now()
    care_team = citizen.municipality.care_teams.first() or CareTeamFactory(municipality=citizen.municipality)
    return plans.assign_plan(
        plan=plan or PlanFactory(),
        citizen=citizen,
        care_team=care_team,
        starts_on=starts_on or timezone.localdate(at),
        by=by or StaffMemberFactory(municipality=citizen.municipality),
        at=at,
    )


def open_task(citizen: Citizen | None = None, **given: Any) -> Task:
    """The first task of a newly assigned plan."""
    return assign(citizen, **given).tasks.select_related("citizen", "activity__version").earliest("opens_at")


def overdue_task(citizen: Citizen | None = None, *, days: int = 3) -> Task:
    """A task whose time ran out `days` ago."""
    long_ago = timezone.now() - timedelta(days=7 + days)
    return open_task(citizen, at=long_ago)
