"""What is said of a text message: when it leaves, that it left, or why not."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from notifications.models import Message
from notifications.selectors import fate_of, soon
from notifications.states import Status
from outbox.models import Delivery
from tests.conftest import copenhagen
from tests.factories import assign

pytestmark = pytest.mark.django_db

NOW = copenhagen("2026-11-23 10:12")


@pytest.fixture
def message(citizen: Citizen) -> Message:
    """The message of a plan assigned this minute; it has not left yet."""
    assign(citizen, at=NOW)
    return Message.objects.select_related("delivery").get(citizen=citizen)


SENT = {"sent_at": NOW, "status_at": NOW + timedelta(minutes=1)}


@pytest.mark.parametrize(
    ("status", "facts", "words", "advice"),
    [
        (Message.Status.QUEUED, {}, "På vej: sendes nu", ""),
        (Message.Status.SENT, SENT, "Sendt 23-11-2026 kl. 10.12", ""),
        (Message.Status.RECEIVED, SENT, "Sendt 23-11-2026 kl. 10.12, modtaget af NemSMS", ""),
        (Message.Status.DELIVERED, SENT, "Sendt 23-11-2026 kl. 10.12 og leveret", ""),
        (Message.Status.FAILED, SENT, "Sendt 23-11-2026 kl. 10.12, men ikke leveret", "Ring til borgeren."),
        (Message.Status.FAILED, {"status_at": NOW}, "Kunne ikke sendes", "Ring til borgeren."),
        (
            Message.Status.NOT_ENROLLED,
            {"status_at": NOW},
            "Ikke sendt: borgeren er ikke tilmeldt NemSMS",
            "Ring til borgeren, eller tal om det ved næste møde.",
        ),
        (Message.Status.ANSWERED, {"status_at": NOW}, "Ikke sendt: borgeren havde allerede svaret", ""),
        (Message.Status.CALLED_OFF, {"status_at": NOW}, "Ikke sendt: opgaven er ikke åben længere", ""),
    ],
)
def test_every_state_has_its_words_on_the_citizens_page(
    nurse_client: Client,
    message: Message,
    status: Status,
    facts: dict[str, datetime],
    words: str,
    advice: str,
) -> None:
    Message.objects.filter(pk=message.pk).update(status=status, **facts)
    message.refresh_from_db()

    fate = fate_of(message, NOW)
    assert (fate.text, fate.advice) == (words, advice)
    page = nurse_client.get(reverse("staff:citizen", args=[message.citizen_id])).content.decode()
    assert words in page
    assert advice in page


def test_message_that_became_one_with_another_says_how_that_one_went(
    nurse_client: Client, message: Message
) -> None:
    assign(message.citizen, at=NOW)
    other = Message.objects.filter(citizen=message.citizen).exclude(pk=message.pk).get()
    Message.objects.filter(pk=other.pk).move(Message.Status.SENT, at=NOW, sent_at=NOW)
    Message.objects.filter(pk=message.pk).move(Message.Status.COLLAPSED, at=NOW, collapsed_into=other)

    page = nurse_client.get(reverse("staff:citizen", args=[message.citizen_id])).content.decode()

    assert "Samlet i én besked med en anden. Sendt 23-11-2026 kl. 10.12" in page


def test_why_it_failed_stands_in_the_receivers_own_words(nurse_client: Client, message: Message) -> None:
    Message.objects.filter(pk=message.pk).move(
        Message.Status.FAILED, at=NOW, reason="Nummeret findes ikke <b>mere</b>"
    )

    page = nurse_client.get(reverse("staff:citizen", args=[message.citizen_id])).content.decode()

    assert "NemSMS svarede: Nummeret findes ikke &lt;b&gt;mere&lt;/b&gt;" in page


def test_failed_attempt_says_when_the_next_one_is(message: Message) -> None:
    Delivery.objects.filter(message=message).update(
        due_at=NOW + timedelta(minutes=8), last_problem="NemSMS answered 503"
    )
    message.refresh_from_db()

    assert fate_of(message, NOW).text == "Forsinket: prøves igen i dag kl. 10.20"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23 17:00", "i dag kl. 17.00"),
        ("2026-11-24 08:00", "i morgen kl. 08.00"),
        ("2026-11-29 08:00", "søndag kl. 08.00"),
        ("2026-11-30 08:00", "30-11-2026 kl. 08.00"),
    ],
)
def test_coming_moments_are_said_as_people_say_them(moment: str, words: str) -> None:
    assert soon(copenhagen(moment), NOW) == words


def test_what_nemsms_last_answered_is_said_with_its_day(nurse_client: Client, citizen: Citizen) -> None:
    citizen.is_nemsms_enrolled = False
    citizen.nemsms_asked_at = NOW
    citizen.save()

    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()

    assert "ikke tilmeldt NemSMS (undersøgt 23-11-2026)" in page


@pytest.mark.parametrize("enrolled", [True, None], ids=["enrolled", "nobody asked"])
def test_nothing_is_said_of_whom_nothing_bad_is_known(
    nurse_client: Client, citizen: Citizen, enrolled: bool | None
) -> None:
    citizen.is_nemsms_enrolled = enrolled
    citizen.nemsms_asked_at = NOW if enrolled is not None else None
    citizen.save()

    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()

    assert "ikke tilmeldt NemSMS" not in page
