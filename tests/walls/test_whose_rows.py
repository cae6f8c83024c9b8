"""Two municipalities and two citizens, through the models as they are, without a filter: each sees what is theirs."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone

from citizens.models import Citizen
from fut.models import FutReference
from identity.models import LoginAttempt, StaffMember
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within
from notifications import reminders
from notifications.models import Message
from outbox.models import Delivery, Event
from plans.models import Activity, CarePlan, EpisodeOfCare, Plan, Task
from plans.services import begin_task, submit_task
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion, Response, Score
from questionnaires.services import save_answers
from tests import factories

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Town:
    """A municipality in which everything has happened once, to one citizen."""

    municipality: Municipality
    citizen: Citizen
    member: StaffMember


def town() -> Town:
    now = timezone.now()
    citizen = factories.CitizenFactory()
    municipality = citizen.municipality
    member = factories.StaffMemberFactory(municipality=municipality)
    for status in (PublicationStatus.DRAFT, PublicationStatus.ACTIVE):
        published = None if status == PublicationStatus.DRAFT else now
        own = factories.QuestionnaireFactory(owner=municipality)
        version = factories.QuestionnaireVersionFactory(
            questionnaire=own, status=status, published_at=published
        )
        plan = factories.PlanFactory(owner=municipality, status=status, published_at=published)
        plan.activities.update(version=version)
    late = now - timedelta(days=10)
    tasks = list(
        factories.assign(citizen, plan=factories.PlanFactory(weekly=3), by=member, at=late).tasks.all()
    )
    answered = begin_task(task=tasks[0], at=now)
    save_answers(response=answered, fields={"pain": ["false"]}, at=now)
    submit_task(task=tasks[0], at=now)
    Score.objects.create(
        response=answered, municipality=municipality, citizen=citizen, link_id="sum", name="I alt", value=1
    )
    begin_task(task=tasks[1], at=now)
    reminders.send(task=tasks[1], by=member, at=now)
    for kind, whose in (("Patient", None), ("EpisodeOfCare", municipality)):
        FutReference.objects.create(
            resource_type=kind,
            local_id=uuid4(),
            citizen=citizen,
            municipality=whose,
            url="https://fut.invalid/1",
        )
    LoginAttempt.objects.create(at=now, cvr=municipality.cvr, outcome="accepted")
    return Town(municipality=municipality, citizen=citizen, member=member)


@pytest.fixture
def towns() -> tuple[Town, Town]:
    return town(), town()


# How a row leads to its municipality and to its citizen; None where it is never theirs.
OF_MUNICIPALITY: dict[type[models.Model], str] = {
    Citizen: "municipality",
    CareTeam: "municipality",
    StaffMember: "municipality",
    EpisodeOfCare: "municipality",
    CarePlan: "municipality",
    Task: "municipality",
    Score: "municipality",
    Event: "municipality",
    Delivery: "municipality",
    Message: "municipality",
}
OF_CITIZEN: dict[type[models.Model], str] = {
    Citizen: "pk",
    CareTeam: "episodes__citizen",
    EpisodeOfCare: "citizen",
    CarePlan: "citizen",
    Task: "citizen",
    Response: "citizen",
    Score: "citizen",
    Event: "key",
    Delivery: "key",
    Message: "citizen",
    FutReference: "citizen",
}


def seen(model: type[models.Model], scope: Scope | None) -> set[models.Model]:
    with within(scope):
        return {*model._default_manager.all()}


@pytest.mark.parametrize("model", OF_MUNICIPALITY, ids=lambda model: str(model._meta.db_table))
def test_a_municipality_sees_exactly_its_own(model: type[models.Model], towns: tuple[Town, Town]) -> None:
    for here in towns:
        theirs = {*model._default_manager.filter(**{OF_MUNICIPALITY[model]: here.municipality.pk})}
        assert theirs
        assert seen(model, Scope.municipality(here.municipality.pk)) == theirs


@pytest.mark.parametrize("model", OF_CITIZEN, ids=lambda model: str(model._meta.db_table))
def test_a_citizen_sees_exactly_their_own(model: type[models.Model], towns: tuple[Town, Town]) -> None:
    for here in towns:
        theirs = {*model._default_manager.filter(**{OF_CITIZEN[model]: here.citizen.pk})}
        assert theirs
        assert seen(model, Scope.citizen(here.citizen.pk)) == theirs


def test_answers_that_are_not_sent_are_the_citizens_own(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    sent = {*Response.objects.completed().filter(citizen=here.citizen)}
    assert len(sent) == 1
    assert seen(Response, Scope.municipality(here.municipality.pk)) == sent
    assert len(seen(Response, Scope.citizen(here.citizen.pk))) == 2


@pytest.mark.parametrize("model", [StaffMember, LoginAttempt])
def test_a_citizen_sees_nothing_of_the_staff(model: type[models.Model], towns: tuple[Town, Town]) -> None:
    assert seen(model, Scope.citizen(towns[0].citizen.pk)) == set()


def test_the_system_administration_sees_no_citizen(towns: tuple[Town, Town]) -> None:
    for model in OF_CITIZEN:
        assert seen(model, Scope.national()) == set(), model


def test_drafts_are_their_owners(towns: tuple[Town, Town]) -> None:
    here, there = towns
    drafts = {"status": PublicationStatus.DRAFT}
    for scope, own in (
        (Scope.municipality(here.municipality.pk), here),
        (Scope.municipality(there.municipality.pk), there),
    ):
        with within(scope):
            assert {each.questionnaire.owner for each in QuestionnaireVersion.objects.filter(**drafts)} == {
                own.municipality
            }
            assert {each.owner for each in Plan.objects.filter(**drafts)} == {own.municipality}
            assert Activity.objects.filter(plan__status=PublicationStatus.DRAFT).count() == 1
            assert Questionnaire.objects.filter(owner=own.municipality).count() == 2
    for scope in (Scope.national(), Scope.citizen(here.citizen.pk)):
        with within(scope):
            assert not QuestionnaireVersion.objects.filter(**drafts).exists()
            assert not Plan.objects.filter(**drafts).exists()
            assert QuestionnaireVersion.objects.exists()
            assert Plan.objects.exists()


def test_what_is_national_is_not_changed_by_a_municipality(towns: tuple[Town, Town]) -> None:
    here, there = towns
    national = factories.PlanFactory()
    for scope, may in (
        (Scope.municipality(here.municipality.pk), False),
        (Scope.citizen(here.citizen.pk), False),
        (Scope.national(), True),
    ):
        with within(scope):
            assert bool(Plan.objects.filter(pk=national.pk).update(description="Ny")) is may
    with within(Scope.municipality(here.municipality.pk)):
        assert not Plan.objects.filter(owner=there.municipality).update(description="Ny")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Plan.objects.create(title="Vores", owner=there.municipality)


def test_a_login_finds_one_citizen_and_one_employee(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    assert seen(Citizen, Scope.login(cpr_hashes=[bytes(here.citizen.cpr_hash)])) == {here.citizen}
    own = Scope.login(issuer=here.member.issuer, subject=here.member.subject)
    assert seen(StaffMember, own) == {here.member}
    assert seen(Citizen, own) == set()
    assert seen(Citizen, Scope.login()) == seen(StaffMember, Scope.login()) == set()
    others: list[type[models.Model]] = [*(OF_CITIZEN.keys() - {Citizen}), QuestionnaireVersion, Plan]
    for model in others:
        assert seen(model, own) == set(), model


def test_who_has_moved_is_known_to_the_municipality_whose_course_they_follow(
    towns: tuple[Town, Town],
) -> None:
    here, there = towns
    Citizen.objects.filter(pk=here.citizen.pk).update(municipality=there.municipality)
    assert here.citizen in seen(Citizen, Scope.municipality(here.municipality.pk))
    assert here.citizen in seen(Citizen, Scope.municipality(there.municipality.pk))
    asked = Task.objects.filter(citizen=here.citizen)
    with within(Scope.municipality(there.municipality.pk)):
        assert not asked.all().exists()
    with within(Scope.municipality(here.municipality.pk)):
        assert not Citizen.objects.filter(pk=here.citizen.pk).update(given_name="Anden")


@pytest.mark.parametrize("model", [CarePlan, Task, Score, Delivery, Message, EpisodeOfCare])
def test_the_database_holds_true_whose_a_row_is(model: type[models.Model], towns: tuple[Town, Town]) -> None:
    """Also in the scope that sees everything: what belongs together, names the same municipality."""
    here, there = towns
    row = model._default_manager.filter(**{OF_MUNICIPALITY[model]: here.municipality.pk}).latest("pk")
    with transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(municipality=there.municipality)
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)


@pytest.fixture
def rows_of_both(towns: tuple[Town, Town]) -> dict[type[models.Model], int]:
    return {model: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("model", OF_MUNICIPALITY, ids=lambda model: str(model._meta.db_table))
def test_nobody_deletes_what_is_not_theirs(
    model: type[models.Model], rows_of_both: dict[type[models.Model], int]
) -> None:
    elsewhere = factories.MunicipalityFactory()
    for scope in (Scope.municipality(elsewhere.pk), Scope.citizen(uuid4()), Scope.national(), None):
        with within(scope):
            model._default_manager.all()._raw_delete("default")
    assert model._default_manager.count() == rows_of_both[model]
