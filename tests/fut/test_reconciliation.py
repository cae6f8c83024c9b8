"""Both sides compared: what the platform lacks is told again, what it says otherwise is shown and left alone."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone
from hypothesis import given as law
from hypothesis import strategies as st

from fut import channel, reconciliation
from fut.client import FutClient
from fut.differences import Expected, Kind, differences
from fut.gateway import HttpFutGateway
from fut.mapping.reading import Found, our_id
from fut.models import FutDefinition, FutReference
from notifications.models import Message
from outbox import archive, channels, dispatcher
from outbox.models import ArchivedDelivery, Delivery, Event, EventName
from plans import services as plans
from plans.models import CarePlan
from tests import factories
from tests.fut.conftest import Simulator, free_port
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _towards_the_simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def told() -> CarePlan:
    """A plan with an answer of three; all of it is there."""
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    answer(care_plan.tasks.earliest("opens_at"))
    deliver()
    return care_plan


def deliver() -> None:
    dispatcher.deliver_due(channels.named("fut"))


def compared(*, mend: bool = False) -> list[tuple[str, Kind, bool]]:
    found = reconciliation.reconcile(mend=mend, at=timezone.now())
    return [(one.difference.resource_type, one.difference.kind, one.mended) for one in found]


def test_both_sides_say_the_same() -> None:
    told()
    assert compared() == []


def test_what_waits_is_no_difference() -> None:
    factories.assign()
    assert compared() == []


@pytest.fixture
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A platform that has lost everything since."""
    other = Simulator(free_port(), tmp_path_factory.mktemp("emptied"))
    other.start()
    yield other
    other.stop()


