"""What is said of a text message: when it leaves, that it left, or why not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from notifications.models import Message
from notifications.selectors import fate_of, soon
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


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Message.Outcome.PENDING, "På vej: sendes nu"),
        (Message.Outcome.SENT, "Sendt 23-11-2026 kl. 10.12"),
        (Message.Outcome.NOT_ENROLLED, "Ikke sendt: borgeren er ikke tilmeldt NemSMS"),
        (Message.Outcome.ANSWERED, "Ikke sendt: borgeren havde allerede svaret"),
        (Message.Outcome.FAILED, "Kunne ikke sendes: ring til borgeren"),
    ],
)
def test_every_outcome_has_its_words_on_the_citizens_page(
    nurse_client: Client, message: Message, outcome: Message.Outcome, words: str
) -> None:
    message.outcome = outcome
    message.outcome_at = None if outcome == Message.Outcome.PENDING else NOW
    message.save()

    assert fate_of(message, NOW).text == words
    assert words in nurse_client.get(reverse("staff:citizen", args=[message.citizen_id])).content.decode()


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


def test_who_is_not_enrolled_is_said_on_the_citizens_page(nurse_client: Client, citizen: Citizen) -> None:
    citizen.is_nemsms_enrolled = False
    citizen.save()

    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()

    assert "ikke tilmeldt NemSMS og får ingen sms" in page
