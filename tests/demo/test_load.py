"""The demo in the database: life in three municipalities, and not a single message about the past."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from citizens.models import Citizen
from identity.models import AccessEntry, StaffMember
from kommunalpro.demo.load import Loaded, demo_id, load_demo
from kommunalpro.demo.people import DEMO_MUNICIPALITIES, demo_citizens, demo_staff
from municipalities.models import CareTeam, Municipality
from notifications.models import Message
from outbox.models import Delivery, Event
from plans.models import CarePlan, EpisodeOfCare, Plan, Task
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.models import QuestionnaireVersion, Response, Score

NOW = datetime.fromisoformat("2026-11-23T10:15:00+01:00")


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, loaded once for the module: the tests only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_the_demo(demo: None, db: None) -> None:
    """Every test here stands in the loaded demo, each in a savepoint of its own."""


def test_all_98_municipalities_are_there_and_three_have_teams():
    assert Municipality.objects.count() == 98
    with_teams = Municipality.objects.annotate(teams=Count("care_teams")).filter(teams__gt=0)
    assert {each.code for each in with_teams} == set(DEMO_MUNICIPALITIES)


def test_citizens_are_who_the_login_will_say():
    assert Citizen.objects.count() == 180
    first = demo_citizens()[0]
    found = Citizen.objects.by_cpr(first.cpr).get()
    assert found.pk == demo_id("citizen", first.key)
    assert (found.name, found.birth_date) == (first.name, first.birth_date)
    assert found.municipality.code == first.municipality_code


def test_those_who_assigned_are_found_again_at_their_login(settings: LazySettings):
    known = set(StaffMember.objects.values_list("issuer", "subject"))
    assert known <= {(settings.OIDC["staff"]["issuer"], each.key) for each in demo_staff()}
    assert len(known) == 4 + 2  # and who wrote and approved the national questionnaires
    assert not CarePlan.objects.exclude(assigned_by__municipality__code__in=DEMO_MUNICIPALITIES).exists()


def test_three_plans_of_three_published_questionnaires_can_be_given():
    plans = Plan.objects.active()
    assert [plan.activities.count() for plan in plans] == [1, 1, 1]
    assert [version.number for version in QuestionnaireVersion.objects.active()] == [1, 1, 1]
    rhythms = {(each.kind, each.times) for plan in plans for each in plan.activities.all()}
    assert rhythms == {("every", 52), ("every", 12), ("once", None)}


def test_the_past_tells_nobody_anything():
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    assert not Message.objects.exists()


def test_every_response_is_one_that_a_citizen_could_have_sent():
    """The engine itself finds nothing missing, and the stored scores are those it calculates."""
    checked = 0
    for response in Response.objects.select_related("version").order_by("id")[::80]:
        definition = definition_of(response.version)
        assert engine.finish(definition, response.document) == response.document, "nothing that was not asked"
        issues = engine.validate(definition, response.document, draft=False)
        assert [issue.text_en for issue in issues if issue.is_error] == []
        stored = {score.link_id: score.value for score in response.scores.all()}
        assert stored == {
            score.link_id: score.value for score in engine.scores(definition, response.document)
        }
        checked += 1
    assert checked > 25


def test_pain_is_never_worse_now_than_at_its_worst():
    responses = Response.objects.filter(version__title__startswith="Smerter")
    now_and_worst = [
        [
            engine.answers_of(each.document, link_id)[0]["valueInteger"]
            for link_id in ("smerte.nu", "smerte.vaerst")
        ]
        for each in responses
    ]
    assert len(now_and_worst) > 200
    assert all(now <= worst for now, worst in now_and_worst)
    assert {worst for _, worst in now_and_worst} >= set(range(3, 10))


def test_branches_open_for_some_and_stay_closed_for_others():
    responses = list(Response.objects.filter(version__title__startswith="Din hverdag"))
    fell = [bool(engine.answers_of(each.document, "hjem.fald.antal")) for each in responses]
    assert 3 < sum(fell) < len(fell) - 3


def test_answers_go_back_a_year_and_reach_into_this_week():
    times = Response.objects.completed().order_by("completed_at").values_list("completed_at", flat=True)
    completed = [moment for moment in times if moment]
    assert completed[0] < NOW - timedelta(days=345)
    assert NOW - timedelta(days=3) < completed[-1] < NOW
    assert Task.objects.answered().count() == len(completed)


@pytest.mark.parametrize(("number", "direction"), [(1, 1), (2, -1)], ids=["improving", "worsening"])
@pytest.mark.parametrize("municipality", ["aalborg", "svendborg", "rudersdal"])
def test_a_trend_can_be_seen(municipality: str, number: int, direction: int):
    citizen = demo_id("citizen", f"{municipality}-borger-{number:02}")
    scores = Score.objects.filter(response__citizen=citizen, link_id="trivsel.score")
    values = [float(score.value) for score in scores.order_by("response__completed_at")]
    assert len(values) > 40
    first, last = sum(values[:6]) / 6, sum(values[-6:]) / 6
    assert direction * (last - first) > 20


@pytest.mark.parametrize("code", DEMO_MUNICIPALITIES)
def test_each_municipality_has_fresh_and_overdue_tasks(code: str):
    tasks = Task.objects.of(Municipality.objects.get(code=code))
    assert tasks.overdue(NOW).count() >= 3
    assert tasks.available(NOW).filter(due_at__gt=NOW).count() >= 3
    assert not tasks.overdue(NOW - timedelta(weeks=4)).exists(), "what is older was called off"


def test_whom_one_tries_first_has_something_to_answer():
    for municipality in ("aalborg", "svendborg", "rudersdal"):
        citizen = Citizen.objects.get(pk=demo_id("citizen", f"{municipality}-borger-01"))
        assert Task.objects.for_citizen(citizen).available(NOW).filter(due_at__gt=NOW).exists()


def test_everybody_is_followed_by_their_own_municipality():
    for episode in EpisodeOfCare.objects.select_related("citizen", "care_team"):
        assert episode.municipality_id == episode.citizen.municipality_id == episode.care_team.municipality_id
    assert CareTeam.objects.filter(episodes__isnull=True).count() == 0


def test_loading_again_adds_nothing_and_takes_no_time():
    began = timezone.now()
    again = load_demo(now=NOW + timedelta(days=9))
    assert again == Loaded(municipalities=0, citizens=0, plans=0, tasks=0, responses=0)
    assert timezone.now() - began < timedelta(seconds=1)


def test_invented_people_stay_out_of_a_real_system(settings: LazySettings):
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="embedded mode only"):
        call_command("load_demo_data")


def test_the_first_citizen_of_each_municipality_has_been_looked_at():
    for code in DEMO_MUNICIPALITIES:
        first = next(each for each in demo_citizens() if each.municipality_code == code)
        entries = AccessEntry.objects.filter(citizen_id=demo_id("citizen", first.key))
        assert {each.what for each in entries} >= {"overview", "citizen", "response"}
        assert all(each.at < NOW for each in entries)
