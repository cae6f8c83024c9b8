"""Receipts as Beskedfordeler hands them on, and all that may come in their place."""

import base64
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fut.simulator.receipts import envelope
from notifications.sf1601.receipts import LARGEST, ReceiptUnreadable, read_receipt
from notifications.states import Status
from tests.conftest import copenhagen

ID = "4be4a1f0-6f5c-4c2e-9d3e-0a8d1c2b3a4f"
NAMESPACE = "http://serviceplatformen.dk/xml/print/PKO_PostStatus/1/types"


def status(word: str = "Afleveret Digital Post", *, message_id: str = ID, more: str = "") -> str:
    return (
        f'<PKO_PostStatus xmlns="{NAMESPACE}"><TransmissionId>t-1</TransmissionId>'
        f"<MessageUUID>{message_id}</MessageUUID><KanalKode>NemSMS</KanalKode>"
        f"<TransaktionsStatusKode>{word}</TransaktionsStatusKode>{more}</PKO_PostStatus>"
    )


def enveloped(inner: bytes, *, times: int = 1) -> bytes:
    encoded = base64.encodebytes(inner).decode()
    return (
        "<a:ModtagBeskedInput xmlns:a='urn:oio:sts:1.0.0'><Haendelsesbesked><Beskeddata>"
        + f"<Base64>\n{encoded}</Base64>" * times
        + "</Beskeddata></Haendelsesbesked></a:ModtagBeskedInput>"
    ).encode()


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Modtaget Digital Post", Status.RECEIVED),
        ("Afleveret Digital Post", Status.DELIVERED),
        ("Fejlet", Status.FAILED),
        ("FEJLET", Status.FAILED),
        # A NemSMS's own words are not public; the first one decides.
        ("Modtaget NemSMS", Status.RECEIVED),
        ("Afleveret NemSMS", Status.DELIVERED),
        ("Parkeret", None),
    ],
)
def test_the_word_says_what_became_of_it(word: str, meaning: Status | None) -> None:
    receipt = read_receipt(enveloped(status(word).encode()))

    assert (receipt.message_id, receipt.status, receipt.word) == (UUID(ID), meaning, word)


def test_without_its_envelope_it_is_the_same() -> None:
    assert read_receipt(status().encode()) == read_receipt(enveloped(status().encode()))


def test_what_the_simulator_sends_is_read() -> None:
    receipt = read_receipt(envelope(ID, "Fejlet", "Nummeret <findes> ikke", "2026-11-24T08:00:01.250+00:00"))

    assert receipt.status == Status.FAILED
    assert receipt.details == "Nummeret <findes> ikke"
    assert receipt.reported_at == copenhagen("2026-11-24 09:00:01.250")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-24T08:00:00+01:00", copenhagen("2026-11-24 08:00")),
        ("2026-07-24T08:00:00Z", copenhagen("2026-07-24 10:00")),
        ("2026-07-24T08:00:00", copenhagen("2026-07-24 08:00")),
        ("24-07-2026", None),
        ("", None),
    ],
)
def test_its_time_is_read_where_it_can_be(written: str, moment: datetime | None) -> None:
    body = status(more=f"<TransaktionsDatoTid>{written}</TransaktionsDatoTid>").encode()

    assert read_receipt(body).reported_at == moment


def test_what_went_wrong_is_kept_short_whatever_it_is_wrapped_in() -> None:
    more = f"<FejlDetaljer><x:Kode xmlns:x='urn:x'>17</x:Kode>\n<Tekst>{'lang ' * 400}</Tekst></FejlDetaljer>"

    details = read_receipt(status("Fejlet", more=more).encode()).details

    assert details.startswith("17 lang lang")
    assert len(details) == 500


BOMB = (
    "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    f"<PKO_PostStatus xmlns='{NAMESPACE}'><MessageUUID>&b;</MessageUUID></PKO_PostStatus>"
)
OUTSIDE = (
    "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    f"<PKO_PostStatus xmlns='{NAMESPACE}'><MessageUUID>&f;</MessageUUID></PKO_PostStatus>"
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the message is no XML"),
        (b"{}", "the message is no XML"),
        (b"<a>", "the message is no XML"),
        (b"\xff\xfe", "the message is no XML"),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "the message is no XML"),
        (b"<a/>", "expected one Base64 in the envelope, found 0"),
        (enveloped(status().encode(), times=2), "expected one Base64 in the envelope, found 2"),
        (b"<a><Base64>***</Base64></a>", "Base64 in the envelope is damaged"),
        (b"<a><Base64>\xc3\xa6</Base64></a>", "Base64 in the envelope is damaged"),
        (enveloped(b"not XML"), "the Base64 in it is no XML"),
        (enveloped(b"<a/>"), "expected PKO_PostStatus"),
        (status(message_id="17").encode(), "MessageUUID is no UUID"),
        (status("").encode(), "TransaktionsStatusKode is missing"),
        (b"<a>" + b" " * LARGEST + b"</a>", f"more than {LARGEST} bytes"),
        (BOMB.encode(), "the message is no XML"),
        (enveloped(BOMB.encode()), "the Base64 in it is no XML"),
        (OUTSIDE.encode(), "the message is no XML"),
    ],
)
def test_anything_else_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(ReceiptUnreadable, match=why):
        read_receipt(body)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nothing_but_that_refusal_ever_comes_out(body: bytes) -> None:
    for damaged in (body, enveloped(body), status().encode()[: len(body)]):
        with pytest.raises(ReceiptUnreadable):
            read_receipt(damaged)
