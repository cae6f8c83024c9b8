"""What the Postkomponent demands of a NemSMS: the simulator's own reading, apart from the application's writing."""

import re
from dataclasses import dataclass
from uuid import UUID
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from fut.simulator.outcomes import Refusal
from fut.simulator.telephones import CPR, TEXTS

MEMO = "{https://DigitalPost.dk/MeMo-1}"
VERSIONS = frozenset({"1.1", "1.2"})

HEADER = (
    "messageType",
    "messageUUID",
    "label",
    "notification",
    "mandatory",
    "legalNotification",
    "Sender",
    "Recipient",
)
OPTIONAL = frozenset({"mandatory", "legalNotification"})
PARTIES = {"Sender": ("senderID", "idType", "label"), "Recipient": ("recipientID", "idType")}
LONGEST = {"label": 256, "notification": 150}
# Serviceplatformen has mishandled the namespace under any other prefix.
PREFIXED = re.compile(rb"<memo:Message[\s>]")


@dataclass(frozen=True, slots=True)
class NemSms:
    message_id: str
    cpr: str
    text: str
    cvr: str
    sender: str


def read_nemsms(body: bytes) -> NemSms:
    """The message of a `kombi_request`; a Refusal says what is wrong with it, without its CPR number."""
    try:
        body.decode("utf-8")
        root = fromstring(body, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException) as error:
        raise Refusal(400, [f"The body is no XML in UTF-8 ({type(error).__name__})."]) from error
    message = root.find(f"{MEMO}Message")
    if root.tag != "kombi_request" or root.findtext("KombiValgKode") != "NemSMS" or message is None:
        raise Refusal(400, ["Expected kombi_request with KombiValgKode NemSMS and one memo:Message."])
    if not PREFIXED.search(body):
        raise Refusal(400, ["The namespace of MeMo must have the prefix memo."])
    if message.get("memoVersion") not in VERSIONS or [child.tag for child in message] != [
        f"{MEMO}MessageHeader"
    ]:
        raise Refusal(400, ["A NemSMS is a memo:Message of a known version with a header and no body."])
    return _read_header(message[0])


def _read_header(header: Element) -> NemSms:
    names = [child.tag.removeprefix(MEMO) for child in header]
    demanded = [name for name in HEADER if name in names or name not in OPTIONAL]
    if names != demanded:
        raise Refusal(400, [f"The header's elements must be {', '.join(HEADER)}, in this order."])
    for party, children in PARTIES.items():
        found = tuple(child.tag.removeprefix(MEMO) for child in header.find(f"{MEMO}{party}") or ())
        if found != children:
            raise Refusal(400, [f"{party} must have {', '.join(children)}, in this order."])
    values = {child.tag.removeprefix(MEMO): child.text or "" for child in header.iter()}
    for name, most in LONGEST.items():
        if len(header.findtext(f"{MEMO}{name}", "")) > most:
            raise Refusal(422, [f"{name} has more than {most} characters."])
    _check_ids(header, values)
    if values["notification"] not in TEXTS:
        raise Refusal(422, ["Only the two fixed texts can be sent."], issue_type="business-rule")
    return NemSms(
        message_id=values["messageUUID"],
        cpr=values["recipientID"],
        text=values["notification"],
        cvr=values["senderID"],
        sender=header.findtext(f"{MEMO}Sender/{MEMO}label", ""),
    )


def _check_ids(header: Element, values: dict[str, str]) -> None:
    kinds = [header.findtext(f"{MEMO}{party}/{MEMO}idType") for party in PARTIES]
    if values["messageType"] != "NEMSMS" or kinds != ["CVR", "CPR"]:
        raise Refusal(400, ["Expected messageType NEMSMS from a CVR to a CPR."])
    try:
        is_random = UUID(values["messageUUID"]).version == 4
    except ValueError:
        is_random = False
    if not is_random:
        raise Refusal(422, ["messageUUID must be a UUID of version 4."])
    if not CPR.fullmatch(values["recipientID"]):
        raise Refusal(422, ["The CPR number must have ten places."], issue_type="value")
    if not re.fullmatch(r"\d{8}", values["senderID"]) or not header.findtext(f"{MEMO}Sender/{MEMO}label"):
        raise Refusal(422, ["The sender needs a CVR number of eight digits and a label."])
