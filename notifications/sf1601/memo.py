"""A NemSMS as a MeMo message inside a `kombi_request`: pure.

MeMo is Digital Post's message format (namespace https://DigitalPost.dk/MeMo-1). The order of the elements is the
schema's; a NemSMS has a header and no body, and its text is the header's `notification`.
"""

from lxml import etree

from notifications.gateways import TextMessage
from notifications.texts import LABELS, LONGEST

MEMO = "https://DigitalPost.dk/MeMo-1"
VERSION = "1.2"
# Serviceplatformen has mishandled the namespace under any other prefix.
PREFIX = "memo"


def kombi_request(message: TextMessage, *, legal_fields: bool) -> bytes:
    """The body that is sent, as UTF-8 bytes: a text would be encoded anew on the way, and æ, ø and å be lost.

    `legal_fields` writes `mandatory` and `legalNotification`, both false, as MeMo 1.1 demanded.
    Raises ValueError for a text that is longer than a NemSMS may be.
    """
    if len(message.text) > LONGEST:
        raise ValueError(f"The text has {len(message.text)} characters; a NemSMS has {LONGEST} at most.")
    request = etree.Element("kombi_request")
    etree.SubElement(request, "KombiValgKode").text = "NemSMS"
    memo = etree.SubElement(request, _name("Message"), memoVersion=VERSION, nsmap={PREFIX: MEMO})
    header = etree.SubElement(memo, _name("MessageHeader"))
    _add(header, "messageType", "NEMSMS")
    _add(header, "messageUUID", str(message.id))
    _add(header, "label", LABELS[message.kind])
    _add(header, "notification", message.text)
    if legal_fields:
        _add(header, "mandatory", "false")
        _add(header, "legalNotification", "false")
    sender = etree.SubElement(header, _name("Sender"))
    _add(sender, "senderID", message.sender.cvr)
    _add(sender, "idType", "CVR")
    _add(sender, "label", message.sender.name)
    recipient = etree.SubElement(header, _name("Recipient"))
    _add(recipient, "recipientID", message.cpr)
    _add(recipient, "idType", "CPR")
    written: bytes = etree.tostring(request, encoding="UTF-8", xml_declaration=True)
    return written


def _name(local: str) -> str:
    return f"{{{MEMO}}}{local}"


def _add(parent: etree._Element, local: str, text: str) -> None:
    etree.SubElement(parent, _name(local)).text = text
