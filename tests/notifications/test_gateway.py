"""The gateway to SF1601 against the simulator, in a process of its own: enrolment, sending, receipts, faults."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import LazySettings

from notifications import sending
from notifications.gateways import Gateway, Sender, TextMessage
from notifications.models import Message
from notifications.sf1601.access import SEND, Access, Sf1601Config
from notifications.sf1601.gateway import Sf1601Gateway
from notifications.sf1601.memo import kombi_request
from notifications.states import Status
from notifications.texts import Kind
from outbox.channels import Refused, RetryLater
from outbox.models import Delivery
from tests import factories
from tests.fut.conftest import Simulator, free_port
from tests.notifications.conftest import deliver_messages

CPR = "6101501234"
AALBORG = Sender(cvr="91000001", name="Aalborg Kommune")
SVENDBORG = Sender(cvr="91000002", name="Svendborg Kommune")
RECEIPTS_SECRET = "a secret for receipts in tests"


def config(simulator: Simulator, **changed: Any) -> Sf1601Config:
    base = f"{simulator.origin}/nemsms"
    given = {"url": base, "token_url": f"{base}/runtime/api/rest/wstrust/v1/issue", "timeout": 5.0}
    return Sf1601Config(**{**given, **changed})


@pytest.fixture(scope="module")
def nemsms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A simulator of this module's own, whose receipts go nowhere."""
    running = Simulator(free_port(), tmp_path_factory.mktemp("nemsms"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def gateway(nemsms: Simulator) -> Iterator[Gateway]:
    made = Sf1601Gateway(config(nemsms))
    yield made
    control(nemsms, faults=[])
    made.close()


def control(simulator: Simulator, **wanted: Any) -> None:
    httpx.post(f"{simulator.origin}/nemsms/control", json=wanted).raise_for_status()


def a_message(kind: Kind = Kind.TASK, *, cpr: str = CPR, sender: Sender = AALBORG) -> TextMessage:
    return TextMessage(id=uuid4(), kind=kind, cpr=cpr, sender=sender)


def received(simulator: Simulator, message: TextMessage) -> list[dict[str, Any]]:
    there = httpx.get(f"{simulator.origin}/nemsms/messages").json()["messages"]
    return [one for one in there if one["messageId"] == str(message.id)]


@pytest.mark.parametrize("kind", Kind)
def test_both_texts_arrive_letter_by_letter(nemsms: Simulator, gateway: Gateway, kind: Kind) -> None:
    message = a_message(kind)

    gateway.send(message)

    [there] = received(nemsms, message)
    assert (there["text"], there["sender"], there["cpr"]) == (message.text, AALBORG.name, "610150-••••")


def test_sent_twice_counts_once(nemsms: Simulator, gateway: Gateway) -> None:
    message = a_message()

    gateway.send(message)
    gateway.send(message)

    [there] = received(nemsms, message)
    assert there["times"] == 2


def test_enrolment_is_as_of_now(nemsms: Simulator, gateway: Gateway) -> None:
    answers = []
    for enrolled in (True, False, True):
        control(nemsms, citizens=[{"cpr": "6101509999", "enrolled": enrolled}])
        answers.append(gateway.is_enrolled(cpr="6101509999", sender=AALBORG))

    assert answers == [True, False, True]


def test_each_authority_sends_under_its_own_agreement(nemsms: Simulator, gateway: Gateway) -> None:
    for sender in (AALBORG, SVENDBORG, AALBORG):
        message = a_message(sender=sender)
        gateway.send(message)
        assert received(nemsms, message)[0]["sender"] == sender.name


def test_tokens_that_end_are_replaced(nemsms: Simulator, gateway: Gateway) -> None:
    gateway.send(a_message())
    control(nemsms, tokens="expire")
    message = a_message()

    with pytest.raises(RetryLater, match="401"):
        gateway.send(message)
    gateway.send(message)

    assert len(received(nemsms, message)) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503])
