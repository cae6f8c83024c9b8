"""Citizens are put into a course with their consent, by who may; another municipality's are not."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.models import Attention
from identity.models import AccessEntry
from identity.roles import Role
from municipalities.models import Municipality
from outbox.models import Event, EventName
from plans.models import CarePlan, CourseConsent, EpisodeOfCare
from tests.factories import CareTeamFactory, CitizenFactory, assign, consented
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

NUMBER = "6201554321"


def facts(municipality: Municipality, **more: str) -> dict[str, str]:
    team = municipality.care_teams.get()
    today = timezone.localdate().strftime("%d-%m-%Y")
    named = {"cpr_number": NUMBER, "given_name": "Aase", "family_name": "Bro"}
    return {**named, "care_team": str(team.pk), "given": "oral", "given_on": today, **more}


def enrol(client: Client, data: dict[str, str]):
    return client.post(reverse("staff:enrol"), data, follow=True)


def test_an_unknown_citizen_is_put_into_a_course_with_the_consent(
    nurse_client: Client, municipality: Municipality
) -> None:
    page = enrol(nurse_client, facts(municipality)).content.decode()

    citizen = Citizen.objects.by_cpr(NUMBER).get()
    assert (citizen.name, citizen.birth_date, citizen.sex) == ("Aase Bro", date(1955, 1, 2), "male")
    assert citizen.municipality == municipality
    course = EpisodeOfCare.objects.get(citizen=citizen)
    consent = CourseConsent.objects.get(episode=course)
    assert (consent.given, consent.text_version, consent.is_withdrawn) == ("oral", "2026-1", False)
    assert "Borgeren og forløbet er oprettet." in page
    entry = AccessEntry.objects.filter(what="course", action="change").get()
    assert (entry.citizen_id, entry.subject_id) == (citizen.pk, course.pk)


def test_a_protected_name_is_kept_from_the_lists(nurse_client: Client, municipality: Municipality) -> None:
    enrol(nurse_client, facts(municipality, is_name_protected="on"))
    page = nurse_client.get(reverse("staff:citizens")).content.decode()

    assert "Navnebeskyttet borger" in page
    assert "Aase" not in page


def test_who_is_there_gets_the_course_on_a_page_of_their_own(
    nurse_client: Client, municipality: Municipality
) -> None:
    data = facts(municipality)
    enrol(nurse_client, data)
    again = enrol(nurse_client, data)

    assert again.redirect_chain == [
        (reverse("staff:begin_course", args=[Citizen.objects.by_cpr(NUMBER).get().pk]), 302)
    ]
    assert "Borgeren findes allerede i kommunen." in again.content.decode()
    assert EpisodeOfCare.objects.count() == CourseConsent.objects.count() == 1


def test_who_belongs_to_another_municipality_is_refused(
    nurse_client: Client, municipality: Municipality
) -> None:
    CitizenFactory(cpr_number=NUMBER, given_name="Hemmelig")
    page = enrol(nurse_client, facts(municipality))

    assert page.status_code == 422
    assert "Borgeren hører til en anden kommune" in page.content.decode()
    assert "Hemmelig" not in page.content.decode()
    assert not EpisodeOfCare.objects.exists()
    # That somebody looked is known, but of nobody whom they may not see.
    assert AccessEntry.objects.filter(what="course", action="search", citizen_id=None).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cpr_number", "123", "Et CPR-nummer har ti cifre"),
        ("given_name", "", "Skriv borgerens fornavn."),
        ("given", "", "Vælg, hvordan borgeren har givet samtykke."),
        ("given_on", "01-01-2999", "Datoen ligger i fremtiden."),
    ],
)
def test_what_is_wrong_is_explained(
    nurse_client: Client, municipality: Municipality, field: str, value: str, sentence: str
) -> None:
    page = enrol(nurse_client, facts(municipality, **{field: value}))

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert NUMBER not in page.content.decode()
    assert not Citizen.objects.exists()


def act(client: Client, course: EpisodeOfCare, name: str, **data: str):
    return client.post(reverse("staff:course", args=[course.pk]), {"act": name, **data}, follow=True)


def test_the_consent_to_a_course_that_was_begun_by_a_plan_is_recorded_once(
    nurse_client: Client, citizen: Citizen
) -> None:
    course = assign(citizen).episode
    today = timezone.localdate().strftime("%d-%m-%Y")
    for _ in range(2):
        page = act(nurse_client, course, "consent", given="written", given_on=today)

    assert "Skriftligt" in page.content.decode()
    assert CourseConsent.objects.filter(episode=course).count() == 1


def test_a_consent_that_is_taken_back_ends_the_course(nurse_client: Client, nurse, citizen: Citizen) -> None:
    care_plan = assign(citizen)
    consented(care_plan.episode, by=nurse, at=timezone.now())
    for _ in range(2):
        page = act(nurse_client, care_plan.episode, "withdraw").content.decode()

    care_plan.refresh_from_db()
    care_plan.episode.refresh_from_db()
    assert care_plan.status == CarePlan.Status.REVOKED
    assert care_plan.episode.status == EpisodeOfCare.Status.FINISHED
    assert "Trukket tilbage" in page
    names = list(Event.objects.filter(key=citizen.pk).order_by("pk").values_list("name", flat=True))
    assert names == [
        EventName.CARE_PLAN_ASSIGNED,
        EventName.CARE_PLAN_ENDED,
        EventName.EPISODE_FINISHED,
        EventName.CONSENT_WITHDRAWN,
    ]


def test_another_team_takes_over_the_course_and_what_nobody_has_looked_at(
    nurse_client: Client, citizen: Citizen
) -> None:
    care_plan = assign(citizen)
    answer(care_plan.tasks.get(), at=timezone.now())
    team = CareTeamFactory(municipality=citizen.municipality, name="Hjerteteamet")
    page = act(nurse_client, care_plan.episode, "team", care_team=str(team.pk)).content.decode()

    assert "Forløb i Hjerteteamet" in page
    assert Attention.objects.get().care_team == team


def test_a_course_ends_when_its_plans_have(nurse_client: Client, citizen: Citizen) -> None:
    care_plan = assign(citizen)
    refused = act(nurse_client, care_plan.episode, "end")
    CarePlan.objects.update(status="revoked")
    ended = act(nurse_client, care_plan.episode, "end")

    assert "Forløbet har en plan, der er i gang." in refused.content.decode()
    assert "Forløbet er afsluttet." in ended.content.decode()


@pytest.mark.parametrize("role", [Role.CLINICAL_VIEWER, Role.MONITORING_ASSISTOR, Role.MONITORING_ADJUSTER])
def test_only_who_may_enrol_does(
    client_with: Callable[..., Client], municipality: Municipality, citizen: Citizen, role: Role
) -> None:
    course = assign(citizen).episode
    client = client_with(role)

    assert enrol(client, facts(municipality)).status_code == 403
    assert client.get(reverse("staff:begin_course", args=[citizen.pk])).status_code == 403
    assert act(client, course, "end").status_code == 403
    assert "Opret en borger" not in client.get(reverse("staff:citizens")).content.decode()
    assert not Citizen.objects.by_cpr(NUMBER).exists()


def test_another_municipalitys_course_is_not_there(nurse_client: Client) -> None:
    theirs = assign(CitizenFactory()).episode

    assert act(nurse_client, theirs, "end").status_code == 404
    assert nurse_client.get(reverse("staff:begin_course", args=[theirs.citizen_id])).status_code == 404
