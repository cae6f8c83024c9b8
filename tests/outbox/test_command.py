"""`manage.py outbox`: what waits, what was given up, and sending it again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from outbox.models import Delivery, Intervention, ReceiverState
from tests import factories

pytestmark = pytest.mark.django_db


def outbox(*words: str) -> str:
    said = StringIO()
    call_command("outbox", *words, stdout=said, stderr=said)
    return said.getvalue()


def given_up(problem: str = "422: no") -> Delivery:
    factories.assign()
    Delivery.objects.filter(channel="fut").update(
        state=Delivery.State.DEAD, ended_at=timezone.now(), last_problem=problem
    )
    return Delivery.objects.get(channel="fut")


def test_status_tells_each_channel() -> None:
    given_up()
    assert "fut: 0 waiting, 0 of them due (oldest: none), 0 to be tried again, 1 given up" in outbox("status")
    assert "nemsms: 1 waiting" in outbox("status")


def test_status_names_the_parts_that_are_away() -> None:
    ReceiverState.objects.create(channel="fut", receiver="measurement")
    ReceiverState.objects.create(
        channel="fut",
        receiver="careplan",
        failures=5,
        openings=1,
        open_until=timezone.now(),
        last_problem="500",
    )
    said = outbox("status")
    assert "  careplan is away, next probe " in said
    assert "measurement" not in said


def test_what_was_given_up_is_listed_with_the_receivers_words_and_sent_again() -> None:
    dead = given_up("422: the episode has ended")
    assert "422: the episode has ended" in outbox("dead")
    assert "1 will be sent again" in outbox("retry", str(dead.pk))
    dead.refresh_from_db()
    assert dead.state == Delivery.State.WAITING
    assert outbox("dead") == ""


def test_only_what_was_given_up_is_sent_again() -> None:
    factories.assign()
    waiting = Delivery.objects.get(channel="fut")
    assert "left alone" in outbox("retry", str(waiting.pk))


@pytest.mark.parametrize("words", [("retry",), ("retry", "1", "--all")])
def test_sending_again_needs_a_clear_word(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="--all"):
        outbox(*words)


def test_a_channel_is_paused_with_a_reason_and_goes_on() -> None:
    assert "fut is paused" in outbox("pause", "fut", "--reason", "FUT is being moved")
    assert "paused already" in outbox("pause", "fut", "--reason", "again")
    assert "FUT is being moved" in outbox("status")
    assert "fut goes on" in outbox("resume", "fut")
    assert "was not paused" in outbox("resume", "fut")
    assert [(act.act, act.reason) for act in Intervention.objects.order_by("pk")] == [
        ("pause", "FUT is being moved"),
        ("resume", ""),
    ]


def test_a_pause_needs_a_reason() -> None:
    with pytest.raises(CommandError, match="--reason"):
        outbox("pause", "fut")


def test_after_a_restore_what_waits_is_looked_for_before_it_is_sent() -> None:
    factories.assign()
    waiting = Delivery.objects.get(channel="fut")
    assert waiting.attempts == 0
    assert "2 that wait will be looked for" in outbox("restored")
    waiting.refresh_from_db()
    assert waiting.attempts == 1  # the claim counts the next one, and a second attempt looks first
    assert "0 that wait" in outbox("restored")
