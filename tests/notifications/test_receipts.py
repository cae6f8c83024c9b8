"""What receipts do to a message: in any order, any number of times, about anything."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fut.simulator.receipts import envelope
from notifications import receipts
from notifications.models import Message
from notifications.receipts import Taken
from notifications.sf1601.receipts import Receipt
from notifications.states import AFTER, Status
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

NOW = copenhagen("2026-11-24 10:00")
REPORTED = (Status.RECEIVED, Status.FAILED, Status.DELIVERED)
SECRET = "a secret for tests"
ADDRESS = "/nemsms/kvitteringer"


@pytest.fixture
def message() -> Message:
    factories.assign(at=NOW)
    made = Message.objects.get()
    Message.objects.filter(pk=made.pk).move(Status.SENT, at=NOW, sent_at=NOW)
    made.refresh_from_db()
    return made


def report(message: Message, status: Status | None, **facts: object) -> Taken:
    receipt = Receipt(message_id=message.pk, status=status, word="Fejlet", **facts)  # type: ignore[arg-type]
    taken = receipts.take(receipt, at=NOW + timedelta(minutes=5))
    message.refresh_from_db()
    return taken


@pytest.mark.parametrize("status", REPORTED)
def test_a_receipt_brings_the_message_on(message: Message, status: Status) -> None:
    assert report(message, status, reported_at=NOW + timedelta(minutes=2)) == Taken.CHANGED
    assert (message.status, message.status_at) == (status, NOW + timedelta(minutes=2))
    assert message.sent_at == NOW


@pytest.mark.parametrize("status", REPORTED)
def test_the_same_again_changes_nothing(message: Message, status: Status) -> None:
    report(message, status)
    assert report(message, status) == Taken.KNEW_BETTER


@given(
    st.permutations([Status.RECEIVED, Status.FAILED, Status.DELIVERED, Status.RECEIVED]), st.integers(1, 4)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_the_order_of_receipts_does_not_matter(
    message: Message, reported: list[Status], how_many: int
) -> None:
    """The strongest that came stays: received < failed < delivered."""
    Message.objects.filter(pk=message.pk).update(status=Status.SENT, reason="")
    came = reported[:how_many]
    for status in came:
        report(message, status)
    assert message.status == max(came, key=REPORTED.index)


def test_a_receipt_may_overtake_our_own_note(message: Message) -> None:
    """NemSMS was quicker than the worker's second transaction."""
    Message.objects.filter(pk=message.pk).update(status=Status.QUEUED, status_at=None, sent_at=None)
    assert report(message, Status.DELIVERED, reported_at=NOW) == Taken.CHANGED
    assert (message.status, message.sent_at) == (Status.DELIVERED, NOW)
    assert not Message.objects.filter(pk=message.pk).move(Status.SENT, at=NOW, sent_at=NOW)


