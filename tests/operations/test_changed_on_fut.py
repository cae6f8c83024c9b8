"""The system administration sees how much waits of what was changed on FUT, where, and how the looking goes: nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fut.models import FutFinding, FutLook, FutRun
from identity.roles import Role
from municipalities.models import Municipality
from plans.models import EpisodeOfCare
from tests import factories
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db

PAGE = "/drift/fut-aendringer/"


@pytest.fixture
def administration(client_as: Callable[..., Client]) -> Client:
    operator = factories.StaffMemberFactory(municipality=None)
    return client_as(staff_actor(operator, frozenset({Role.INCIDENT_MANAGER})))


def finding(municipality: Municipality | None = None, **given: Any) -> FutFinding:
    citizen = factories.CitizenFactory(municipality=municipality or factories.MunicipalityFactory())
    care_plan = factories.assign(citizen)
    facts = {
        "municipality": citizen.municipality, "citizen": citizen, "episode": care_plan.episode, "kind": "plan",
        "care_plan": care_plan, "ours": "active", "theirs": "revoked", "found_at": timezone.now(), "version_id": "3",
        "url": f"https://careplan.invalid/fhir/CarePlan/{care_plan.pk}",
    }  # fmt: skip
    made: FutFinding = FutFinding.objects.create(**{**facts, **given})
    return made


def test_it_says_how_many_of_what_where_and_since_when(administration: Client) -> None:
    old = finding(found_at=timezone.now() - timedelta(days=3))
    finding(old.municipality)
    now = timezone.now()
    recent = now - timedelta(minutes=5)
    finding(kind="answer_elsewhere", care_plan=None, ours="", theirs="completed", found_at=recent)
    finding(settlement="taken_over", settled_at=now)

    page = administration.get(PAGE)

    said = page.content.decode()
    assert [(line.group.number, line.oldest) for line in page.context["page"].object_list] == [
        (2, "3 dage"), (1, "5 min."),
    ]  # fmt: skip
    assert old.municipality.name in said
    assert "Planen står anderledes på FUT: 2" in said
    overview = " ".join(administration.get("/drift/").content.decode().split())
    assert "3 ændringer på FUT venter på en medarbejder i en kommune, den ældste i 3 dage" in overview
    assert PAGE in overview


def test_it_shows_nobody(administration: Client) -> None:
    one = finding()
    assert one.citizen is not None
    for address in (PAGE, "/drift/"):
        said = administration.get(address).content.decode()
        for word in (
            one.citizen.family_name,
            one.citizen.given_name,
            one.citizen.cpr,
            str(one.citizen_id),
            one.url,
        ):
            assert word not in said


def test_who_has_moved_away_is_not_counted_where_nobody_can_settle_it(administration: Client) -> None:
    one = finding()
    assert one.citizen is not None
    one.citizen.municipality = factories.MunicipalityFactory()
    one.citizen.save()
    assert "Intet venter." in administration.get(PAGE).content.decode()


def test_it_is_paged_and_asks_as_often_for_many_as_for_few(
    administration: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.views.FINDINGS", 2)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert administration.get(address).status_code == 200
        return len(captured)

    finding()
    few = queries(PAGE), queries("/drift/")
    for _ in range(4):
        finding()
    assert (queries(PAGE), queries("/drift/")) == few
    assert len(administration.get(PAGE + "?page=3").context["page"].object_list) == 1


def test_it_says_how_the_looking_goes(administration: Client) -> None:
    assert "Der er ikke set efter endnu." in administration.get(PAGE).content.decode()
    FutRun.objects.create(what="courses", looked=1234, stopped=2, problem="FUT kunne ikke tage imod opslag")
    episode = factories.assign().episode
    FutLook.objects.create(episode=episode, municipality=episode.municipality, problem="403")
    said = administration.get(PAGE).content.decode()
    assert "Forløb stoppede sidst før tid: FUT kunne ikke tage imod opslag" in said
    assert "FUT ville ikke svare om ét forløb eller én kommune" in said


def test_nobody_else_sees_it(client_as: Callable[..., Client]) -> None:
    municipal = factories.StaffMemberFactory()
    nurse = staff_actor(municipal, frozenset({Role.INCIDENT_MANAGER}))
    assert client_as(nurse).get(PAGE).status_code == 403


def test_the_figures_as_numbers(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "long and secret"

    def said() -> list[str]:
        answer = client.get("/metrics", headers={"Authorization": "Bearer long and secret"})
        assert answer.status_code == 200
        return answer.content.decode().splitlines()

    lines = said()
    assert 'kommunalpro_fut_findings_open{kind="plan"} 0.0' in lines
    assert 'kommunalpro_fut_poll_last_success_timestamp_seconds{what="courses"} 0.0' in lines
    assert "kommunalpro_fut_findings_oldest_seconds 0.0" in lines

    at = timezone.now()
    one = finding(found_at=at - timedelta(hours=1))
    FutRun.objects.create(
        what="courses", succeeded_at=at, runs=7, looked=20, refused=2, resources=90, stopped=1
    )
    FutLook.objects.create(
        episode=EpisodeOfCare.objects.get(),
        municipality=one.municipality,
        looked_at=at - timedelta(minutes=9),
        problem="403",
    )
    lines = said()
    for line in (
        'kommunalpro_fut_findings_open{kind="plan"} 1.0',
        'kommunalpro_fut_findings_open{kind="team"} 0.0',
        'kommunalpro_fut_poll_runs_total{what="courses"} 7.0',
        'kommunalpro_fut_poll_looked_total{what="courses"} 20.0',
        'kommunalpro_fut_poll_refused_total{what="courses"} 2.0',
        'kommunalpro_fut_poll_resources_total{what="courses"} 90.0',
        'kommunalpro_fut_poll_stopped_total{what="courses"} 1.0',
        'kommunalpro_fut_poll_runs_total{what="teams"} 0.0',
        "kommunalpro_fut_poll_refused_now 1.0",
    ):
        assert line in lines
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(values["kommunalpro_fut_findings_oldest_seconds"]) >= 3600
    assert float(values["kommunalpro_fut_poll_oldest_look_seconds"]) >= 540
    assert float(
        values['kommunalpro_fut_poll_last_success_timestamp_seconds{what="courses"}']
    ) == pytest.approx(at.timestamp(), abs=1)
    assert not any(str(one.citizen_id) in line for line in lines)
