"""What others changed on FUT: on the citizen's page, and in the list."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from citizens.models import Citizen
from fut.models import FutFinding
from identity.access_log import Action
from identity.models import AccessEntry
from identity.roles import Role
from municipalities.models import Municipality
from outbox.models import Event
from tests import factories
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db


def finding(municipality: Municipality, **given: object) -> FutFinding:
    """FUT says that a plan of a citizen was stopped."""
    citizen = factories.CitizenFactory(municipality=municipality)
    care_plan = factories.assign(citizen)
    facts = {
        "municipality": municipality, "citizen": citizen, "episode": care_plan.episode, "found_at": timezone.now(),
        "kind": "plan", "care_plan": care_plan, "ours": "active", "theirs": "revoked",
        "url": "https://careplan.invalid/fhir/CarePlan/17", "version_id": "3",
    }  # fmt: skip
    made: FutFinding = FutFinding.objects.create(**{**facts, **given})
    return made


@pytest.fixture
def adjuster(municipality: Municipality, client_as: Callable[..., Client]) -> Client:
    member = factories.StaffMemberFactory(municipality=municipality)
    return client_as(staff_actor(member, frozenset({Role.MONITORING_ADJUSTER})))


def page(client: Client, one: FutFinding) -> str:
    return client.get(reverse("staff:citizen", args=[one.citizen_id])).content.decode()


def settle(client: Client, one: FutFinding, chosen: str):
    return client.post(reverse("staff:settle_finding", args=[one.pk]), {"settlement": chosen}, follow=True)


def test_a_conflict_is_shown_with_both_sides(adjuster: Client, municipality: Municipality) -> None:
    shown = page(adjuster, finding(municipality))
    for words in (
        "Ændret på FUT",
        "Her: i gang",
        "På FUT: stoppet",
        "CarePlan/17",
        "Behold vores",
        "Brug FUT",
    ):
        assert words in shown


def test_what_is_at_rest_there_cannot_be_taken(adjuster: Client, municipality: Municipality) -> None:
    one = finding(municipality, theirs="on-hold")
    assert "Brug FUT" not in page(adjuster, one)
    assert "kan ikke bruges her" in settle(adjuster, one, "theirs").content.decode()
    one.refresh_from_db()
    assert one.settlement == ""


@pytest.mark.parametrize(("chosen", "status"), [("ours", "active"), ("theirs", "revoked")])
def test_one_click_settles_it(adjuster: Client, municipality: Municipality, chosen: str, status: str) -> None:
    one = finding(municipality)
    told = Event.objects.count()

    answer = settle(adjuster, one, chosen)

    assert 'id="fut"' not in answer.content.decode()
    one.refresh_from_db()
    assert one.care_plan is not None
    one.care_plan.refresh_from_db()
    assert (one.settlement, one.care_plan.status) == (chosen, status)
    assert one.settled_by is not None
    assert Event.objects.count() == told
    assert AccessEntry.objects.filter(action=Action.CHANGE, citizen_id=one.citizen_id).count() == 1


def test_what_was_made_elsewhere_is_seen(adjuster: Client, municipality: Municipality) -> None:
    one = finding(municipality, kind="answer_elsewhere", care_plan=None, ours="", theirs="completed")
    assert "Jeg har set det" in page(adjuster, one)
    settle(adjuster, one, "seen")
    one.refresh_from_db()
    assert one.settlement == "seen"


def test_nobody_else_settles_it(
    nurse_client: Client, adjuster: Client, municipality: Municipality, client_as: Callable[..., Client]
) -> None:
    elsewhere = factories.MunicipalityFactory()
    one, other = finding(municipality), finding(elsewhere, url="https://careplan.invalid/fhir/CarePlan/18")
    assert settle(adjuster, other, "ours").status_code == 404
    assert settle(adjuster, one, "outdated").status_code == 404
    viewer = client_as(
        staff_actor(
            factories.StaffMemberFactory(municipality=municipality), frozenset({Role.CLINICAL_VIEWER})
        )
    )
    shown = page(viewer, one)
    assert "På FUT: stoppet" in shown
    assert "Behold vores" not in shown
    assert settle(viewer, one, "ours").status_code == 403
    assert not FutFinding.objects.exclude(settlement="").exists()


def taken_over(municipality: Municipality, **given: object) -> FutFinding:
    now = timezone.now()
    return finding(municipality, settlement="taken_over", settled_at=now, happened_at=now, **given)


def test_a_plan_that_ended_elsewhere_says_so_and_when(adjuster: Client, municipality: Municipality) -> None:
    one = taken_over(municipality)
    shown = page(adjuster, one)
    assert one.happened_at is not None
    when = f"i dag kl. {date_format(localtime(one.happened_at), 'TIME_FORMAT')}"
    assert f"Planen blev stoppet i et andet system på FUT {when}. Derfor er den også stoppet her." in shown
    assert "Hentet automatisk fra FUT i dag" in shown
    assert 'id="fut"' not in shown


def test_what_a_person_took_over_names_them(adjuster: Client, municipality: Municipality) -> None:
    one = finding(municipality)
    settle(adjuster, one, "theirs")
    one.refresh_from_db()
    assert one.settled_by is not None
    assert f"{one.settled_by.name} valgte at bruge FUT" in page(adjuster, one)


def test_what_was_kept_says_nothing_of_an_ending(adjuster: Client, municipality: Municipality) -> None:
    one = finding(municipality)
    settle(adjuster, one, "ours")
    assert "i et andet system på FUT" not in page(adjuster, one)


def test_a_questionnaire_stopped_alone_is_named(adjuster: Client, municipality: Municipality) -> None:
    one = taken_over(municipality)
    assert one.care_plan is not None
    activity = one.care_plan.plan.activities.get()
    FutFinding.objects.filter(pk=one.pk).update(kind="request", activity=activity)
    shown = page(adjuster, one)
    assert f"»{activity.version.title}« blev stoppet i et andet system på FUT" in shown
    assert "Det, der ikke var besvaret, er aflyst her." in shown


def test_one_click_stops_one_questionnaire(adjuster: Client, municipality: Municipality) -> None:
    one = finding(municipality)
    assert one.care_plan is not None
    activity = one.care_plan.plan.activities.get()
    FutFinding.objects.filter(pk=one.pk).update(kind="request", activity=activity)
    assert "FUT åbner ikke spørgeskemaet igen" in page(adjuster, one)
    answer = settle(adjuster, one, "theirs")
    assert "det, der ikke var besvaret, er aflyst her" in answer.content.decode()
    assert not one.care_plan.tasks.unanswered().exists()


# --- the list -----------------------------------------------------------------------------------------------


LIST = "/medarbejder/fut/"


def team_finding(municipality: Municipality, **given: object) -> FutFinding:
    facts = {
        "municipality": municipality, "kind": "team", "found_at": timezone.now(), "ours": "active",
        "care_team": factories.CareTeamFactory(municipality=municipality), "theirs": "inactive",
        "url": "https://organization.invalid/fhir/CareTeam/5", "version_id": "2", "about": "Nord",
    }  # fmt: skip
    made: FutFinding = FutFinding.objects.create(**{**facts, **given})
    return made


def test_the_list_leads_to_each_citizen_and_shows_nobody_elses(
    adjuster: Client, municipality: Municipality
) -> None:
    one = finding(municipality)
    other = finding(factories.MunicipalityFactory(), url="https://careplan.invalid/fhir/CarePlan/18")
    moved = finding(municipality, url="https://careplan.invalid/fhir/CarePlan/19")
    Citizen.objects.filter(pk=moved.citizen_id).update(municipality=other.municipality)
    done = taken_over(municipality, url="https://careplan.invalid/fhir/CarePlan/20")

    shown = adjuster.get(LIST).content.decode()

    assert reverse("staff:citizen", args=[one.citizen_id]) in shown
    assert "Planen står anderledes på FUT" in shown
    for hidden in (other, moved, done):
        assert str(hidden.citizen_id) not in shown


def test_an_empty_list_says_so(adjuster: Client) -> None:
    assert "Der er intet at se på" in adjuster.get(LIST).content.decode()


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    adjuster: Client, municipality: Municipality
) -> None:
    def queries(number: int) -> int:
        for count in range(number):
            finding(municipality, url=f"https://careplan.invalid/fhir/CarePlan/{number}-{count}")
            team_finding(municipality, url=f"https://organization.invalid/fhir/CareTeam/{number}-{count}")
        with CaptureQueriesContext(connection) as captured:
            assert adjuster.get(LIST).status_code == 200
        return len(captured)

    assert queries(1) == queries(5)


def test_a_team_is_settled_on_the_list(adjuster: Client, municipality: Municipality) -> None:
    one = team_finding(municipality)
    assert one.care_team is not None
    shown = adjuster.get(LIST).content.decode()
    assert one.care_team.name in shown
    assert "På FUT: nedlagt" in shown
    answer = settle(adjuster, one, "theirs")
    assert "teamet får ingen nye planer" in answer.content.decode()
    one.care_team.refresh_from_db()
    assert not one.care_team.is_active
    elsewhere = team_finding(
        factories.MunicipalityFactory(), url="https://organization.invalid/fhir/CareTeam/6"
    )
    assert settle(adjuster, elsewhere, "theirs").status_code == 404


def test_a_name_that_is_taken_cannot_be_taken_over(adjuster: Client, municipality: Municipality) -> None:
    team_finding(municipality, theirs="renamed")
    shown = adjuster.get(LIST).content.decode()
    assert "På FUT hedder det »Nord«" in shown
    assert "Brug FUT" not in shown
