"""Two municipalities and two citizens, through the models as they are, without a filter: each sees what is theirs."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, models, transaction
from django.utils import timezone

from citizens.models import Citizen
from followup.models import (
    Attention,
    CitizenNote,
    DeskSettings,
    Errand,
    Following,
    JournalLayout,
    OutsideAccess,
    SavedView,
)
from fut.models import FutDefinition, FutFinding, FutLook, FutReference, FutRun, FutTeam, FutTeamLook
from identity.access_log import Use, What, record, review
from identity.models import AccessEntry, AccessReview, AssistedVisit, LoginAttempt, ProgramKey, StaffMember
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within
from notifications import reminders
from notifications.models import Message
from outbox import archive
from outbox.models import ArchivedDelivery, ChannelState, Delivery, Event, Intervention, ReceiverState
from plans.models import (
    Activity,
    BulkAssignment,
    BulkAssignmentItem,
    CarePlan,
    CarePlanEvent,
    CourseConsent,
    EpisodeOfCare,
    Plan,
    Task,
)
from plans.pausing import pause
from plans.services import begin_task, submit_task
from privacy.models import DataExport, DeletionRecord, ErasureRequest, LegalHold, RetentionDecision
from privacy.services import decide_retention
from questionnaires import building
from questionnaires.decision_support import switch_on
from questionnaires.models import (
    AnswerList,
    AnswerTime,
    DecisionSupport,
    DraftHolder,
    DraftStep,
    ImportBatch,
    ImportFile,
    PublicationEvent,
    PublicationStatus,
    Questionnaire,
    QuestionnaireTest,
    QuestionnaireVersion,
    Response,
    Score,
    Upload,
    UseCount,
)
from questionnaires.services import save_answers
from tests import factories
from tests.conftest import staff_actor
from tests.walls.test_every_table import protected_models

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
        factories.QuestionnaireTestFactory(questionnaire=own, made_by=member)
        if version.is_draft:
            building.edit(
                version=version,
                operation=lambda source: {**source, "title": "Om søvn"},
                act=DraftStep.Act.HEAD,
                fingerprint=version.fingerprint,
                by=member,
                at=now,
            )
        factories.PlanFactory(
            owner=municipality, status=status, published_at=published, weekly__version=version
        )
    switch_on(
        questionnaire=own, intended_purpose="Til triage", algorithm_version="1", by=member, at=now
    )  # which is noted as well
    upload = ImportBatch.objects.create(
        owner=municipality, made_by=member, name="fil", created_at=now, worked_at=now
    )
    upload.files.create(owner=municipality, position=0, name="fil", relation="new", source={})
    UseCount.objects.create(questionnaire=own, municipality=municipality, answers=3, counted_at=now)
    AnswerList.objects.create(owner=municipality, name="Hvor tit", options=[], changed_at=now)
    AnswerList.objects.get_or_create(owner=None, name="National", defaults={"options": [], "changed_at": now})
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
    factories.followed_up(citizen, by=member, at=now)
    factories.consented(tasks[0].care_plan.episode, by=member, at=now)
    pause(care_plan=factories.assign(citizen, by=member, at=late), reason="Ferie", by=member, at=now)
    begun = begin_task(task=tasks[1], at=now)
    for response in (answered, begun):
        Upload.objects.create(
            response=response, municipality=municipality, citizen=citizen, name="Sår.jpg",
            content_type="image/jpeg", size=3, content=b"abc", created_at=now,
        )  # fmt: skip
    reminders.send(task=tasks[1], by=member, at=now)
    given_to_many(citizen, member)
    # Long delivered: the text message of the plan, which FUT does not have yet.
    Delivery.objects.filter(key=citizen.pk, channel="nemsms", event__subject_id=tasks[0].care_plan_id).update(
        state=Delivery.State.DELIVERED, ended_at=now - timedelta(days=60)
    )
    archive.archive_delivered(at=now)
    for kind, whose in (("Patient", None), ("EpisodeOfCare", municipality)):
        FutReference.objects.create(
            resource_type=kind,
            local_id=uuid4(),
            citizen=citizen,
            municipality=whose,
            url="https://fut.invalid/1",
        )
    FutLook.objects.create(episode=answered.task.care_plan.episode, municipality=municipality)
    FutTeamLook.objects.create(municipality=municipality)
    FutTeam.objects.create(
        care_team=answered.task.care_plan.episode.care_team, municipality=municipality, read_at=now,
        url=f"https://fut.invalid/{uuid4()}",
    )  # fmt: skip
    FutFinding.objects.create(
        municipality=municipality, citizen=citizen, episode=answered.task.care_plan.episode,
        kind="answer_elsewhere", url=f"https://fut.invalid/{uuid4()}", theirs="completed", found_at=now,
    )  # fmt: skip
    factories.ProgramKeyFactory(municipality=municipality, made_by=member)
    LoginAttempt.objects.create(at=now, cvr=municipality.cvr, outcome="accepted")
    record(use=Use(What.CITIZEN), of=[citizen.pk], by=staff_actor(member), at=now)
    entry = AccessEntry.objects.get(citizen_id=citizen.pk)
    controller = staff_actor(factories.StaffMemberFactory(municipality=municipality))
    review(entry=entry, outcome=AccessReview.Outcome.IN_ORDER, note="", by=controller, at=now)
    decide_retention(municipality=municipality, years=12, only_five_year_professions=False, by=member, at=now)
    DeletionRecord.objects.create(municipality=municipality, on=now.date(), cause="drafts")
    theirs = {"municipality": municipality, "citizen": citizen}
    factories.AssistedVisitFactory(helper=member, **theirs)
    LegalHold.objects.create(reason="Klage 17", set_at=now, set_by=member, **theirs)
    ErasureRequest.objects.create(requested_at=now, outcome="held", **theirs)
    DataExport.objects.create(at=now, by=member, **theirs)
    DataExport.objects.create(at=now, citizen=citizen)
    return Town(municipality=municipality, citizen=citizen, member=member)


def given_to_many(citizen: Citizen, by: StaffMember) -> None:
    """A plan that the citizen was given together with others."""
    care_plan = factories.assign(citizen, by=by)
    now, whose = timezone.now(), {"municipality": citizen.municipality}
    bulk = BulkAssignment.objects.create(
        plan=care_plan.plan, care_team=care_plan.episode.care_team, starts_on=care_plan.starts_on,
        made_by=by, made_at=now, worked_at=now, done_at=now, **whose,
    )  # fmt: skip
    bulk.items.create(
        citizen=citizen, position=0, state="assigned", care_plan=care_plan, ended_at=now, **whose
    )


@pytest.fixture
def towns() -> tuple[Town, Town]:
    return town(), town()


# How a row leads to its municipality and to its citizen; None where it is never theirs.
OF_MUNICIPALITY: dict[type[models.Model], str] = {
    Citizen: "municipality",
    CareTeam: "municipality",
    StaffMember: "municipality",
    ProgramKey: "municipality",
    EpisodeOfCare: "municipality",
    CarePlan: "municipality",
    BulkAssignment: "municipality",
    BulkAssignmentItem: "municipality",
    CarePlanEvent: "municipality",
    CourseConsent: "municipality",
    Task: "municipality",
    Score: "municipality",
    Event: "municipality",
    Delivery: "municipality",
    ArchivedDelivery: "municipality",
    Message: "municipality",
    AccessEntry: "municipality",
    AccessReview: "municipality",
    FutFinding: "municipality",
    FutLook: "municipality",
    FutTeam: "municipality",
    FutTeamLook: "municipality",
    LegalHold: "municipality",
    DeletionRecord: "municipality",
    ErasureRequest: "municipality",
    DataExport: "municipality",
    AssistedVisit: "municipality",
    PublicationEvent: "municipality",
    UseCount: "municipality",
    Attention: "municipality",
    Following: "municipality",
    SavedView: "municipality",
    CitizenNote: "municipality",
    Errand: "municipality",
    OutsideAccess: "municipality",
    DeskSettings: "municipality",
    JournalLayout: "municipality",
    QuestionnaireTest: "questionnaire__owner",
    ImportBatch: "owner",
    ImportFile: "owner",
    DraftStep: "version__questionnaire__owner",
    DraftHolder: "version__questionnaire__owner",
}
# What a municipality sees besides or otherwise, and why.
NOT_BY_MUNICIPALITY: dict[type[models.Model], str] = {
    Questionnaire: "anybody's, because what is published is for all; drafts below",
    QuestionnaireVersion: "as Questionnaire",
    AnswerList: "also the national ones, to copy; below",
    AnswerTime: "one figure for many citizens of all municipalities; only the nightly run writes it",
    DecisionSupport: "its own and the national ones, by which its staff see colours; below",
    Plan: "as Questionnaire",
    Activity: "as Plan",
    RetentionDecision: "how long data are kept is no secret; who writes it below",
    Response: "only what was sent; below",
    Upload: "as Response",
    FutReference: "also its citizens' own, which belong to no municipality",
    LoginAttempt: "by the authority's CVR number; below",
    FutDefinition: "where FUT keeps forms and plans: every worker's, and about nobody",
    FutRun: "the system administration's; below",
    ChannelState: "the system administration's; below",
    ReceiverState: "the system administration's; below",
    Intervention: "the system administration's; below",
}
OF_CITIZEN: dict[type[models.Model], str] = {
    Citizen: "pk",
    CareTeam: "episodes__citizen",
    EpisodeOfCare: "citizen",
    CarePlan: "citizen",
    CarePlanEvent: "citizen",
    CourseConsent: "citizen",
    Task: "citizen",
    Response: "citizen",
    Score: "citizen",
    Upload: "citizen",
    Event: "key",
    Delivery: "key",
    ArchivedDelivery: "key",
    Message: "citizen",
    FutReference: "citizen",
    FutFinding: "citizen",
    AccessEntry: "citizen_id",
    ErasureRequest: "citizen",
    DataExport: "citizen",
    AssistedVisit: "citizen",
    Attention: "citizen",
    CitizenNote: "citizen",
    Errand: "citizen",
    OutsideAccess: "citizen",
}
NOTHING_FOR_CITIZENS: list[type[models.Model]] = [
    Following,
    SavedView,
    DeskSettings,
    BulkAssignment,
    BulkAssignmentItem,
    JournalLayout,
    PublicationEvent,
    DecisionSupport,
    UseCount,
    AnswerList,
    DraftStep,
    DraftHolder,
    StaffMember,
    ProgramKey,
    LoginAttempt,
    AccessReview,
    LegalHold,
    DeletionRecord,
    FutDefinition,
    FutLook,
    FutTeam,
    FutTeamLook,
    FutRun,
    QuestionnaireTest,
    ImportBatch,
    ImportFile,
    ChannelState,
    ReceiverState,
    Intervention,
]
FOR_EVERYBODY: list[type[models.Model]] = [
    Questionnaire,
    QuestionnaireVersion,
    AnswerTime,
    Plan,
    Activity,
    RetentionDecision,
]
# What was noted so that it can be shown later, by no more than these commands of the municipality it is about.
EVIDENCE: dict[type[models.Model], set[str]] = {
    LegalHold: {"UPDATE"},  # it is lifted
    ErasureRequest: set(),
    DataExport: set(),
    DeletionRecord: set(),
    AccessEntry: set(),
    AccessReview: set(),
    ArchivedDelivery: set(),
}


def test_every_table_behind_a_wall_is_looked_at_here() -> None:
    """A new model belongs into one list for municipalities and one for citizens."""
    behind = {*protected_models()}
    assert {*OF_MUNICIPALITY} | {*NOT_BY_MUNICIPALITY} == behind
    assert {*OF_CITIZEN} | {*NOTHING_FOR_CITIZENS} | {*FOR_EVERYBODY} == behind


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


# What a program sees as its municipality does.
BUILT: set[type[models.Model]] = {
    Questionnaire,
    QuestionnaireVersion,
    QuestionnaireTest,
    DraftStep,
    DraftHolder,
    DecisionSupport,
    PublicationEvent,
    StaffMember,
}


@pytest.mark.parametrize("model", protected_models(), ids=lambda model: str(model._meta.db_table))
def test_a_program_sees_what_is_built_and_nothing_about_citizens(
    model: type[models.Model], towns: tuple[Town, Town]
) -> None:
    here, _ = towns
    of_municipality = seen(model, Scope.municipality(here.municipality.pk))
    of_program = seen(model, Scope.program(here.municipality.pk))
    if model in BUILT:
        assert of_program
        assert of_program == of_municipality
    elif model in {Plan, Activity}:
        published = Plan.objects.exclude(status=PublicationStatus.DRAFT)
        assert {getattr(each, "plan", each) for each in of_program} <= {*published}
    elif model in FOR_EVERYBODY:
        assert of_program == of_municipality
    else:
        assert of_program == set()


def test_answers_that_are_not_sent_are_the_citizens_own(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    sent = {*Response.objects.completed().filter(citizen=here.citizen)}
    assert len(sent) == 1
    assert seen(Response, Scope.municipality(here.municipality.pk)) == sent
    assert len(seen(Response, Scope.citizen(here.citizen.pk))) == 2
    given = {*Upload.objects.filter(response__in=sent)}
    assert len(given) == 1
    assert seen(Upload, Scope.municipality(here.municipality.pk)) == given
    assert len(seen(Upload, Scope.citizen(here.citizen.pk))) == 2


def test_answer_lists_are_the_owners_and_national_ones_are_for_all_who_build(
    towns: tuple[Town, Town],
) -> None:
    here, there = towns
    national = {*AnswerList.objects.filter(owner=None)}
    own = {*AnswerList.objects.filter(owner=here.municipality)}
    assert national
    assert seen(AnswerList, Scope.municipality(here.municipality.pk)) == own | national
    assert seen(AnswerList, Scope.national()) == national
    with within(Scope.municipality(there.municipality.pk)):
        assert not AnswerList.objects.filter(owner=None).update(name="Min")
        assert not AnswerList.objects.filter(owner=here.municipality).delete()[0]


@pytest.mark.parametrize("model", NOTHING_FOR_CITIZENS, ids=lambda model: str(model._meta.db_table))
def test_a_citizen_sees_nothing_of_the_staff_and_their_work(
    model: type[models.Model], towns: tuple[Town, Town]
) -> None:
    assert (
        model in {FutDefinition, FutRun, ChannelState, ReceiverState, Intervention}
        or model._default_manager.exists()
    )
    assert seen(model, Scope.citizen(towns[0].citizen.pk)) == set()


def test_logins_are_seen_by_the_authority_they_came_from(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    assert seen(LoginAttempt, Scope.municipality(here.municipality.pk)) == {
        LoginAttempt.objects.get(cvr=here.municipality.cvr)
    }


def decide(town: Town) -> None:
    decide_retention(
        municipality=town.municipality,
        years=30,
        only_five_year_professions=False,
        by=town.member,
        at=timezone.now(),
    )


def test_how_long_data_are_kept_is_decided_by_the_municipality_itself(towns: tuple[Town, Town]) -> None:
    here, there = towns
    for scope in (
        Scope.municipality(there.municipality.pk),
        Scope.citizen(here.citizen.pk),
        Scope.national(),
    ):
        with within(scope), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            decide(here)
    with within(Scope.municipality(here.municipality.pk)):
        decide(here)
        assert RetentionDecision.objects.filter(municipality=here.municipality, years=30).count() == 1


def may(act: str, rows: models.QuerySet[models.Model]) -> bool:
    """Whether the walls let this be done to some of the rows, which are as before afterwards."""
    done = 0
    try:
        with transaction.atomic():
            done = (
                rows._raw_delete("default")
                if act == "DELETE"
                else rows.update(municipality=models.F("municipality"))
            )
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        if "permission denied" not in str(refusal):
            raise
    return done > 0


@pytest.mark.parametrize("model", EVIDENCE, ids=lambda model: str(model._meta.db_table))
def test_no_municipality_undoes_what_shows_what_it_did(
    model: type[models.Model], towns: tuple[Town, Town]
) -> None:
    own = towns[0].municipality.pk
    with within(Scope.municipality(own)):
        rows = model._default_manager.filter(municipality=own)
        assert rows.exists()
        assert {act for act in ("UPDATE", "DELETE") if may(act, rows.all())} == EVIDENCE[model]


def test_who_was_handed_data_stays_as_it_was_noted(towns: tuple[Town, Town]) -> None:
    """Also for the system; it only deletes the note with the citizen."""
    assert not may("UPDATE", DataExport.objects.all())
    assert may("DELETE", DataExport.objects.all())


def test_no_municipality_sees_how_the_channels_are(towns: tuple[Town, Town]) -> None:
    ChannelState.objects.get_or_create(channel="fut")
    FutRun.objects.get_or_create(what="courses")
    ReceiverState.objects.get_or_create(channel="fut", receiver="careplan")
    with within(Scope.municipality(towns[0].municipality.pk)):
        assert not ChannelState.objects.exists()
        assert not FutRun.objects.exists()
        assert not ReceiverState.objects.exists()
        assert not Intervention.objects.exists()


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


def test_what_is_in_review_is_its_owners_too(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    QuestionnaireVersion.objects.being_written().update(status=PublicationStatus.IN_REVIEW)
    waiting = QuestionnaireVersion.objects.filter(status=PublicationStatus.IN_REVIEW)
    assert waiting.count() == 2
    for scope, count in (
        (Scope.municipality(here.municipality.pk), 1),
        (Scope.national(), 0),
        (Scope.citizen(here.citizen.pk), 0),
    ):
        with within(scope):
            assert waiting.all().count() == count, scope


def test_what_a_municipality_published_is_its_own_until_it_is_shared(towns: tuple[Town, Town]) -> None:
    here, there = towns
    theirs = QuestionnaireVersion.objects.active().filter(questionnaire__owner=there.municipality)
    citizen, neighbour = Scope.citizen(here.citizen.pk), Scope.municipality(here.municipality.pk)
    with within(citizen):
        assert theirs.all().exists()  # who moves takes along what was asked
    for scope in (neighbour, Scope.national()):
        with within(scope):
            assert not theirs.all().exists()
    Questionnaire.objects.filter(owner=there.municipality).update(shared=True)
    with within(neighbour):
        assert theirs.all().exists()
        assert not theirs.all().update(title="Vores")


def test_what_colours_are_for_is_read_where_they_are_used(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    national = factories.QuestionnaireVersionFactory().questionnaire
    with within(Scope.national()):
        by = factories.StaffMemberFactory(municipality=None)
        on = switch_on(
            questionnaire=national,
            intended_purpose="Til triage",
            algorithm_version="1",
            by=by,
            at=timezone.now(),
        )
    own = DecisionSupport.objects.get(questionnaire__owner=here.municipality)
    assert seen(DecisionSupport, Scope.municipality(here.municipality.pk)) == {on, own}
    with within(Scope.municipality(here.municipality.pk)):
        assert not DecisionSupport.objects.filter(pk=on.pk).update(switched_off_at=timezone.now())


def test_nobody_writes_in_anothers_log(towns: tuple[Town, Town]) -> None:
    here, there = towns
    of_there = Questionnaire.objects.filter(owner=there.municipality).first()
    assert of_there is not None
    for owner in (here.municipality, there.municipality):
        with (
            within(Scope.municipality(here.municipality.pk)),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            PublicationEvent.objects.create(
                questionnaire=of_there, municipality=owner, kind="approved", at=timezone.now()
            )


def test_what_is_national_is_not_changed_by_a_municipality(towns: tuple[Town, Town]) -> None:
    here, there = towns
    national = factories.PlanFactory()
    for scope, may in (
        (Scope.municipality(here.municipality.pk), False),
        (Scope.citizen(here.citizen.pk), False),
        (Scope.national(), True),
    ):
        with within(scope):
            assert bool(Plan.objects.filter(pk=national.pk).update(published_at=timezone.now())) is may
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
            assert not may("DELETE", model._default_manager.all())
    assert model._default_manager.count() == rows_of_both[model]