def test_a_message_we_had_given_up_was_delivered_after_all(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(status=Status.FAILED, sent_at=None)
    assert report(message, Status.DELIVERED) == Taken.CHANGED


def test_why_it_failed_is_kept_without_a_cpr_number(message: Message) -> None:
    report(message, Status.FAILED, details="Ukendt modtager 610150-1234")
    assert message.reason == "Ukendt modtager ••••••-••••"


def test_a_clock_that_is_ahead_tells_no_future(message: Message) -> None:
    report(message, Status.DELIVERED, reported_at=NOW + timedelta(days=1))
    assert message.status_at == NOW + timedelta(minutes=5)


def test_what_is_unknown_is_harmless(message: Message) -> None:
    assert report(message, None) == Taken.UNKNOWN_WORD
    assert receipts.take(Receipt(uuid4(), Status.DELIVERED, "x"), at=NOW) == Taken.NOT_OURS
    assert message.status == Status.SENT


@pytest.mark.parametrize("status", Status)
def test_a_message_goes_only_where_the_table_lets_it(message: Message, status: Status) -> None:
    """From every state to every other, one statement, and the database agrees with each that is made."""
    other = factories.assign(message.citizen, at=NOW)
    for start in Status:
        begin = {
            "status": start,
            "leaves_at": NOW + timedelta(hours=1),
            "status_at": None if start in {Status.QUEUED, Status.HELD} else NOW,
            "sent_at": NOW if start in {Status.SENT, Status.RECEIVED, Status.DELIVERED} else None,
            "collapsed_into": (Message.objects.get(care_plan=other) if start == Status.COLLAPSED else None),
        }
        Message.objects.filter(pk=message.pk).update(**begin)
        facts: dict[str, object] = {"sent_at": NOW if status in {Status.SENT, *REPORTED} else None}
        facts["collapsed_into"] = Message.objects.get(care_plan=other) if status == Status.COLLAPSED else None
        moved = Message.objects.filter(pk=message.pk).move(status, at=NOW, **facts)
        assert bool(moved) is (status in AFTER[start]), f"{start} to {status}"


def push(client: Client, body: bytes, *, secret: str = SECRET, **headers: str) -> tuple[int, str]:
    answer = client.post(
        ADDRESS,
        body,
        content_type="application/xml",
        headers={"Authorization": f"Bearer {secret}", **headers},
    )
    return answer.status_code, answer.content.decode()


@pytest.fixture
def _open(settings: LazySettings) -> None:
    settings.NEMSMS_RECEIPT_SECRET = SECRET


def delivered(message_id: object, at: datetime = NOW) -> bytes:
    return envelope(str(message_id), "Afleveret Digital Post", "", at.isoformat())


@pytest.mark.usefixtures("_open")
class TestTheAddress:
    def test_it_takes_a_receipt_and_says_so_as_beskedfordeler_wants(
        self, client: Client, message: Message
    ) -> None:
        status, answer = push(client, delivered(message.pk))
        assert status == 200
        assert "<StatusKode>20</StatusKode>" in answer
        assert "ModtagBeskedOutput" in answer
        message.refresh_from_db()
        assert message.status == Status.DELIVERED

    def test_one_about_nobodys_message_is_taken_too(self, client: Client) -> None:
        assert "<StatusKode>20</StatusKode>" in push(client, delivered(uuid4()))[1]

    def test_one_that_cannot_be_read_is_answered_and_not_asked_for_again(self, client: Client) -> None:
        status, answer = push(client, b"<script>alert(1)</script>")
        assert status == 200
        assert "<StatusKode>41</StatusKode>" in answer
        assert "script" not in answer

    def test_a_body_without_end_is_not_read(self, client: Client) -> None:
        assert "<StatusKode>41</StatusKode>" in push(client, b"<a>" + b" " * 300_000 + b"</a>")[1]

    @pytest.mark.parametrize("secret", ["", "wrong", f"{SECRET} ", "æøå"])
    def test_strangers_change_nothing(self, client: Client, message: Message, secret: str) -> None:
        assert push(client, delivered(message.pk), secret=secret)[0] == 403
        message.refresh_from_db()
        assert message.status == Status.SENT

    def test_it_is_for_posting_only(self, client: Client) -> None:
        assert client.get(ADDRESS).status_code == 405


def test_without_a_way_to_know_the_sender_there_is_no_address(client: Client, message: Message) -> None:
    assert push(client, delivered(message.pk))[0] == 404


@pytest.mark.parametrize(
    ("shown", "answer"),
    [("AB:cd:12", 200), ("abcd12", 200), ("abcd13", 403), ("", 403)],
)
def test_the_certificate_that_the_proxy_has_verified(
    client: Client, settings: LazySettings, shown: str, answer: int
) -> None:
    settings.NEMSMS_RECEIPT_CERTIFICATES = ["ffff", "AB:CD:12"]
    given = {"X-Client-Certificate-SHA256": shown} if shown else {}
    assert push(client, delivered(uuid4()), secret="", **given)[0] == answer


def test_where_both_are_set_both_are_asked_for(client: Client, settings: LazySettings) -> None:
    settings.NEMSMS_RECEIPT_SECRET = SECRET
    settings.NEMSMS_RECEIPT_CERTIFICATES = ["abcd12"]
    certificate = {"X-Client-Certificate-SHA256": "abcd12"}
    assert push(client, delivered(uuid4()), **certificate)[0] == 200
    assert push(client, delivered(uuid4()))[0] == 403
    assert push(client, delivered(uuid4()), secret="", **certificate)[0] == 403


def test_a_message_never_stands_for_another_citizens(message: Message) -> None:
    of_another = factories.assign(at=NOW)
    waiting = Message.objects.filter(care_plan=of_another)

    def collapse() -> None:
        with transaction.atomic():
            waiting.move(Status.COLLAPSED, at=NOW, collapsed_into=message)
            connection.check_constraints()

    with pytest.raises(IntegrityError, match="message_is_of_the_same_citizen"):
        collapse()
