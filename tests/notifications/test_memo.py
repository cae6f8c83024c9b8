"""The NemSMS as it leaves: MeMo's elements in their order, in UTF-8, under the prefix that is understood."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from lxml import etree

from fut.simulator.memo import NemSms, read_nemsms
from notifications import texts
from notifications.gateways import Sender, TextMessage
from notifications.sf1601.memo import MEMO, kombi_request
from notifications.texts import Kind

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "kombi_request.xsd"))
M = f"{{{MEMO}}}"


def a_message(kind: Kind = Kind.REMINDER, **changed: object) -> TextMessage:
    given = {
        "id": uuid4(),
        "kind": kind,
        "cpr": "6101501234",
        "sender": Sender(cvr="91000001", name="Ærø Kommune"),
    }
    return TextMessage(**{**given, **changed})  # type: ignore[arg-type]


def problems(body: bytes) -> str:
    """What the schema has against it; empty where nothing."""
    SCHEMA.validate(etree.fromstring(body))
    return str(SCHEMA.error_log)


@pytest.mark.parametrize("legal_fields", [True, False])
@pytest.mark.parametrize("kind", Kind)
def test_both_messages_keep_the_schema(kind: Kind, legal_fields: bool) -> None:
    assert problems(kombi_request(a_message(kind), legal_fields=legal_fields)) == ""


def test_what_leaves_is_utf_8_whatever_carries_it() -> None:
    body = kombi_request(a_message(), legal_fields=True)

    assert isinstance(body, bytes)
    assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "Husk dit spørgeskema".encode() in body
    assert "Ærø Kommune".encode() in body


def test_the_prefix_is_memo_and_nothing_else() -> None:
    body = kombi_request(a_message(), legal_fields=True)

    assert b'<memo:Message xmlns:memo="https://DigitalPost.dk/MeMo-1" memoVersion="1.2">' in body
    prefixes = {element.prefix for element in etree.fromstring(body).iter() if str(element.tag).startswith(M)}
    assert prefixes == {"memo"}


def test_the_simulator_reads_what_we_wrote() -> None:
    """Two readings of the same public description, made apart."""
    message = a_message(Kind.TASK)

    assert read_nemsms(kombi_request(message, legal_fields=True)) == NemSms(
        message_id=str(message.id),
        cpr="6101501234",
        text="Du har en opgave. Se den i din telemedicinske løsning",
        cvr="91000001",
        sender="Ærø Kommune",
    )


def swapped(first: str, second: str) -> Callable[[etree._Element], None]:
    def change(header: etree._Element) -> None:
        one, other = header.find(M + first), header.find(M + second)
        assert one is not None
        assert other is not None
        header.remove(one)
        other.addnext(one)

    return change


def without(name: str) -> Callable[[etree._Element], None]:
    def change(header: etree._Element) -> None:
        found = header.find(M + name)
        assert found is not None
        header.remove(found)

    return change


def with_text(name: str, text: str) -> Callable[[etree._Element], None]:
    def change(header: etree._Element) -> None:
        found = header.find(M + name)
        assert found is not None
        found.text = text

    return change


@pytest.mark.parametrize(
    "change",
    [
        swapped("label", "notification"),
        swapped("Sender", "Recipient"),
        swapped("mandatory", "legalNotification"),
        swapped("messageType", "messageUUID"),
        without("notification"),
        without("Sender"),
        without("mandatory"),
        with_text("messageType", "DIGITALPOST"),
        with_text("messageUUID", str(UUID(int=1))),
        with_text("notification", "x" * 151),
    ],
)
def test_the_schema_would_notice(change: Callable[[etree._Element], None]) -> None:
    """A schema that takes everything proves nothing."""
    root = etree.fromstring(kombi_request(a_message(), legal_fields=True))
    header = root.find(f"{M}Message/{M}MessageHeader")
    assert header is not None
    change(header)

    assert problems(etree.tostring(root))


def test_a_text_that_is_too_long_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(texts.TEXTS, Kind.REMINDER, "å" * 151)

    with pytest.raises(ValueError, match="151 characters; a NemSMS has 150 at most"):
        kombi_request(a_message(), legal_fields=True)


@pytest.mark.parametrize("kind", Kind)
def test_both_texts_fit(kind: Kind) -> None:
    assert len(texts.text_of(kind)) <= texts.LONGEST


def test_there_are_two_texts_and_no_way_to_give_another() -> None:
    assert sorted(texts.TEXTS.values()) == [
        "Du har en opgave. Se den i din telemedicinske løsning",
        "Husk dit spørgeskema",
    ]
    with pytest.raises(TypeError):
        TextMessage(id=uuid4(), kind=Kind.TASK, cpr="", sender=Sender(cvr="", name=""), text="Ring!")  # type: ignore[call-arg]


def test_a_message_does_not_show_its_cpr_number() -> None:
    assert "6101501234" not in repr(a_message())
