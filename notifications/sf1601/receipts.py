"""Reading a receipt of the Postkomponent: PKO_PostStatus, as Base64 inside Beskedfordeler's envelope. Pure.

    ModtagBeskedInput / Haendelsesbesked / Beskeddata / Base64 → PKO_PostStatus

Names are compared without their namespace: the envelope's differ between its versions. Known status words are
“Modtaget Digital Post”, “Afleveret Digital Post” and “Fejlet” (docs of SF1601, as quoted in open clients); those of
a NemSMS are not public, so the first word decides.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from notifications.states import Status

LARGEST = 256 * 1024
"""Bytes of a receipt with its envelope; real ones have a few thousand."""

LONGEST_DETAILS = 500

DENMARK = ZoneInfo("Europe/Copenhagen")

_MEANING = {"modtaget": Status.RECEIVED, "afleveret": Status.DELIVERED, "fejlet": Status.FAILED}


class ReceiptUnreadable(ValueError):
    """It is no receipt that we know; the sentence says what was expected."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of the message `message_id`. `status` is None for a word we do not know; `details` may hold anything.

    `reported_at` is the sender's time (aware), None where it names none that can be read.
    """

    message_id: UUID
    status: Status | None
    word: str
    reported_at: datetime | None = None
    details: str = ""


def read_receipt(body: bytes) -> Receipt:
    """The receipt in `body`, with or without its envelope. Raises ReceiptUnreadable."""
    root = _parsed(body, "the message")
    if _local(root) != "PKO_PostStatus":
        root = _parsed(_payload(root), "the Base64 in it")
    if _local(root) != "PKO_PostStatus":
        raise ReceiptUnreadable(f"expected PKO_PostStatus, got {_local(root)[:60]}")
    fields = {_local(child): child for child in root}
    word = _text(fields.get("TransaktionsStatusKode"))
    if not word:
        raise ReceiptUnreadable("TransaktionsStatusKode is missing")
    try:
        message_id = UUID(_text(fields.get("MessageUUID")))
    except ValueError as error:
        raise ReceiptUnreadable("MessageUUID is no UUID") from error
    return Receipt(
        message_id=message_id,
        status=_MEANING.get(word.split()[0].casefold()),
        word=word[:100],
        reported_at=_moment(_text(fields.get("TransaktionsDatoTid"))),
        details=_text(fields.get("FejlDetaljer"))[:LONGEST_DETAILS],
    )


def _parsed(body: bytes, what: str) -> Element:
    if len(body) > LARGEST:
        raise ReceiptUnreadable(f"{what} has more than {LARGEST} bytes")
    try:
        # No document type, so no entities, and nothing fetched from elsewhere.
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ReceiptUnreadable(f"{what} is no XML ({type(error).__name__})") from error
    return root


def _payload(envelope: Element) -> bytes:
    encoded = [element for element in envelope.iter() if _local(element) == "Base64"]
    if len(encoded) != 1:
        raise ReceiptUnreadable(f"expected one Base64 in the envelope, found {len(encoded)}")
    try:
        return base64.b64decode("".join(_text(encoded[0]).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReceiptUnreadable("the Base64 in the envelope is damaged") from error


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element | None) -> str:
    """All that is written in an element, also inside others; single spaces."""
    return "" if element is None else " ".join(" ".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    yield from element.itertext()


def _moment(text: str) -> datetime | None:
    """XML's dateTime; one without an offset is on a clock in Denmark."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=DENMARK)