def test_what_is_missing_is_told_again(emptied: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    care_plan = told()
    with FutClient(emptied.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        FutReference.objects.all().delete()
        FutDefinition.objects.all().delete()
        assert compared(mend=True) == [
            ("CarePlan", Kind.MISSING, True),
            ("QuestionnaireResponse", Kind.MISSING, True),
        ]
        assert compared() == []  # on its way
        deliver()
        assert compared() == []
    assert len(emptied.stored("CarePlan", care_plan.pk)) == 1
    assert len(emptied.stored("QuestionnaireResponse")) == 1


YEAR = timedelta(days=365)


def archived() -> list[Any]:
    """All that FUT was told, it was told a year ago; the events, which are there no longer."""
    Event.objects.update(occurred_at=F("occurred_at") - YEAR)
    Delivery.objects.filter(channel="fut", state="delivered").update(ended_at=F("ended_at") - YEAR)
    events = list(Event.objects.filter(deliveries__channel="fut").order_by("pk").values())
    archive.archive_delivered(at=timezone.now())
    assert not Delivery.objects.filter(channel="fut").exists()
    return events


def test_what_fut_lost_a_year_later_is_told_again(
    emptied: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the archive, in its old order, and to FUT alone: nobody gets a text message of a new task again."""
    care_plan = told()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    deliver()
    messages = Message.objects.count()
    events = archived()
    with FutClient(emptied.config()) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        FutReference.objects.all().delete()
        FutDefinition.objects.all().delete()
        assert compared(mend=True) == [
            ("CarePlan", Kind.MISSING, True),
            ("QuestionnaireResponse", Kind.MISSING, True),
        ]
        assert list(Event.objects.filter(deliveries__channel="fut").order_by("pk").values()) == events
        assert not ArchivedDelivery.objects.filter(channel="fut").exists()
        deliver()
        assert compared() == []
    assert len(emptied.stored("CarePlan", care_plan.pk)) == 1
    assert len(emptied.stored("QuestionnaireResponse")) == 1
    assert Delivery.objects.filter(channel="nemsms").count() == Message.objects.count() == messages


def test_an_ending_that_was_archived_is_told_again_and_not_recorded_twice() -> None:
    care_plan = told()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    # FUT never took it, though it said so.
    Delivery.objects.filter(channel="fut", state="waiting").update(state="delivered", ended_at=timezone.now())
    archived()

    assert compared(mend=True) == [("CarePlan", Kind.LAGGING, True)]
    assert Event.objects.filter(name=EventName.CARE_PLAN_ENDED).count() == 1
    deliver()
    assert compared() == []


def test_a_period_is_told_again_also_where_it_is_archived(simulator: Simulator) -> None:
    care_plan = told()
    archived()
    now = timezone.now()
    assert reconciliation.resend(since=now - YEAR, at=now) == 0
    assert reconciliation.resend(since=now - YEAR - timedelta(hours=1), at=now) == 2
    deliver()
    assert set(Delivery.objects.filter(channel="fut").values_list("state", flat=True)) == {"delivered"}
    assert len(simulator.stored("CarePlan", care_plan.pk)) == 1


def test_a_plan_that_ended_before_endings_were_told_is_ended() -> None:
    care_plan = told()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    ending = Event.objects.filter(name=EventName.CARE_PLAN_ENDED)
    Delivery.objects.filter(event__in=ending).delete()
    ending.delete()

    assert compared() == [("CarePlan", Kind.LAGGING, False)]
    assert compared(mend=True) == [("CarePlan", Kind.LAGGING, True)]
    deliver()
    assert compared() == []


def test_what_others_ended_there_is_shown_and_left_alone() -> None:
    care_plan = told()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    deliver()
    CarePlan.objects.filter(pk=care_plan.pk).update(status="completed")

    assert compared(mend=True) == [("CarePlan", Kind.CONFLICT, False)]


def test_a_course_that_is_closed_to_us_keeps_us_from_no_other(simulator: Simulator) -> None:
    CarePlan.objects.filter(pk__in=[told().pk, told().pk]).update(status="completed")
    once = {"kind": "status", "status": 403, "target": "CarePlan", "method": "GET", "times": 1}
    httpx.post(f"{simulator.origin}/control/faults", json=once).raise_for_status()

    assert sorted(compared()) == [
        ("CarePlan", Kind.LAGGING, False),
        ("EpisodeOfCare", Kind.UNREADABLE, False),
    ]


def test_the_command_lists_and_resends(simulator: Simulator) -> None:
    care_plan = told()
    CarePlan.objects.filter(pk=care_plan.pk).update(status="completed")
    said = StringIO()
    call_command("fut", "reconcile", stdout=said)
    assert (
        f"CarePlan {care_plan.pk}: still going on there (here: completed, there: active)" in said.getvalue()
    )
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    call_command("fut", "resend", "--since", since, stdout=said)
    assert "2 will be told again." in said.getvalue()
    deliver()
    assert len(simulator.stored("CarePlan", care_plan.pk)) == 1


def test_a_moment_that_is_none_is_said_so() -> None:
    with pytest.raises(CommandError, match="is no moment"):
        call_command("fut", "resend", "--since", "i går")


def test_what_was_made_elsewhere_is_unknown_here() -> None:
    [one] = differences([], [Found("CarePlan", None, "active", "https://x/fhir/CarePlan/1")])
    assert (one.kind, one.url) == (Kind.UNKNOWN, "https://x/fhir/CarePlan/1")


def test_twice_there_is_shown() -> None:
    twice = [Found("CarePlan", UUID(int=1), "active", f"https://x/fhir/CarePlan/{n}") for n in (1, 2)]
    [one] = differences([Expected("CarePlan", UUID(int=1), "active")], twice)
    assert one.kind is Kind.DOUBLE


@law(st.lists(st.tuples(st.uuids(), st.sampled_from(["active", "completed"])), unique_by=lambda one: one[0]))
def test_what_is_the_same_on_both_sides_differs_in_nothing(rows: list[tuple[UUID, str]]) -> None:
    ours = [Expected("CarePlan", each, status) for each, status in rows]
    theirs = [Found("CarePlan", each, status, "https://x/fhir/CarePlan/1") for each, status in rows]
    assert differences(ours, reversed(theirs)) == []


def test_our_id_is_read_from_one_identifier_and_from_many() -> None:
    ours = uuid4()
    one = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{ours}"}
    assert our_id({"identifier": one}) == our_id({"identifier": [{"value": "x"}, one]}) == ours
    assert our_id({"identifier": {**one, "value": "urn:uuid:x"}}) is our_id({}) is None
