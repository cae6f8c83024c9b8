"""Rows for tests, with only what matters given: everything else is plausible and made up."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import factory
from django.utils import timezone

from citizens.models import Citizen
from followup.journal_layouts import choose_journal_parts
from followup.journal_models import USUAL_PARTS
from followup.models import CitizenNote, DeskSettings, Errand, Following, OutsideAccess, SavedView
from identity.models import PROGRAMS, AssistedVisit, ProgramKey, StaffMember
from identity.programs import hash_of
from municipalities.models import CareTeam, Municipality, Region
from plans import services as plans
from plans.models import Activity, CarePlan, CourseConsent, EpisodeOfCare, Plan, Task
from plans.rhythm_columns import columns_of
from plans.schedule import Every, Length, Once, Rhythm, Times, Unit
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireTest, QuestionnaireVersion


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


class ProgramKeyFactory(factory.django.DjangoModelFactory[ProgramKey]):
    """A key that lives for 90 days and may write and publish; `secret` is what the program sends."""

    class Meta:
        model = ProgramKey
        exclude = ("secret",)

    secret = factory.Sequence(lambda n: f"kpro_{n:043d}")
    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda n: f"Udgivelse fra Git {n}")
    member = factory.SubFactory(
        StaffMemberFactory,
        issuer=PROGRAMS,
        municipality=factory.SelfAttribute("..municipality"),
        name=factory.SelfAttribute("..name"),
    )
    made_by = factory.SubFactory(StaffMemberFactory, municipality=factory.SelfAttribute("..municipality"))
    secret_hash = factory.LazyAttribute(lambda made: hash_of(made.secret))
    hint = factory.LazyAttribute(lambda made: made.secret[:9])
    may_edit = True
    may_publish = True
    made_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    expires_at = factory.LazyAttribute(lambda made: made.made_at + timedelta(days=90))


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


class QuestionnaireTestFactory(factory.django.DjangoModelFactory[QuestionnaireTest]):
    """“No pain”: nothing more is asked."""

    class Meta:
        model = QuestionnaireTest

    questionnaire = factory.SubFactory(QuestionnaireFactory)
    name = factory.Sequence(lambda n: f"Prøve {n}")
    answers = factory.LazyFunction(
        lambda: [{"linkId": "page", "item": [{"linkId": "pain", "answer": [{"valueBoolean": False}]}]}]
    )
    expected_scores = factory.LazyFunction(dict)
    expected_shown = factory.LazyFunction(list)
    expected_hidden = factory.LazyFunction(lambda: ["how-much"])
    names = factory.LazyFunction(
        lambda: {"pain": "Har du smerter?", "how-much": "Hvor mange dage i denne uge?"}
    )
    made_by = factory.SubFactory(StaffMemberFactory)
    made_at = factory.LazyFunction(timezone.now)


class PlanFactory(factory.django.DjangoModelFactory[Plan]):
    """An active national plan with one activity; `weekly=8` for eight weeks, else once."""

    class Meta:
        model = Plan
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Plan {n}")
    status = PublicationStatus.ACTIVE
    published_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: type[Plan], *args: Any, **kwargs: Any) -> Plan:
        # What is published takes no activities any more (plans, migration 0008): `activities` publishes it.
        published = {"asked_for": kwargs.pop("status")}
        plan: Plan = super()._create(model_class, *args, **kwargs)
        vars(plan).update(published)
        return plan

    @factory.post_generation
    def weekly(
        self: Plan,
        create: bool,
        weeks: int | None,
        version: QuestionnaireVersion | None = None,
        **more: Any,
    ) -> None:
        every_week = Every(Length(1, Unit.WEEKS), Times(weeks)) if weeks else Once()
        add_to(self, every_week, version=version, **more)

    @factory.post_generation
    def activities(self: Plan, create: bool, made: Callable[[Plan], object] | None) -> None:
        """`activities=lambda plan: add_to(plan, …)`: more of them than the first."""
        if made is not None:
            made(self)
        self.status = vars(self).pop("asked_for")
        self.save(update_fields=["status"])


def add_to(
    plan: Plan,
    rhythm: Rhythm,
    *,
    version: QuestionnaireVersion | None = None,
    answer_days: int = 7,
    **more: Any,
) -> Activity:
    """One more activity of a plan that is a draft, or is being made."""
    return Activity.objects.create(
        plan=plan,
        version=version or QuestionnaireVersionFactory(),
        position=plan.activities.count(),
        answer_days=answer_days,
        **columns_of(rhythm),
        **more,
    )


def assign(
    citizen: Citizen | None = None,
    *,
    plan: Plan | None = None,
    by: StaffMember | None = None,
    at: datetime | None = None,
    starts_on: date | None = None,
    appointment_on: date | None = None,
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
        appointment_on=appointment_on,
        by=by or StaffMemberFactory(municipality=citizen.municipality),
        at=at,
    )


def open_task(citizen: Citizen | None = None, **given: Any) -> Task:
    """The first task of a newly assigned plan."""
    return assign(citizen, **given).tasks.select_related("citizen", "activity__version").earliest("opens_at")


def overdue_task(citizen: Citizen | None = None, *, days: int = 3) -> Task:
    """A task whose time ran out `days` ago."""
    # By the clock on the wall: an hour before midnight in winter is another day in summer.
    long_ago = timezone.localtime() - timedelta(days=7 + days)
    return open_task(citizen, at=long_ago)


def followed_up(citizen: Citizen, *, by: StaffMember, at: datetime) -> None:
    """A row of each kind that staff's follow-up of a citizen makes, but for those of their answers."""
    own: dict[str, Any] = {"citizen": citizen, "municipality": citizen.municipality}
    place = {"municipality": citizen.municipality, "staff_member": by}
    CitizenNote.objects.create(text="Ringet op", written_by=by, written_at=at, **own)
    Errand.objects.create(text="Ring til borgeren", asked_by=by, asked_at=at, for_member=by, **own)
    Following.objects.create(citizen=citizen, since=at, **place)
    SavedView.objects.create(name="Mine", choices={}, made_at=at, **place)
    DeskSettings.objects.create(**place)
    choose_journal_parts(municipality=citizen.municipality, parts=USUAL_PARTS, by=by, at=at)
    OutsideAccess.objects.create(
        citizen=citizen, reason="Vikar for teamet", at=at, until=at + timedelta(hours=8), **place
    )


def consented(episode: EpisodeOfCare, *, by: StaffMember, at: datetime) -> CourseConsent:
    """The citizen has said yes to the course."""
    return CourseConsent.objects.create(
        episode=episode,
        municipality_id=episode.municipality_id,
        citizen_id=episode.citizen_id,
        text_version="2026-1",
        given=CourseConsent.Given.ORAL,
        given_on=timezone.localdate(at),
        recorded_at=at,
        recorded_by=by,
    )
