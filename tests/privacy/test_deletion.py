"""What is deleted by itself, when, and what never is."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import IntegrityError, ProgrammingError, models, transaction
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from identity.models import StaffMember, UserSession
from municipalities.models import Municipality
from outbox import archive
from outbox.models import ArchivedDelivery, Delivery, Event
from plans import services as plans
from plans.models import BulkAssignment, BulkAssignmentItem, CarePlan, EpisodeOfCare, Task
from privacy import deletion, services, tasks
from privacy.models import DeletionRecord, ErasureRequest, LegalHold, RetentionDecision
from privacy.selectors import preview, years_of
from questionnaires.models import Response
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits
from tests.identity.logins import logged_in
from tests.outbox.test_archive import run_without_waiting
from tests.privacy.conftest import MakePast, answer, given_to_many, with_everything

pytestmark = pytest.mark.django_db

Clock = Callable[[str], AbstractContextManager[datetime]]


def run(municipality: Municipality) -> dict[str, int]:
    return dict(services.delete_what_is_over(municipality=municipality, at=timezone.now()))


def hold(citizen: Citizen, by: StaffMember) -> LegalHold:
    return services.hold(
        citizen=citizen, municipality=citizen.municipality, reason="Klagesag 12", by=by, at=timezone.now()
    )


# --- everything, and nothing forgotten ------------------------------------------------------------------

KEPT_WITH_A_REASON = {
    "identity.AccessEntry": "who looked is kept its own time, and outlives the citizen (docs/operations.md)",
    "identity.AccessReview": "as AccessEntry",
    "outbox.Intervention": "what the system administration did to a channel; its id is an employee's",
    "fut.FutDefinition": "where FUT keeps forms and plans, which are about nobody",
    "plans.Plan": "what KAM published; its line is the id of its first version",
    "questionnaires.QuestionnaireVersion": "a form, nobody's; its revision names the document",
    "privacy.ErasureRequest": "what was decided is kept, without the name of the citizen",
}


def of_a_citizen() -> Iterator[type[models.Model]]:
    """Every model with a way to a citizen: by foreign keys, or by a bare id that could be of them or theirs."""
    reached: set[type[models.Model]] = {Citizen}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in reached
            and any(
                field.related_model in reached for field in model._meta.concrete_fields if field.is_relation
            )
        }
        if not more:
            break
        reached |= more
    loose = {
        model
        for model in apps.get_models()
        if any(
            isinstance(field, models.UUIDField) and not field.primary_key and not field.is_relation
            for field in model._meta.concrete_fields
        )
    }
    return iter(sorted(reached | loose, key=lambda model: model._meta.label))


def rows_of(citizen: Citizen) -> dict[str, int]:
    """How many rows there are of each model that a citizen can be behind; only this citizen has any here."""
    return {model._meta.label: model._base_manager.count() for model in of_a_citizen()}


def test_everything_of_a_citizen_goes_and_nothing_is_forgotten(past: MakePast, nurse: StaffMember) -> None:
    gone = past(years=11)
    with_everything(gone, nurse)
    before = rows_of(gone.citizen)
    missing = [label for label, rows in before.items() if not rows and label not in KEPT_WITH_A_REASON]
    assert missing == [], "with_everything() makes no row of these, so nobody knows whether they are deleted."

    run(gone.municipality)

    left = {label for label, rows in rows_of(gone.citizen).items() if rows}
    assert left <= {*KEPT_WITH_A_REASON}
    assert ErasureRequest.objects.get().citizen is None


def test_who_is_gone_is_logged_in_nowhere(past: MakePast) -> None:
    """Also in the browser on the phone, whose session carries their name."""
    gone, stays = past(years=11), past(years=1)
    browsers = [
        logged_in(CitizenActor(citizen_id=each.citizen.pk, name=each.citizen.name))
        for each in (gone, gone, stays)
    ]

    assert run(gone.municipality)["sessions"] == 2

    assert [browser.get("/borger/").status_code for browser in browsers] == [302, 302, 200]
    remembered = str([each.get_decoded() for each in Session.objects.all()])
    assert str(gone.citizen.pk) not in remembered
    assert gone.citizen.name not in remembered
    assert str(stays.citizen.pk) in remembered
    assert not UserSession.objects.filter(actor_id=gone.citizen.pk).exists()


def test_what_was_deleted_is_written_down_in_numbers_alone(past: MakePast, nurse: StaffMember) -> None:
    gone = past(years=11)
    with_everything(gone, nurse)
    run(gone.municipality)
    drafts, retention = DeletionRecord.objects.order_by("cause")
    assert drafts.counts == {"drafts": 1}
    assert retention.counts == {
        "citizens": 1,
        "courses": 1,
        "care_plans": 2,
        "tasks": 2,
        "responses": 1,
        "scores": 1,
        "uploads": 1,
        "notes": 2,
        "messages": 3,
        "news": 6,
        "addresses": 7,
        "holds": 1,
        "exports": 1,
        "sessions": 1,
        "assisted_visits": 1,
        "bulk_items": 1,
    }
    assert run(gone.municipality) == {}
    assert DeletionRecord.objects.count() == 2


def test_how_a_plan_was_given_to_many_is_forgotten_after_a_month(past: MakePast, nurse: StaffMember) -> None:
    """But for whoever is held; the plans themselves stay, and who gave them."""
    old, held, recent = past(years=1), past(years=1), past(years=1)
    for each in (old, held, recent):
        given_to_many(each, nurse)
    BulkAssignmentItem.objects.filter(citizen__in=[old.citizen, held.citizen]).update(
        ended_at=timezone.now() - timedelta(days=31)
    )
    hold(held.citizen, nurse)

    assert run(old.municipality)["bulk_items"] == 1
    assert "bulk_items" not in run(held.municipality)
    assert "bulk_items" not in run(recent.municipality)

    assert {item.citizen for item in BulkAssignmentItem.objects.all()} == {held.citizen, recent.citizen}
    assert BulkAssignment.objects.count() == 2
    assert CarePlan.objects.filter(citizen=old.citizen).exists()


def test_the_reason_of_a_hold_keeps_no_cpr_number(past: MakePast, nurse: StaffMember) -> None:
    """It is read by everybody who may open the citizen's data, and outlives what it was written about."""
    citizen = past(years=1).citizen
    made = services.hold(
        citizen=citizen,
        municipality=citizen.municipality,
        reason=f"Klage fra {citizen.cpr[:6]}-{citizen.cpr[6:]} og søsteren {citizen.cpr}",
        by=nurse,
        at=timezone.now(),
    )
    made.refresh_from_db()
    assert made.reason == "Klage fra ••••••-•••• og søsteren ••••••-••••"