@pytest.mark.parametrize("on", ["send", "look-up"])
def test_what_may_pass_is_tried_again(nemsms: Simulator, gateway: Gateway, on: str, status: int) -> None:
    message = a_message()
    control(nemsms, faults=[{"on": on, "status": status, "retryAfter": 7}])

    def turn() -> None:
        if gateway.is_enrolled(cpr=CPR, sender=AALBORG):
            gateway.send(message)

    with pytest.raises(RetryLater, match=str(status)) as raised:
        turn()

    assert raised.value.after == timedelta(seconds=7)
    gateway.send(message)
    assert len(received(nemsms, message)) == 1


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_the_message_is_refused_for_is_not(nemsms: Simulator, gateway: Gateway, status: int) -> None:
    control(nemsms, faults=[{"on": "send", "status": status, "body": "<fejl>Ukendt modtager</fejl>"}])

    with pytest.raises(Refused, match=f"{status}: <fejl>Ukendt modtager") as refusal:
        gateway.send(a_message())
    assert refusal.value.sent == "POST KombiPostAfsend_1/memos"


@pytest.mark.parametrize("kind_of_answer", ["<html>", "{}", '{"result": "ja"}', "[true]"])
def test_an_answer_that_is_none_is_not_taken_for_one(
    nemsms: Simulator, gateway: Gateway, kind_of_answer: str
) -> None:
    control(nemsms, faults=[{"on": "look-up", "status": 200, "body": kind_of_answer}])

    with pytest.raises(RetryLater):
        gateway.is_enrolled(cpr=CPR, sender=AALBORG)


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"status": 200, "body": "<html>"}, {"status": 200, "body": "{}"}]
)
def test_without_a_token_nothing_is_sent(nemsms: Simulator, answer: dict[str, Any]) -> None:
    gateway = Sf1601Gateway(config(nemsms))
    control(nemsms, faults=[{"on": "token", **answer}])
    message = a_message()

    with pytest.raises(RetryLater, match="adgangstoken"):
        gateway.send(message)

    assert received(nemsms, message) == []
    gateway.close()


def test_hung_up_after_the_message_was_taken_counts_once(nemsms: Simulator, gateway: Gateway) -> None:
    message = a_message()
    control(nemsms, faults=[{"on": "sent", "hangUp": True}])

    with pytest.raises(RetryLater, match="ingen forbindelse"):
        gateway.send(message)
    gateway.send(message)

    [there] = received(nemsms, message)
    assert there["times"] == 2


def test_nobody_there_is_tried_again() -> None:
    gateway = Sf1601Gateway(Sf1601Config(url="http://127.0.0.1:9", token_url="http://127.0.0.1:9", timeout=1))
    with pytest.raises(RetryLater, match="ingen forbindelse"):
        gateway.is_enrolled(cpr=CPR, sender=AALBORG)
    gateway.close()


def test_threads_share_the_gateway(nemsms: Simulator) -> None:
    gateway = Sf1601Gateway(config(nemsms))
    messages = [a_message() for _ in range(8)]
    threads = [threading.Thread(target=gateway.send, args=[one]) for one in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(received(nemsms, one)) == 1 for one in messages)
    gateway.close()


def test_no_cpr_number_is_logged_or_said(
    nemsms: Simulator, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    control(nemsms, faults=[{"on": "send", "status": 422, "body": "no"}])

    gateway.is_enrolled(cpr=CPR, sender=AALBORG)
    with pytest.raises(Refused) as refused:
        gateway.send(a_message())

    assert CPR not in caplog.text
    assert CPR not in str(refused.value)


# Through the whole house


def eventually(ask: Callable[[], bool]) -> None:
    """Wait for another process, half a minute at most."""
    deadline = time.monotonic() + 90
    while not ask():
        assert time.monotonic() < deadline, "It did not happen in time."
        threading.Event().wait(0.02)


@pytest.fixture
def with_receipts(
    live_server: Any, settings: LazySettings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Simulator]:
    """A simulator that pushes its receipts to our own web server, and the worker's gateway to it."""
    settings.NEMSMS_RECEIPT_SECRET = RECEIPTS_SECRET
    running = Simulator(
        free_port(),
        tmp_path,
        settings={
            "FUT_SIMULATOR_RECEIPTS_URL": f"{live_server.url}/nemsms/kvitteringer",
            "NEMSMS_RECEIPT_SECRET": RECEIPTS_SECRET,
        },
    )
    running.start()
    gateway = Sf1601Gateway(config(running))
    monkeypatch.setattr(sending, "gateway", lambda: gateway)
    yield running
    gateway.close()
    running.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("citizen", "ends"),
    [({}, Status.DELIVERED), ({"fails": True}, Status.FAILED), ({"enrolled": False}, Status.NOT_ENROLLED)],
    ids=["takes it", "takes none", "outside"],
)
def test_a_message_goes_out_and_its_receipt_comes_in(
    with_receipts: Simulator, at: Any, citizen: dict[str, bool], ends: Status
) -> None:
    with at("2026-11-23 10:00") as now:
        task = factories.open_task(at=now)
        if citizen:
            control(with_receipts, citizens=[{"cpr": task.citizen.cpr, **citizen}])
        deliver_messages()

    eventually(lambda: Message.objects.get().status == ends)

    message = Message.objects.get()
    assert Delivery.objects.get(channel="nemsms").state == Delivery.State.DELIVERED
    sent = Message.objects.exclude(sent_at=None).exists()
    assert sent is (ends != Status.NOT_ENROLLED)
    assert message.reason == ("Modtageren kan ikke modtage NemSMS." if ends == Status.FAILED else "")


