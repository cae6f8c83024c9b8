"""A claim's messages: looked at and noted together, whoever they are to; none stands in the way of the others."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from citizens.models import Citizen
from notifications.handover import NemSmsHandover
from notifications.models import Message
from notifications.states import Status
from outbox import channels
from outbox.claims import claim
from outbox.models import Delivery
from plans.models import Task
from tests import factories
from tests.conftest import copenhagen
from tests.notifications.conftest import Telephones, deliver_messages

pytestmark = pytest.mark.django_db

Clock = Callable[[str], AbstractContextManager[datetime]]


def assigned(at: Clock, number: int) -> list[Message]:
    """So many citizens of as many municipalities were given a plan, one a second."""
    for second in range(number):
        with at(f"2026-11-24 07:30:{second:02d}") as now:
            factories.assign(at=now)
    return list(Message.objects.order_by("requested_at"))


def statuses() -> list[str]:
    return list(Message.objects.order_by("requested_at").values_list("status", flat=True))


def test_it_costs_as_many_queries_for_many_as_for_few(at: Clock, telephones: Telephones) -> None:
    counted = []
    for number in (2, 20):
        messages = assigned(at, number)
        with at("2026-11-24 08:00") as now:
            deliveries = claim(channels.named("nemsms"), now).deliveries
            assert len(deliveries) == number
            handover = NemSmsHandover()
            with CaptureQueriesContext(connection) as looking:
                handover.look(deliveries)
            with CaptureQueriesContext(connection) as sending:
                for delivery in deliveries:
                    handover.deliver(delivery)
            with CaptureQueriesContext(connection) as noting:
                handover.note()
        assert set(statuses()[-number:]) == {Status.SENT}
        assert Citizen.objects.filter(is_nemsms_enrolled=True).count() >= number
        counted.append((len(looking), len(sending), len(noting)))
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(delivery=None)
        Delivery.objects.all().delete()
    assert counted[0] == counted[1]
    assert counted[0][1] == 0


def test_a_number_that_cannot_be_read_stops_nobody_elses_message(at: Clock, telephones: Telephones) -> None:
    _, damaged, _ = messages = assigned(at, 3)
    Citizen.objects.filter(pk=damaged.citizen_id).update(cpr_sealed=b"\x01" * 60)
    with at("2026-11-24 08:00"):
        deliver_messages()
    assert statuses() == [Status.SENT, Status.HELD, Status.SENT]
    assert len(telephones.received) == len(messages) - 1
    delivery = Delivery.objects.get(message=damaged)
    assert (delivery.state, delivery.attempts) == (Delivery.State.WAITING, 1)
    assert delivery.last_problem.startswith("Unreadable")


def test_what_is_answered_while_others_are_sent_is_not_sent(at: Clock, telephones: Telephones) -> None:
    """NemSMS takes a second and a half for the first; meanwhile the citizen of the second answers."""
    first, second = assigned(at, 2)
    with time_machine.travel(copenhagen("2026-11-24 08:00"), tick=False) as clock:

        def meanwhile() -> None:
            clock.shift(timedelta(seconds=1.5))
            Task.objects.filter(care_plan=second.care_plan).update(status=Task.Status.CANCELLED)

        telephones.while_asked = meanwhile
        deliver_messages()
    assert list(telephones.received) == [first.pk]
    assert statuses() == [Status.SENT, Status.CALLED_OFF]


def test_each_is_noted_with_the_time_at_which_it_left(at: Clock, telephones: Telephones) -> None:
    assigned(at, 3)
    with time_machine.travel(copenhagen("2026-11-24 08:00"), tick=False) as clock:
        telephones.while_asked = lambda: clock.shift(timedelta(milliseconds=200))
        deliver_messages()
    eight = copenhagen("2026-11-24 08:00")
    left = Message.objects.order_by("requested_at").values_list("sent_at", flat=True)
    assert [moment - eight for moment in left if moment] == [
        timedelta(milliseconds=200 * place) for place in (1, 2, 3)
    ]


def test_what_nemsms_said_of_a_citizen_is_kept_once_a_day(at: Clock, telephones: Telephones) -> None:
    [message] = assigned(at, 1)
    for moment in ("2026-11-24 08:00", "2026-11-24 09:00", "2026-11-25 08:00"):
        with at(moment) as now:
            factories.assign(message.citizen, at=now)
            deliver_messages()
    citizen = Citizen.objects.get(pk=message.citizen_id)
    assert (citizen.is_nemsms_enrolled, citizen.nemsms_asked_at) == (True, copenhagen("2026-11-25 08:00"))
