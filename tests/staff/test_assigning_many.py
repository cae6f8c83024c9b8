"""One plan for many citizens, as staff see it: choose, look, confirm, how far it is, each result, again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.models import AccessEntry, StaffMember
from identity.roles import Role
from municipalities.models import CareTeam, Municipality
from plans import bulk_assigning, bulk_preview
from plans.models import BulkAssignment, BulkAssignmentItem, CarePlan, EpisodeOfCare, Plan
from plans.pausing import pause
from plans.schedule import BeforeAppointment
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, PlanFactory, StaffMemberFactory, add_to, assign
from tests.roles import QUERIES_OF_A_SCOPE

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    made: Plan = PlanFactory(title="Hjemme igen", weekly=3)
    return made


@pytest.fixture
def team(municipality: Municipality) -> CareTeam:
    return municipality.care_teams.get()


def people(municipality: Municipality, number: int) -> list[Citizen]:
    return [
        CitizenFactory(municipality=municipality, given_name="Borger", family_name=f"Nr{each:03d}")
        for each in range(number)
    ]


def ask(client: Client, act: str, citizens: list[Citizen], **more: Any) -> Any:
    data = {
        "starts_on": timezone.localdate().strftime("%d-%m-%Y"),
        "bulk": str(uuid4()),
        "citizen": [str(citizen.pk) for citizen in citizens],
        **({"chosen": "1"} if citizens else {}),
        **({act: "1"} if act else {}),
        **more,
    }
    return client.post(reverse("staff:assign_many"), data)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def worked(client: Client) -> str:
    """The result, after the worker."""
    bulk = BulkAssignment.objects.get()
    bulk_assigning.work(bulk.pk)
    return text(client.get(reverse("staff:assigned", args=[bulk.pk])))


def test_a_plan_that_rests_stands_in_the_way_as_well(
    nurse_client: Client, nurse: StaffMember, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    resting, other = people(municipality, 2)
    pause(care_plan=assign(resting, plan=plan), reason="Indlagt", by=nurse, at=timezone.now())
    assign(other)
    given = {"plan": plan.pk, "care_team": team.pk}
    for answer in (
        ask(nurse_client, "show", [resting, other], **given),
        ask(nurse_client, "show", [], **given),
    ):
        preview = text(answer)
        assert "1 borger får Hjemme igen" in preview
        assert "Borger Nr000: Borgeren har allerede denne plan, og den er på pause. Genoptag den." in preview


def test_ticked_in_the_list_shown_and_given(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    chosen = people(municipality, 3)
    assign(chosen[0], plan=plan)
    given = {"plan": plan.pk, "care_team": team.pk}

    first = text(ask(nurse_client, "", chosen))
    assert "3 borgere er valgt" in first

    preview = text(ask(nurse_client, "show", chosen, **given))
    assert "2 borgere får Hjemme igen" in preview
    assert "1 kan ikke få den" in preview
    assert "Borger Nr000: Borgeren har allerede denne plan, og den er i gang." in preview
    assert "Hver borger får 3 opgaver." in preview
    assert not BulkAssignment.objects.exists()

    answer = ask(nurse_client, "confirm", chosen[1:], **given)
    bulk = BulkAssignment.objects.get()
    assert answer.headers["Location"] == reverse("staff:assigned", args=[bulk.pk])

    waiting = text(nurse_client.get(reverse("staff:assigned", args=[bulk.pk])))
    assert "0 af 2 er behandlet" in waiting
    assert "Nr001" not in waiting

    result = worked(nurse_client)
    assert "2 borgere har fået planen." in result
    assert result.index("Nr001") < result.index("Nr002")
    assert CarePlan.objects.filter(plan=plan).count() == 3
    entry = AccessEntry.objects.filter(action="change", citizen_id=chosen[1].pk).get()
    assert (entry.what, entry.subject_id) == ("assignment", bulk.pk)


def test_everybody_a_team_follows(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    followed = people(municipality, 2)
    moved: Citizen = CitizenFactory(municipality=municipality, given_name="Flyttet")
    people(municipality, 1)  # in no course
    other = CareTeamFactory(municipality=municipality)
    for citizen in (*followed, moved):
        assign(citizen)
    EpisodeOfCare.objects.create(
        citizen=CitizenFactory(municipality=municipality, given_name="Andens"),
        municipality=municipality,
        care_team=other,
        started_on=timezone.localdate(),
    )
    Citizen.objects.filter(pk=moved.pk).update(municipality=CareTeamFactory().municipality)

    page = text(ask(nurse_client, "show", [], plan=plan.pk, care_team=team.pk))

    assert "2 borgere får Hjemme igen" in page
    assert "Borgeren bor ikke i kommunen." in page
    assert "Andens" not in page


def test_a_large_team_is_done_by_and_by(
    nurse_client: Client,
    municipality: Municipality,
    team: CareTeam,
    plan: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_preview, "MOST_AT_ONCE", 2)
    everybody = people(municipality, 3)
    for citizen in everybody:
        assign(citizen)
    given = {"plan": plan.pk, "care_team": team.pk}
    page = text(ask(nurse_client, "show", [], **given))
    assert "2 borgere får Hjemme igen" in page
    assert "Teamet følger flere." in page
    ask(nurse_client, "confirm", everybody[:2], **given)
    worked(nurse_client)
    page = text(ask(nurse_client, "show", [], **given))
    assert "1 borger får Hjemme igen" in page
    assert "Teamet følger flere." not in page


def test_one_date_for_all_where_the_plan_asks_for_an_appointment(
    nurse_client: Client, municipality: Municipality, team: CareTeam
) -> None:
    plan = PlanFactory(activities=lambda made: add_to(made, BeforeAppointment(3)))
    chosen, given = people(municipality, 2), {"plan": plan.pk, "care_team": team.pk}

    answer = ask(nurse_client, "show", chosen, **given)
    assert answer.status_code == 422
    assert "Skriv datoen for aftalen." in text(answer)
    assert "Datoen kommer til at gælde for alle." in text(answer)

    day = (timezone.localdate() + timedelta(days=20)).strftime("%d-%m-%Y")
    assert "for dem alle" in text(ask(nurse_client, "show", chosen, appointment_on=day, **given))
    ask(nurse_client, "confirm", chosen, appointment_on=day, **given)
    assert "2 borgere har fået planen." in worked(nurse_client)


def test_who_failed_stands_first_and_is_tried_again(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    chosen = people(municipality, 2)
    ask(nurse_client, "confirm", chosen, plan=plan.pk, care_team=team.pk)
    in_the_way = assign(chosen[1], plan=plan)

    page = worked(nurse_client)
    assert "1 borger fik den ikke" in page
    assert page.index("Nr001") < page.index("Nr000")
    assert "Borgeren har allerede denne plan" in page

    in_the_way.tasks.update(status="cancelled")
    bulk = BulkAssignment.objects.get()
    answer = nurse_client.post(reverse("staff:assign_again", args=[bulk.pk]))
    assert answer.headers["Location"] == reverse("staff:assigned", args=[bulk.pk])
    assert "2 borgere har fået planen." in worked(nurse_client)


def test_confirmed_twice_is_one_piece_of_work(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    chosen, same = people(municipality, 2), str(uuid4())
    for _ in range(2):
        ask(nurse_client, "confirm", chosen, plan=plan.pk, care_team=team.pk, bulk=same)
    worked(nurse_client)
    assert CarePlan.objects.count() == 2


def test_nobody_ticked_leads_back(nurse_client: Client, municipality: Municipality) -> None:
    answer = nurse_client.post(reverse("staff:assign_many"), follow=True)
    assert "Sæt kryds ud for mindst én borger" in text(answer)


def test_too_many_are_refused(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    ids = [str(uuid4()) for _ in range(201)]
    answer = nurse_client.post(reverse("staff:assign_many"), {"citizen": ids})
    assert answer.status_code == 422
    assert "Vælg højst 200 borgere ad gangen." in text(answer)


@pytest.mark.parametrize("role", [Role.CLINICAL_VIEWER, Role.MONITORING_ASSISTOR])
def test_who_may_not_assign_is_offered_nothing_and_refused(
    client_with: Callable[..., Client], municipality: Municipality, team: CareTeam, plan: Plan, role: Role
) -> None:
    client, chosen = client_with(role), people(municipality, 2)
    assign(chosen[0])
    assert "Tildel en plan" not in text(client.get(reverse("staff:citizens")))
    assert ask(client, "confirm", chosen, plan=plan.pk, care_team=team.pk).status_code == 403
    assert not BulkAssignment.objects.exists()


def test_whom_another_team_follows_is_left_to_them(
    nurse: StaffMember,
    municipality: Municipality,
    team: CareTeam,
    plan: Plan,
    client_as: Callable[..., Client],
) -> None:
    own_team = CareTeamFactory(municipality=municipality, login_id="mit")
    client = client_as(replace(staff_actor(nurse), care_team=str(own_team.login_id)))
    theirs, nobodys = people(municipality, 2)
    assign(theirs)  # with the first team
    given = {"plan": plan.pk, "care_team": own_team.pk}

    page = text(ask(client, "show", [theirs, nobodys], **given))
    assert "1 borger får Hjemme igen" in page
    assert "Borgeren følges af et andet team." in page
    ask(client, "confirm", [theirs, nobodys], **given)
    assert [item.citizen for item in BulkAssignmentItem.objects.all()] == [nobodys]
    # Nor by the way of their team.
    assert "Ingen kan få planen." in text(ask(client, "show", [], plan=plan.pk, care_team=team.pk))


class TestTwoMunicipalities:
    def test_a_strangers_citizens_are_not_there(
        self, nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
    ) -> None:
        own, stranger = people(municipality, 1)[0], CitizenFactory(given_name="Fremmed")
        given = {"plan": plan.pk, "care_team": team.pk}
        for act in ("", "show"):
            assert "Fremmed" not in text(ask(nurse_client, act, [own, stranger], **given))
        ask(nurse_client, "confirm", [own, stranger], **given)
        assert [item.citizen for item in BulkAssignmentItem.objects.all()] == [own]
        # Of nobody but strangers nothing is made, and no team's citizens come in their place.
        assign(people(municipality, 1)[0])
        alone = ask(nurse_client, "show", [stranger], **given)
        assert "Ingen kan få planen." in text(alone)
        assert ask(nurse_client, "confirm", [stranger], **given).status_code == 422
        assert BulkAssignment.objects.count() == 1

    def test_a_strangers_team_is_none_of_ours(
        self, nurse_client: Client, municipality: Municipality, plan: Plan
    ) -> None:
        theirs = CareTeamFactory(name="Fremmed")
        answer = ask(nurse_client, "show", people(municipality, 1), plan=plan.pk, care_team=theirs.pk)
        assert answer.status_code == 422
        assert "Fremmed" not in text(answer)

    def test_a_strangers_work_does_not_exist(self, nurse_client: Client, plan: Plan) -> None:
        team = CareTeamFactory()
        now = timezone.now()
        theirs = bulk_assigning.begin(
            work_id=uuid4(),
            order=bulk_assigning.Order(plan=plan, care_team=team, starts_on=now.date()),
            citizens=[CitizenFactory(municipality=team.municipality).pk],
            municipality=team.municipality,
            by=StaffMemberFactory(municipality=team.municipality),
            at=now,
        )
        assert nurse_client.get(reverse("staff:assigned", args=[theirs.pk])).status_code == 404
        assert nurse_client.post(reverse("staff:assign_again", args=[theirs.pk])).status_code == 404

    def test_the_id_of_a_strangers_work_is_refused_and_changes_nothing(
        self, nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
    ) -> None:
        other = CareTeamFactory()
        now = timezone.now()
        theirs = bulk_assigning.begin(
            work_id=uuid4(),
            order=bulk_assigning.Order(plan=plan, care_team=other, starts_on=now.date()),
            citizens=[CitizenFactory(municipality=other.municipality).pk],
            municipality=other.municipality,
            by=StaffMemberFactory(municipality=other.municipality),
            at=now,
        )
        given = {"plan": plan.pk, "care_team": team.pk, "bulk": str(theirs.pk)}
        answer = ask(nurse_client, "confirm", people(municipality, 1), **given)
        assert answer.status_code == 422
        assert BulkAssignmentItem.objects.count() == 1


def test_many_cost_as_few_questions_as_few(
    nurse_client: Client, municipality: Municipality, team: CareTeam, plan: Plan
) -> None:
    def asked(chosen: list[Citizen]) -> list[int]:
        given = {"plan": plan.pk, "care_team": team.pk}
        counts = []
        for visit in (
            lambda: ask(nurse_client, "", chosen),
            lambda: ask(nurse_client, "show", chosen, **given),
            lambda: ask(nurse_client, "show", [], **given),
        ):
            with CaptureQueriesContext(connection) as captured:
                assert visit().status_code == 200
            counts.append(len(captured))
        BulkAssignment.objects.all().delete()
        ask(nurse_client, "confirm", chosen, plan=PlanFactory().pk, care_team=team.pk)
        bulk = BulkAssignment.objects.get()
        bulk_assigning.work(bulk.pk)
        with CaptureQueriesContext(connection) as captured:
            nurse_client.get(reverse("staff:assigned", args=[bulk.pk]))
        return [*counts, len(captured)]

    assign(people(municipality, 1)[0])  # whom the team follows
    few = asked(people(municipality, 2))
    many = asked(people(municipality, 20))
    assert many == few
    assert max(many) <= 15 + QUERIES_OF_A_SCOPE