@pytest.mark.django_db(transaction=True)
def test_receipts_that_come_backwards_and_again_end_the_same(with_receipts: Simulator, at: Any) -> None:
    control(with_receipts, receipts="hold")
    with at("2026-11-23 10:00") as now:
        for _ in range(3):
            factories.open_task(at=now)
        deliver_messages()
    assert {message.status for message in Message.objects.all()} == {Status.SENT}

    def all_delivered() -> bool:
        return {message.status for message in Message.objects.all()} == {Status.DELIVERED}

    def all_taken() -> bool:
        there = httpx.get(f"{with_receipts.origin}/nemsms/control").json()["receipts"]
        return len(there) == 6 and all(one["taken"] for one in there)

    control(with_receipts, receipts="backwards")
    eventually(all_taken)
    assert all_delivered()
    control(with_receipts, receipts="again")
    eventually(all_taken)
    assert all_delivered()


def test_the_citizens_telephone_shows_what_it_got(nemsms: Simulator, gateway: Gateway) -> None:
    cpr = "6101508888"
    gateway.send(a_message(cpr=cpr, sender=Sender(cvr="91000003", name="<b>Ærø</b> Kommune")))
    front = httpx.get(nemsms.origin).text
    number = front.partition(f'">{cpr[:6]}-••••</a>')[0].rpartition("/telefon/")[2]

    page = httpx.get(f"{nemsms.origin}/telefon/{number}").text

    assert "Du har en opgave. Se den i din telemedicinske løsning" in page
    assert "&lt;b&gt;Ærø&lt;/b&gt; Kommune" in page
    assert cpr not in page + front
    assert httpx.get(f"{nemsms.origin}/telefon/999999").status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda body: body.replace("Husk dit spørgeskema", "Ring til os"), 422),
        (lambda body: body.replace("memo:", "m:").replace("xmlns:memo", "xmlns:m"), 400),
        (lambda body: body.replace(CPR, "123"), 422),
        (lambda body: body.replace("91000001", "91000002"), 403),
        (lambda body: body.replace("NemSMS", "Digital Post"), 400),
        (lambda body: body.replace("<memo:label>Påmindelse</memo:label>", ""), 400),
        (lambda body: "<!DOCTYPE x []>" + body, 400),
    ],
)
def test_the_simulator_takes_only_what_the_postkomponent_would(
    nemsms: Simulator, change: Callable[[str], str], status: int
) -> None:
    with httpx.Client() as http:
        token = Access(http, config(nemsms)).authorization(cvr=AALBORG.cvr, service=SEND)
        body = kombi_request(a_message(Kind.REMINDER), legal_fields=True).decode()
        written = change(body.partition("?>")[2].strip())
        answer = http.post(
            f"{nemsms.origin}/nemsms/service/KombiPostAfsend_1/memos",
            content=written.encode(),
            headers={"Authorization": token, "X-TransaktionsId": str(uuid4())},
        )
    assert answer.status_code == status
    assert CPR not in answer.text
