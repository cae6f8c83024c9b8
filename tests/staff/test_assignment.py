"""Assigning a plan: the preview, the news of it, and what the member of staff is told."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from notifications.models import Message
from outbox.models import ChannelName, Delivery
from plans.models import CarePlan, Plan, Task
from plans.schedule import AfterAnswer, BeforeAppointment
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests.conftest import copenhagen
from tests.factories import (
    CareTeamFactory,
    CitizenFactory,
    MunicipalityFactory,
    PlanFactory,
    QuestionnaireVersionFactory,
    add_to,
)

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


def post(client: Client, citizen: Citizen, data: Mapping[str, str | list[str]], **headers: str):
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

    assert "3 opgaver til borgeren" in page
    assert "Trivsel hver uge" in page
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

    plans = page[page.index("Vælg en eller flere") : page.index("Teamet følger")]
    assert re.findall(r'<label class="form-label" for="[^"]*">([^<]+)</label>', plans)[:5] == [
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


@pytest.fixture
def before_the_talk() -> Plan:
    """A plan of two: a week before an appointment, and what follows the answer to it."""

    def add(plan: Plan) -> None:
        before = add_to(plan, BeforeAppointment(7), title="Før samtalen")
        add_to(plan, AfterAnswer(1), after=before, title="Opfølgning")

    made: Plan = PlanFactory(title="Samtale", activities=add)
    return made


def test_a_plan_that_is_counted_from_an_appointment_asks_for_its_day(
    log_in: LogIn, citizen: Citizen, before_the_talk: Plan, at: At
) -> None:
    with at("2026-11-23 10:00"):
        client = log_in()
        plain = post(client, citizen, choice(citizen, PlanFactory(), "24-11-2026")).content.decode()
        asked = post(client, citizen, choice(citizen, before_the_talk, "24-11-2026")).content.decode()
        too_early = choice(citizen, before_the_talk, "24-11-2026", appointment_on="23-11-2026")
        refused = post(client, citizen, too_early).content.decode()
    assert "Dato for aftalen" not in plain
    assert "Skriv datoen for aftalen." in asked
    assert "Aftalen skal være på startdatoen eller senere" in refused


def test_the_appointment_is_shown_and_kept(
    log_in: LogIn, citizen: Citizen, before_the_talk: Plan, at: At
) -> None:
    chosen = choice(citizen, before_the_talk, "24-11-2026", appointment_on="14-12-2026")
    with at("2026-11-23 10:00"):
        client = log_in()
        preview = post(client, citizen, chosen).content.decode()
        assert "mandag 7. december 2026" in preview
        assert "Disse spørgeskemaer kan følge, når borgeren har svaret:" in preview
        assert 'name="appointment_on" value="14-12-2026"' in preview
        post(client, citizen, {**chosen, "confirm": "1"})
    care_plan = CarePlan.objects.get(episode__citizen=citizen)
    assert care_plan.appointment_on == date(2026, 12, 14)
    assert [task.title for task in care_plan.tasks.order_by("opens_at")] == ["Om din dag", "Før samtalen"]


def test_without_a_plan_the_form_says_so(log_in: LogIn, citizen: Citizen, plan: Plan, at: At) -> None:
    with at("2026-11-23 10:00"):
        data = choice(citizen, plan, "23-11-2026")
        del data["plan"]
        page = post(log_in(), citizen, data)

    assert page.status_code == 422
    assert "Vælg en plan." in page.content.decode()


def keys_of(page: str) -> list[str]:
    return re.findall(r'name="take-([^"]+)"', page)


def test_tasks_are_moved_and_left_out_before_the_plan_is_given(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At
) -> None:
    with at("2026-11-23 10:00"):
        client, chosen = log_in(), choice(citizen, plan, "24-11-2026")
        first, second, third = keys_of(post(client, citizen, chosen).content.decode())
        wished = {
            **chosen, "adjusted": "1", f"take-{first}": "on", f"on-{first}": "24-11-2026",
            f"on-{second}": "01-12-2026", f"take-{third}": "on", f"on-{third}": "11-12-2026",
        }  # fmt: skip
        shown = post(client, citizen, wished).content.decode()
        post(client, citizen, {**wished, "confirm": "1"})

    assert "1 opgave er valgt fra." in shown
    assert "torsdag 17. december 2026" in shown
    care_plan = CarePlan.objects.get(episode__citizen=citizen)
    assert care_plan.is_adjusted
    assert [(task.opens_at, task.due_at) for task in care_plan.tasks.order_by("opens_at")] == [
        (copenhagen("2026-11-24 00:00"), copenhagen("2026-12-01 00:00")),
        (copenhagen("2026-12-11 00:00"), copenhagen("2026-12-18 00:00")),
    ]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (["23-11-2026", "01-12-2026", "08-12-2026"], "tidligst åbne på planens startdato"),
        (["24-11-2026", "24-11-2026", "08-12-2026"], "kan ikke åbne to gange samme dag"),
        (["24-11-2026", "engang", "08-12-2026"], "Skriv datoen som dag, måned og år"),
    ],
    ids=["before the start", "twice", "no date"],
)
def test_a_day_that_the_plan_cannot_have_is_said_beside_it(
    log_in: LogIn, citizen: Citizen, plan: Plan, at: At, days: list[str], sentence: str
) -> None:
    with at("2026-11-23 10:00"):
        client, chosen = log_in(), choice(citizen, plan, "24-11-2026", adjusted="1", confirm="1")
        keys = keys_of(post(client, citizen, choice(citizen, plan, "24-11-2026")).content.decode())
        for key, day in zip(keys, days, strict=True):
            chosen |= {f"take-{key}": "on", f"on-{key}": day}
        page = post(client, citizen, chosen)

    assert page.status_code == 422
    assert page.content.decode().count(sentence) >= 2
    assert not CarePlan.objects.exists()


def test_all_left_out_is_no_plan(log_in: LogIn, citizen: Citizen, plan: Plan, at: At) -> None:
    with at("2026-11-23 10:00"):
        page = post(log_in(), citizen, choice(citizen, plan, "24-11-2026", adjusted="1", confirm="1"))

    assert "Alle opgaver er valgt fra" in page.content.decode()
    assert not CarePlan.objects.exists()


def test_several_plans_are_given_at_once_and_say_where_they_ask_the_same(
    log_in: LogIn, citizen: Citizen, at: At
) -> None:
    version = QuestionnaireVersionFactory(title="Søvn")
    one, other = (
        PlanFactory(title=title, weekly=2, weekly__version=version) for title in ("Hjerte", "Lunger")
    )
    with at("2026-11-23 10:00"):
        client = log_in()
        both = [str(one.pk), str(other.pk)]
        chosen: dict[str, str | list[str]] = {**choice(citizen, one, "24-11-2026"), "plan": both}
        shown = post(client, citizen, chosen).content.decode()
        done = post(client, citizen, {**chosen, "confirm": "1"}).content.decode()

    assert "Det samme spørgeskema i de samme dage" in shown
    assert "Hjerte og i Lunger" in shown or "Lunger og i Hjerte" in shown
    assert "2 planer er tildelt." in done
    assert {plan.plan.title for plan in CarePlan.objects.filter(citizen=citizen)} == {"Hjerte", "Lunger"}


def test_of_several_plans_all_are_given_or_none(log_in: LogIn, citizen: Citizen, plan: Plan, at: At) -> None:
    other = PlanFactory(title="Lunger")
    with at("2026-11-23 10:00"):
        client = log_in()
        post(client, citizen, choice(citizen, plan, "23-11-2026", confirm="1"))
        both: dict[str, str | list[str]] = {**choice(citizen, plan, "23-11-2026", confirm="1")}
        both["plan"] = [str(other.pk), str(plan.pk)]
        page = post(client, citizen, both)

    assert "Trivsel hver uge: Borgeren har allerede denne plan" in page.content.decode()
    assert [one.plan for one in CarePlan.objects.filter(citizen=citizen)] == [plan]
