"""Assigning a plan: the preview, the news of it, and what the member of staff is told."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from notifications.models import Message
from outbox.models import ChannelName, Delivery
from plans.models import CarePlan, Plan, Task
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests.conftest import copenhagen
from tests.factories import CareTeamFactory, CitizenFactory, MunicipalityFactory, PlanFactory

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
LogIn = Callable[[], Client]


@pytest.fixture
def plan() -> Plan:
    made: Plan = PlanFactory(title="Trivsel hver uge", weekly=3)
    return made


def choice(citizen: Citizen, plan: Plan, starts_on: str, **more: str) -> dict[str, str]:
    team = citizen.municipality.care_teams.get()
    return {"plan": str(plan.pk), "care_team": str(team.pk), "starts_on": starts_on, **more}


def post(client: Client, citizen: Citizen, data: dict[str, str], **headers: str):
    return client.post(reverse("staff:assign", args=[citizen.pk]), data, headers=headers, follow=True)


def test_form_begins_with_today_and_the_only_team(log_in: LogIn, citizen: Citizen, at: At) -> None:
    with at("2026-11-23 10:00"):
        page = log_in().get(reverse("staff:assign", args=[citizen.pk])).content.decode()

    assert 'value="23-11-2026"' in page
    assert "selected>Rehabilitering" in page


@pytest.mark.parametrize("language", ["da", "en"])
def test_day_that_the_form_begins_with_is_the_day_it_means(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At, language: str
) -> None:
    with at("2026-03-05 10:00"):
        client, spoken = log_in(), {"Accept-Language": language}
        page = client.get(reverse("staff:assign", args=[citizen.pk]), headers=spoken).content.decode()
        (day,) = re.findall(r'name="starts_on" value="([^"]+)"', page)
        post(client, citizen, choice(citizen, plan, day, confirm="1"), **spoken)

    assert day == "05-03-2026"
    assert CarePlan.objects.get(episode__citizen=citizen).starts_on == date(2026, 3, 5)


def test_preview_shows_the_tasks_and_makes_nothing(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At
) -> None:
    with at("2026-11-23 10:00"):
        page = post(log_in(), citizen, choice(citizen, plan, "24.11.2026")).content.decode()

    assert "3 opgaver i Trivsel hver uge" in page
    assert "tirsdag 8. december 2026" in page
    assert "mandag 14. december 2026" in page
    assert not CarePlan.objects.exists()


def test_preview_by_htmx_is_a_piece_of_the_page(log_in: LogIn, citizen: Citizen, plan: Plan, at: At) -> None:
    with at("2026-11-23 10:00"):
        page = post(log_in(), citizen, choice(citizen, plan, "24-11-2026"), **{"HX-Request": "true"})

    assert page.content.decode().lstrip().startswith('<div id="assign">')


@pytest.mark.parametrize(
    ("enrolled", "now", "starts_on", "sentence", "leaves_at"),
    [
        (True, "2026-11-23 10:00", "23-11-2026", "får en sms nu", "2026-11-23 10:00"),
        (True, "2026-11-23 20:00", "23-11-2026", "får en sms i morgen kl. 08.00", "2026-11-24 08:00"),
        (True, "2026-11-23 06:00", "23-11-2026", "får en sms i dag kl. 08.00", "2026-11-23 08:00"),
        (True, "2026-11-23 10:00", "26-11-2026", "får en sms torsdag kl. 08.00", "2026-11-26 08:00"),
        (True, "2026-11-23 10:00", "24-12-2026", "får en sms 24-12-2026 kl. 08.00", "2026-12-24 08:00"),
        (False, "2026-11-23 10:00", "23-11-2026", "ikke tilmeldt NemSMS, da vi sidst", "2026-11-23 10:00"),
    ],
    ids=["by day", "at night", "early morning", "later this week", "in a month", "not enrolled"],
)
def test_confirming_assigns_and_says_when_the_citizen_hears(
    log_in: LogIn,
    municipality,
    plan: Plan,
    at: At,
    enrolled: bool,
    now: str,
    starts_on: str,
    sentence: str,
    leaves_at: str,
) -> None:
    citizen = CitizenFactory(
        municipality=municipality,
        is_nemsms_enrolled=enrolled,
        nemsms_asked_at=copenhagen("2026-11-01 10:00"),
    )

    with at(now):
        page = post(log_in(), citizen, choice(citizen, plan, starts_on, confirm="1")).content.decode()

    care_plan = CarePlan.objects.get(episode__citizen=citizen)
    assert Task.objects.filter(care_plan=care_plan).count() == 3
    assert sentence in page
    deliveries = Delivery.objects.filter(event__subject_id=care_plan.pk)
    assert deliveries.filter(channel=ChannelName.FUT).count() == 1
    messages = [message.leaves_at for message in Message.objects.filter(citizen=citizen)]
    assert messages == [copenhagen(leaves_at)]
    assert deliveries.filter(channel=ChannelName.NEMSMS).count() == 1


def test_plans_of_one_title_are_told_apart(log_in: LogIn, citizen: Citizen, at: At) -> None:
    PlanFactory(title="Smerter hver uge")
    for owner in (None, citizen.municipality):
        PlanFactory(title="Trivsel", owner=owner)
    for morning in ("2026-11-01 08:00", "2026-11-02 09:30"):
        PlanFactory(title="Søvn", published_at=copenhagen(morning))
    with at("2026-11-23 10:00"):
        page = log_in().get(reverse("staff:assign", args=[citizen.pk])).content.decode()

    options = re.findall(r"<option[^>]*>([^<]+)</option>", page)
    assert options[1:6] == [
        "Smerter hver uge",
        "Søvn (National, udgivet 01-11-2026 08.00)",
        "Søvn (National, udgivet 02-11-2026 09.30)",
        "Trivsel (National)",
        f"Trivsel ({citizen.municipality.authority_name})",
    ]


def test_same_plan_twice_is_refused_in_words(log_in: LogIn, citizen: Citizen, plan: Plan, at: At) -> None:
    with at("2026-11-23 10:00"):
        post(log_in(), citizen, choice(citizen, plan, "23-11-2026", confirm="1"))
        page = post(log_in(), citizen, choice(citizen, plan, "23-11-2026", confirm="1"))

    assert page.status_code == 422
    assert "Borgeren har allerede denne plan" in page.content.decode()
    assert CarePlan.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("starts_on", "22-11-2026", "Datoen ligger i fortiden"),
        ("starts_on", "i morgen", "Skriv datoen som dag, måned og år"),
        ("plan", "", "Vælg en plan."),
        ("care_team", "", "Vælg et team."),
    ],
)
def test_what_is_wrong_is_explained(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At, field: str, value: str, sentence: str
) -> None:
    with at("2026-11-23 10:00"):
        page = post(log_in(), citizen, {**choice(citizen, plan, "23-11-2026"), field: value})

    assert page.status_code == 422
    assert sentence in page.content.decode()


def test_another_municipalitys_plan_and_team_cannot_be_chosen(
    nurse_client: Client, citizen: Citizen, plan: Plan
) -> None:
    elsewhere = MunicipalityFactory()
    theirs = choice(citizen, PlanFactory(owner=elsewhere), "01-01-2030")
    theirs["care_team"] = str(CareTeamFactory(municipality=elsewhere).pk)

    page = post(nurse_client, citizen, {**theirs, "confirm": "1"}).content.decode()

    assert "Planen kan ikke bruges mere" in page
    assert "Teamet findes ikke i kommunen" in page
    assert not CarePlan.objects.exists()


def test_an_older_version_of_the_questionnaire_is_said_before_it_is_assigned(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At
) -> None:
    with at("2026-11-23 10:00"):
        client = log_in()
        assert (
            "nyere version" not in post(client, citizen, choice(citizen, plan, "24-11-2026")).content.decode()
        )
        QuestionnaireVersion.objects.update(status=PublicationStatus.RETIRED)
        preview = post(client, citizen, choice(citizen, plan, "24-11-2026")).content.decode()
        post(client, citizen, choice(citizen, plan, "24-11-2026", confirm="1"))

    assert "Spørgeskemaet findes i en nyere version" in preview
    assert CarePlan.objects.filter(episode__citizen=citizen).exists()
