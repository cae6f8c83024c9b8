"""Requests and tasks open the walls for whom they serve, and for nobody after them."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor, StaffActor
from identity.middleware import WorkLost
from identity.models import StaffMember
from kommunalpro.problems import Problem
from kommunalpro.urls import urlpatterns as all_pages
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, stay_within, within
from outbox import channels, dispatcher
from outbox.models import Delivery
from plans import services as plans
from plans.models import Task
from tests import factories
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db

ClientAs = Callable[[CitizenActor | StaffActor], Client]


def who_is_seen(_: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(sorted(str(pk) for pk in Citizen.objects.values_list("pk", flat=True))))


def streamed(_: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for pk in Citizen.objects.values_list("pk", flat=True):
            yield str(pk)

    return StreamingHttpResponse(lines())


def saves_and_refuses(request: HttpRequest) -> HttpResponse:
    CareTeam.objects.create(municipality=Municipality.objects.get(), name="Gemt", condition_code="DZ509")
    raise Problem("Det kan man ikke.")


def saves_and_fails(request: HttpRequest) -> HttpResponse:
    CareTeam.objects.create(municipality=Municipality.objects.get(), name="Gemt", condition_code="DZ509")
    raise ZeroDivisionError


def swallows_what_the_database_said(_: HttpRequest) -> HttpResponse:
    team = {"municipality": Municipality.objects.get(), "name": "To gange", "condition_code": "DZ509"}
    CareTeam.objects.create(**team)
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO municipalities_careteam SELECT * FROM municipalities_careteam")
    except IntegrityError:
        return HttpResponse("Alt er gemt.")
    raise AssertionError("The database took the same row twice.")


urlpatterns = [
    *all_pages,
    path("seen", who_is_seen),
    path("streamed", streamed),
    path("refuses", saves_and_refuses),
    path("fails", saves_and_fails),
    path("swallows", swallows_what_the_database_said),
]


@pytest.fixture
def pages(settings: LazySettings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.usefixtures("pages")
def test_each_request_sees_for_whom_it_is(client: Client, client_as: ClientAs, nurse: StaffMember) -> None:
    here = factories.CitizenFactory(municipality=nurse.municipality)
    there = factories.CitizenFactory()
    national = factories.StaffMemberFactory(municipality=None)
    for browser, seen in (
        (client_as(staff_actor(nurse)), {here}),
        (client_as(CitizenActor(citizen_id=there.pk, name="")), {there}),
        (client_as(staff_actor(national)), set()),
        (client, set()),
    ):
        assert {*browser.get("/seen").content.decode().split()} == {str(each.pk) for each in seen}
    assert client_as(staff_actor(nurse)).get("/streamed").getvalue().decode() == str(here.pk)


@pytest.mark.parametrize("address", ["/refuses", "/fails"])
@pytest.mark.usefixtures("pages")
def test_what_was_saved_stays_saved_whatever_the_page_becomes(nurse_client: Client, address: str) -> None:
    nurse_client.raise_request_exception = False
    assert nurse_client.get(address).status_code in {409, 500}
    assert CareTeam.objects.filter(name="Gemt").exists()


@pytest.mark.usefixtures("pages")
def test_no_page_says_that_all_is_well_where_the_database_took_it_back(nurse_client: Client) -> None:
    with pytest.raises(WorkLost, match="went on as if it had not"):
        nurse_client.get("/swallows")
    assert not CareTeam.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("pages")
def test_the_next_request_on_the_same_connection_sees_its_own(
    live_server: LiveServer, client: Client, client_as: ClientAs, nurse: StaffMember
) -> None:
    """In this thread, whose connection is the same for all of them: a nurse, nobody, a citizen, nobody."""
    stay_within(None)
    with within(Scope.system()):
        here = factories.CitizenFactory(municipality=nurse.municipality)
        there = factories.CitizenFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (before,) = cursor.fetchone()
    nurses, citizens = client_as(staff_actor(nurse)), client_as(CitizenActor(citizen_id=there.pk, name=""))
    told = [browser.get("/seen").content.decode() for browser in (nurses, client, citizens, client)]
    assert told == [str(here.pk), "", str(there.pk), ""]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() == (before,)


@pytest.mark.django_db(transaction=True)
def test_a_request_says_three_things_more_than_its_page_asks(
    nurse_client: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    """BEGIN, the scope, COMMIT."""
    stay_within(None)
    with django_assert_num_queries(1 + 3):  # type: ignore[attr-defined]  # the session itself is the first
        nurse_client.get(reverse("identity:session"))


def test_a_task_that_forgets_its_scope_finds_nothing_to_do() -> None:
    factories.overdue_task(days=60)
    with within(None):
        assert not Task.objects.exists()
        assert not Delivery.objects.exists()


def test_the_tasks_of_beat_bring_their_own_scope() -> None:
    """As in a worker: outside any scope, with rows of two municipalities."""
    tasks = [factories.overdue_task(days=60), factories.overdue_task(days=60)]
    with within(None):
        ended = plans.end_what_is_over(at=timezone.now())
        attempted = [dispatcher.deliver_due(channels.named(name)) for name in ("fut", "nemsms")]
    assert (ended.tasks, ended.care_plans) == (2, 2)
    assert attempted[0] == 4  # that each plan began and that it ended
    assert {each.attempts for each in Delivery.objects.filter(channel="fut")} == {1}
    assert {task.status for task in Task.objects.filter(pk__in=[each.pk for each in tasks])} == {"cancelled"}
