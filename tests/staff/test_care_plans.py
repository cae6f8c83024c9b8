"""A plan that a citizen has: paused, resumed, changed, stopped, asked about once more; by whom, and by whom not."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from identity.actors import CitizenActor
from identity.models import AccessEntry
from identity.roles import Role
from plans.models import CarePlan, CarePlanEvent, Plan, Task
from questionnaires.models import PublicationStatus
from tests.conftest import copenhagen
from tests.factories import CitizenFactory, PlanFactory, assign

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
LogIn = Callable[[], Client]


@pytest.fixture
def plan() -> Plan:
    made: Plan = PlanFactory(title="Trivsel hver uge", weekly=4)
    return made


@pytest.fixture
def given(citizen: Citizen, plan: Plan) -> CarePlan:
    """Four weeks from 16 November, of which the first is open."""
    return assign(citizen, plan=plan, at=copenhagen("2026-11-16 09:00"))


def do(client: Client, act: str, care_plan: CarePlan, **data: str):
    return client.post(reverse(f"staff:{act}", args=[care_plan.pk]), data, follow=True)


def statuses(care_plan: CarePlan) -> list[str]:
    return list(care_plan.tasks.order_by("opens_at").values_list("status", flat=True))


def test_a_plan_is_paused_with_a_reason_and_the_citizen_reads_so(
    log_in: LogIn, citizen: Citizen, given: CarePlan, at: At, client_as
) -> None:
    with at("2026-11-18 10:00"):
        page = do(log_in(), "pause_plan", given, **{"pause-reason": "Indlagt"}).content.decode()
        citizens = client_as(CitizenActor(citizen_id=citizen.pk, name="Kirsten"))
        tasks = citizens.get(reverse("citizens:tasks")).content.decode()
        unanswered = log_in().get(reverse("staff:unanswered")).content.decode()

    assert "Planen er sat på pause." in page
    assert "Begrundelse: Indlagt" in page
    assert "Kommunen har sat planen på pause." in tasks
    assert "Svar nu" not in tasks
    assert "Om din dag" not in unanswered
    assert statuses(given) == ["paused"] * 4


def test_what_rests_is_neither_entered_nor_reminded_of_nor_answered(
    log_in: LogIn, citizen: Citizen, given: CarePlan, at: At, client_as
) -> None:
    task = given.tasks.earliest("opens_at")
    with at("2026-11-18 10:00"):
        client = log_in()
        do(client, "pause_plan", given, **{"pause-reason": "Indlagt"})
        paper = {"mode": "paper", "on": "18-11-2026"}
        entered = client.post(reverse("staff:enter", args=[task.pk]), paper, follow=True).content.decode()
        reminded = client.post(reverse("staff:remind", args=[task.pk]), follow=True).content.decode()
        citizens = client_as(CitizenActor(citizen_id=citizen.pk, name="Kirsten"))
        answered = citizens.post(reverse("citizens:task", args=[task.pk]), follow=True).content.decode()

    assert "Planen er på pause. Genoptag den, før der skrives svar ind." in entered
    assert "Planen er på pause, så der skal ikke mindes om spørgeskemaet." in reminded
    assert "Planen er på pause, så du skal ikke svare lige nu." in answered
    task.refresh_from_db()
    assert (task.status, task.response_id) == ("paused", None)


def test_without_a_reason_nothing_is_paused(log_in: LogIn, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        page = do(log_in(), "pause_plan", given, **{"pause-reason": "  "})

    assert page.status_code == 422
    assert "Skriv kort hvorfor." in page.content.decode()
    assert statuses(given) == ["open"] * 4


def test_two_clicks_are_one_pause(log_in: LogIn, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        for _ in range(2):
            do(log_in(), "pause_plan", given, **{"pause-reason": "Ferie"})

    assert CarePlanEvent.objects.filter(care_plan=given, kind="paused").count() == 1


def test_what_resuming_does_is_shown_before_it_is_done(log_in: LogIn, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        do(log_in(), "pause_plan", given, **{"pause-reason": "Ferie"})
    with at("2026-11-27 10:00"):
        client = log_in()
        shown = do(client, "resume_plan", given, on="02-12-2026").content.decode()
        assert statuses(given) == ["paused"] * 4
        done = do(client, "resume_plan", given, on="02-12-2026", confirm="1").content.decode()

    assert "2 opgaver bliver aflyst" in shown
    assert "2 opgaver er tilbage" in shown
    assert "Flyttet" in shown
    assert "Planen er genoptaget fra 02-12-2026." in done
    assert statuses(given) == ["cancelled", "cancelled", "open", "open"]
    third, fourth = given.tasks.filter(status="open").order_by("opens_at")
    # It would have opened on Monday the 30th; the rhythm's own end stays.
    assert (third.opens_at, third.due_at) == (copenhagen("2026-12-02 00:00"), copenhagen("2026-12-07 00:00"))
    assert fourth.opens_at == copenhagen("2026-12-07 00:00")


def test_a_plan_is_not_resumed_in_the_past(log_in: LogIn, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        do(log_in(), "pause_plan", given, **{"pause-reason": "Ferie"})
        page = do(log_in(), "resume_plan", given, on="17-11-2026", confirm="1")

    assert page.status_code == 422
    assert statuses(given) == ["paused"] * 4


def test_a_plan_is_stopped_with_a_reason(log_in: LogIn, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        page = do(log_in(), "stop_plan", given, **{"stop-reason": "Flytter 010203-1234"}).content.decode()

    given.refresh_from_db()
    assert given.status == CarePlan.Status.REVOKED
    assert "Planen er stoppet" in page
    assert "Begrundelse: Flytter ••••••-••••" in page
    assert "Sæt planen på pause" not in page


def test_a_plan_is_counted_from_another_day(log_in: LogIn, given: CarePlan, plan: Plan, at: At) -> None:
    wanted = {"plan": str(plan.pk), "starts_on": "25-11-2026", "reason": "Ny aftale"}
    with at("2026-11-18 10:00"):
        client = log_in()
        shown = do(client, "change_plan", given, **wanted).content.decode()
        assert given.tasks.count() == 4
        done = do(client, "change_plan", given, **wanted, confirm="1").content.decode()
        again = do(client, "change_plan", given, **wanted, confirm="1")

    assert "4 nye opgaver" in shown
    assert "3 opgaver bliver aflyst" in shown
    assert "1 opgave bliver stående" in shown
    assert "Planen er ændret." in done
    assert again.status_code == 200
    open_ = given.tasks.filter(status="open").order_by("opens_at")
    assert [task.opens_at.astimezone(copenhagen("2026-11-16 09:00").tzinfo).date() for task in open_] == [
        date(2026, 11, 16), date(2026, 11, 25), date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16),
    ]  # fmt: skip
    assert CarePlanEvent.objects.filter(care_plan=given, kind="changed").count() == 1


def test_a_newer_version_takes_over_what_is_to_come(
    log_in: LogIn, given: CarePlan, plan: Plan, at: At
) -> None:
    version = plan.activities.get().version
    Plan.objects.filter(pk=plan.pk).update(status=PublicationStatus.RETIRED)
    newer = PlanFactory(
        title="Trivsel hver uge", weekly=2, weekly__version=version, line=plan.line, version=2
    )
    wanted = {"plan": str(newer.pk), "starts_on": "30-11-2026", "reason": "Ny version", "confirm": "1"}
    with at("2026-11-18 10:00"):
        do(log_in(), "change_plan", given, **wanted)

    given.refresh_from_db()
    assert given.status == CarePlan.Status.ACTIVE  # until what is open in it is answered
    assert statuses(given) == ["open", "cancelled", "cancelled", "cancelled"]
    goes_on = CarePlan.objects.get(plan=newer)
    assert [task.opens_at for task in goes_on.tasks.order_by("opens_at")] == [
        copenhagen("2026-11-30 00:00"),
        copenhagen("2026-12-07 00:00"),
    ]


def test_a_questionnaire_is_asked_once_more_now(
    log_in: LogIn, citizen: Citizen, plan: Plan, given: CarePlan, at: At
) -> None:
    given.tasks.filter(opens_at__lt=copenhagen("2026-11-17 00:00")).update(status="cancelled")
    activity = str(plan.activities.get().pk)
    with at("2026-11-18 10:00") as now:
        client = log_in()
        for _ in range(2):
            page = do(client, "ask_once_more", given, activity=activity, days="3", reason="Sover dårligt")

    (extra,) = Task.objects.filter(is_extra=True)
    assert (extra.opens_at, extra.due_at) == (now, copenhagen("2026-11-21 00:00"))
    assert "Ekstra spørgeskema: " in page.content.decode()
    assert reverse("staff:enter", args=[extra.pk]) in page.content.decode()


def test_what_is_open_already_is_not_asked_once_more(
    log_in: LogIn, plan: Plan, given: CarePlan, at: At
) -> None:
    activity = str(plan.activities.get().pk)
    with at("2026-11-18 10:00"):
        page = do(log_in(), "ask_once_more", given, activity=activity, days="3")

    assert page.status_code == 422
    assert "Borgeren har allerede spørgeskemaet åbent." in page.content.decode()


ACTS = ["pause_plan", "stop_plan", "ask_once_more", "resume_plan", "change_plan"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.CLINICAL_VIEWER, Role.MONITORING_ASSISTOR, Role.CITIZEN_ENROLLER])
def test_only_who_may_adjust_plans_acts(
    client_with: Callable[..., Client], given: CarePlan, act: str, role: Role
) -> None:
    client = client_with(role)

    assert do(client, act, given, **{"pause-reason": "x", "stop-reason": "x"}).status_code == 403
    assert "Sæt på pause" not in client.get(reverse("staff:care_plan", args=[given.pk])).content.decode()
    given.refresh_from_db()
    assert given.status == CarePlan.Status.ACTIVE


@pytest.mark.parametrize("act", ["care_plan", *ACTS])
def test_another_municipalitys_plan_is_not_there(nurse_client: Client, act: str) -> None:
    theirs = assign(CitizenFactory())
    address = reverse(f"staff:{act}", args=[theirs.pk])

    answer = nurse_client.get(address) if act == "care_plan" else nurse_client.post(address, {"confirm": "1"})
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == CarePlan.Status.ACTIVE


def test_each_act_stands_in_the_access_log(log_in: LogIn, citizen: Citizen, given: CarePlan, at: At) -> None:
    with at("2026-11-18 10:00"):
        do(log_in(), "pause_plan", given, **{"pause-reason": "Ferie"})

    entry = AccessEntry.objects.filter(what="care_plan", action="change").get()
    assert (entry.citizen_id, entry.subject_id) == (citizen.pk, given.pk)


def test_the_citizens_page_tells_what_was_done(
    log_in: LogIn, citizen: Citizen, given: CarePlan, at: At
) -> None:
    with at("2026-11-18 10:00"):
        client = log_in()
        do(client, "pause_plan", given, **{"pause-reason": "Ferie"})
        page = client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()

    assert re.search(r"Plan sat på pause: Trivsel hver uge.*Plan tildelt: Trivsel hver uge", page, re.DOTALL)
    assert "På pause" in page
