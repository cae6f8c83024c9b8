"""What others changed on FUT, on the citizen's page and on the operations page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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

    assert "Ændret på FUT" not in answer.content.decode()
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


def test_the_system_administration_sees_how_many_and_nobody(
    municipality: Municipality, client_as: Callable[..., Client]
) -> None:
    one = finding(municipality)
    operator = factories.StaffMemberFactory(municipality=None)
    client = client_as(staff_actor(operator, frozenset({Role.INCIDENT_MANAGER})))
    shown = client.get(reverse("operations:overview")).content.decode()
    assert "Ændret på FUT og ikke afklaret" in shown
    assert municipality.name in shown
    assert one.citizen.family_name not in shown
    assert str(one.citizen_id) not in shown