# --- what was archived ----------------------------------------------------------------------------------


def all_archived() -> None:
    Delivery.objects.update(state="delivered", ended_at=timezone.now() - timedelta(days=60))
    archive.archive_delivered(at=timezone.now())
    assert not Event.objects.exists()


def test_news_that_were_archived_go_and_are_counted_as_others(past: MakePast, nurse: StaffMember) -> None:
    gone = past(years=11)
    with_everything(gone, nurse)
    all_archived()
    assert run(gone.municipality)["news"] == 6
    assert not ArchivedDelivery.objects.exists()


def test_news_of_a_newer_course_stay_archived(past: MakePast) -> None:
    old = past(years=11)
    plans.finish_episode(episode=old.task.care_plan.episode, at=timezone.now() - timedelta(days=11 * 365))
    newer = past(years=1, citizen=old.citizen)
    all_archived()
    run(old.municipality)
    assert set(ArchivedDelivery.objects.values_list("subject_id", flat=True)) == {
        newer.task.care_plan_id,
        newer.task.response_id,
    }


@pytest.mark.django_db(transaction=True)
def test_the_archive_passes_by_who_is_being_deleted(past: MakePast, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the messages are gone and the news not yet: neither waits for the other."""
    gone = past(years=11)
    Delivery.objects.update(state="delivered", ended_at=timezone.now() - timedelta(days=60))
    moved = []
    real = deletion._delete_news

    def delete(*given: Any) -> deletion.Deleted:
        with ThreadPoolExecutor(1) as other:
            run_there = other.submit(in_a_connection_of_its_own, run_without_waiting)
            moved.append(run_there.result().deliveries)
        return real(*given)

    monkeypatch.setattr(deletion, "_delete_news", delete)
    assert run(gone.municipality)["news"] == 3
    assert set(moved) == {0}
    assert not Delivery.objects.exists()
    assert not ArchivedDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_waits_for_what_is_just_being_archived(past: MakePast) -> None:
    gone = past(years=11)
    Delivery.objects.update(state="delivered", ended_at=timezone.now() - timedelta(days=60))
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            archive.archive_delivered(at=timezone.now())
            deleted = other.submit(in_a_connection_of_its_own, run, gone.municipality)
            wait_until_somebody_waits()
        assert deleted.result(timeout=60)["news"] == 3
    assert not ArchivedDelivery.objects.exists()
    assert not Citizen.objects.exists()


# --- when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_there"),
    [("2026-11-23 03:20", True), ("2026-11-24 03:20", False)],
    ids=["last day", "day after"],
)
def test_a_course_goes_the_day_after_its_last(at: Clock, day: str, is_there: bool) -> None:
    with at("2016-11-23 22:30") as then:
        task = factories.open_task(at=then - timedelta(days=1))
    answer(task, then)
    with at(day):
        run(task.care_plan.municipality)
    assert EpisodeOfCare.objects.exists() is is_there


def test_each_municipality_keeps_as_long_as_it_has_decided(past: MakePast, nurse: StaffMember) -> None:
    six_years = past(years=6)
    other = past(years=6)
    decided: dict[str, Any] = {
        "municipality": six_years.municipality,
        "by": nurse,
        "only_five_year_professions": True,
    }
    services.decide_retention(years=5, at=timezone.now() - timedelta(days=16), **decided)
    tasks.delete_what_is_over()
    assert list(Citizen.objects.all()) == [other.citizen]


def test_what_goes_on_stays_however_old_it_is() -> None:
    long_ago = timezone.now() - timedelta(days=12 * 365)
    care_plan = factories.assign(at=long_ago)
    assert run(care_plan.municipality) == {}


def test_an_older_course_goes_and_the_person_stays_for_the_newer_one(past: MakePast) -> None:
    old = past(years=11)
    assert old.task.response is not None
    assert old.task.response.completed_at is not None
    course = old.task.care_plan.episode
    plans.finish_episode(episode=course, at=old.task.response.completed_at)
    newer = past(years=1, citizen=old.citizen)
    assert run(old.municipality)["courses"] == 1
    assert not Event.objects.filter(subject_id=course.pk).exists()
    assert list(Task.objects.all()) == [newer.task]
    assert Citizen.objects.get() == old.citizen


def test_a_course_in_another_municipality_keeps_the_person(past: MakePast) -> None:
    here = past(years=11)
    there = factories.CareTeamFactory()
    EpisodeOfCare.objects.create(
        citizen=here.citizen,
        municipality=there.municipality,
        care_team=there,
        started_on=timezone.localdate(),
    )
    run(here.municipality)
    assert EpisodeOfCare.objects.get().municipality == there.municipality
    assert Citizen.objects.filter(pk=here.citizen.pk).exists()


def test_a_citizen_who_moved_is_the_new_municipalitys_to_forget(past: MakePast) -> None:
    moved = past(years=11)
    former, here = moved.municipality, factories.MunicipalityFactory()
    Citizen.objects.filter(pk=moved.citizen.pk).update(municipality=here)
    assert "citizens" not in run(former)
    assert not EpisodeOfCare.objects.exists()
    assert Citizen.objects.get().municipality == here


def test_somebody_who_never_came_to_anything_goes_as_well() -> None:
    nobody = factories.CitizenFactory()
    recent = factories.CitizenFactory(municipality=nobody.municipality)
    Citizen.objects.filter(pk=nobody.pk).update(created_at=timezone.now() - timedelta(days=11 * 365))
    assert run(nobody.municipality) == {"citizens": 1}
    assert Citizen.objects.get() == recent


@pytest.mark.parametrize(
    ("days_ago", "is_there"), [(29, True), (31, False)], ids=["left for a while", "left for long"]
)
def test_a_draft_lives_a_little_longer_than_its_task(past: MakePast, days_ago: int, is_there: bool) -> None:
    draft = past(years=1, answered=False)
    Response.objects.update(saved_at=timezone.now() - timedelta(days=days_ago))
    run(draft.municipality)
    assert Response.objects.exists() is is_there
    assert Task.objects.get().response_id is None or is_there


def test_a_draft_that_can_still_be_sent_stays(past: MakePast) -> None:
    draft = past(years=1, answered=False)
    Task.objects.update(status=Task.Status.OPEN)
    assert run(draft.municipality) == {}


# --- held ------------------------------------------------------------------------------------------------------


def test_nothing_of_theirs_is_deleted_while_a_hold_stands(past: MakePast, nurse: StaffMember) -> None:
    held = past(years=11)
    with_everything(held, nurse)
    before = rows_of(held.citizen)
    standing = hold(held.citizen, nurse)
    assert run(held.municipality) == {}
    assert rows_of(held.citizen) == before | {"privacy.LegalHold": before["privacy.LegalHold"] + 1}

    services.lift(hold=standing, by=nurse, at=timezone.now())
    assert run(held.municipality)["citizens"] == 1


def test_a_hold_of_another_municipality_holds_too(past: MakePast, nurse: StaffMember) -> None:
    held = past(years=11)
    services.hold(
        citizen=held.citizen,
        municipality=factories.MunicipalityFactory(),
        reason="Sag 4",
        by=nurse,
        at=timezone.now(),
    )
    assert run(held.municipality) == {}


def test_a_hold_says_why_and_is_lifted_once(past: MakePast, nurse: StaffMember) -> None:
    citizen = past().citizen
    with pytest.raises(services.HoldNeedsReason, match="Skriv, hvorfor"):
        services.hold(
            citizen=citizen, municipality=citizen.municipality, reason="  ", by=nurse, at=timezone.now()
        )
    standing = hold(citizen, nurse)
    first = timezone.now()
    services.lift(hold=standing, by=nurse, at=first)
    services.lift(hold=standing, by=nurse, at=first + timedelta(days=1))
    assert LegalHold.objects.get().lifted_at == first


# --- the rules, also in the database -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "only_five"),
    [(4, True), (31, False), (9, False)],
    ids=["too few", "too many", "too few for doctors"],
)
def test_years_that_are_not_lawful_are_refused_twice(years: int, only_five: bool, nurse: StaffMember) -> None:
    assert nurse.municipality is not None
    given: dict[str, Any] = {"years": years, "only_five_year_professions": only_five}
    with pytest.raises(services.RetentionNotLawful):
        services.decide_retention(municipality=nurse.municipality, by=nurse, at=timezone.now(), **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionDecision.objects.create(
            municipality=nurse.municipality,
            decided_at=timezone.now(),
            decided_by=nurse,
            years_before=10,
            takes_effect_on=timezone.localdate(),
            **given,
        )


def test_shorter_waits_two_weeks_and_can_be_taken_back(past: MakePast, nurse: StaffMember, at: Clock) -> None:
    with at("2026-11-23 10:00") as now:
        six = past(years=6).municipality
        decided: dict[str, Any] = {"municipality": six, "by": nurse, "only_five_year_professions": True}
        services.decide_retention(years=5, at=now, **decided)
    with at("2026-12-07 03:20"):
        assert run(six) == {}
    with at("2026-12-07 10:00") as now:
        services.take_back_retention(municipality=six, by=nurse, at=now)
    with at("2027-01-07 03:20"):
        assert run(six) == {}
    with at("2027-01-08 10:00") as now:
        services.decide_retention(years=5, at=now, **decided)
    with at("2027-01-23 03:20"):
        assert run(six)["courses"] == 1
    rows = RetentionDecision.objects.order_by("pk").values_list("years_before", "years")
    assert list(rows) == [(10, 5), (10, 10), (10, 5)]


def test_longer_counts_at_once_and_the_newest_word_is_the_only_one(nurse: StaffMember) -> None:
    now, here = timezone.now(), factories.MunicipalityFactory()
    decided: dict[str, Any] = {"municipality": here, "by": nurse, "only_five_year_professions": True}
    services.decide_retention(years=5, at=now, **decided)
    services.decide_retention(years=12, at=now, **decided)
    today = timezone.localdate(now)
    assert years_of(here, today=today) == years_of(here, today=today + timedelta(days=100)) == 12
    with pytest.raises(services.NothingToDecide):
        services.decide_retention(years=12, at=now, **decided)
    with pytest.raises(services.NothingToDecide):
        services.take_back_retention(municipality=here, by=nurse, at=now)


def test_a_decision_stays_as_it_was_made(nurse: StaffMember) -> None:
    services.decide_retention(
        municipality=factories.MunicipalityFactory(),
        years=12,
        only_five_year_professions=False,
        by=nurse,
        at=timezone.now(),
    )
    changes: list[Callable[[models.QuerySet[RetentionDecision]], object]] = [
        lambda rows: rows.update(years=11),
        lambda rows: rows.delete(),
    ]
    for change in changes:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change(RetentionDecision.objects.all())


def test_the_preview_says_what_the_run_then_does(past: MakePast, nurse: StaffMember) -> None:
    gone = past(years=11)
    past(years=1, in_=gone.municipality)
    past(years=2, answered=False, in_=gone.municipality)
    hold(past(years=12, in_=gone.municipality).citizen, nurse)
    seen = preview(municipality=gone.municipality, at=timezone.now())
    assert (seen.courses, seen.citizens, seen.responses, seen.drafts, seen.held) == (1, 1, 1, 1, 1)
    done = run(gone.municipality)
    assert (done["courses"], done["citizens"], done["responses"], done["drafts"]) == (1, 1, 1, 1)


def test_one_citizens_fault_keeps_nobody_elses_data(past: MakePast, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = past(years=11)
    past(years=11, in_=faulty.municipality)
    real = deletion.delete_courses

    def delete(found: models.QuerySet[EpisodeOfCare]) -> deletion.Deleted:
        courses = list(found)
        if any(course.citizen_id == faulty.citizen.pk for course in courses):
            raise RuntimeError("broken")
        return real(courses)

    monkeypatch.setattr(deletion, "delete_courses", delete)
    run(faulty.municipality)
    assert list(Citizen.objects.all()) == [faulty.citizen]
