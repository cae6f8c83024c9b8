"""A login that somebody pasted, to see what is wrong with it: a token, a SAML assertion or a privilege list.

Read here and nowhere else: nothing is stored, logged, fetched or sent on. Pure: text and time go in. What it
says about itself is judged by the same checks as a real login; only its signature is not tried.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, tostring

from cryptography import x509
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_lazy as _

from identity.checks import Check, Fact, Outcome, Step
from identity.claims import CITIZEN_USER_TYPE, STAFF_USER_TYPE, ClaimNames, is_user_type
from identity.issuers import CERTIFICATE_SOON
from identity.privileges import read_privileges
from identity.refusals import LoginRefused, Note, RefusalCode, masked

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# A token or assertion is some kilobytes; what is far larger is neither.
MAX_CHARACTERS = 200_000
# Layers of elements; a signed response with its privileges has about fifteen.
DEEPEST_XML = 100
# The clocks of two authorities may differ by this much.
LEEWAY = timedelta(minutes=2)


class Kind(StrEnum):
    """What the pasted text turned out to be."""

    TOKEN = "token"  # noqa: S105 - a kind of text
    ASSERTION = "assertion"
    PRIVILEGES = "privileges"

    @property
    def label(self) -> StrOrPromise:
        """As the page says it."""
        return _KINDS[self]


_KINDS: dict[Kind, StrOrPromise] = {
    Kind.TOKEN: _("Token (OpenID Connect)"),
    Kind.ASSERTION: _("SAML-billet"),
    Kind.PRIVILEGES: _("Liste over rettigheder (OIO BPP)"),
}

# What such a text can say nothing about.
SILENT_ON: dict[Kind, tuple[Step, ...]] = {
    Kind.TOKEN: (),
    Kind.ASSERTION: (Step.USER_TYPE,),
    Kind.PRIVILEGES: (
        Step.ANSWER,
        Step.TRUST,
        Step.USER_TYPE,
        Step.ASSURANCE,
        Step.AUTHORITY,
    ),
}


class NotALogin(ValueError):
    """The text is none of the three. Carries a sentence for the page; never the text."""

    def __init__(self, sentence: StrOrPromise) -> None:
        super().__init__("not a login")
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Expected:
    """Who a real login comes from and is for."""

    issuers: Collection[str]
    receivers: Collection[str]


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was read: claims under the names `names` says, and what can be checked without them."""

    kind: Kind
    claims: Mapping[str, Any] = field(repr=False)
    names: ClaimNames = field(default_factory=ClaimNames)
    checks: tuple[Check, ...] = ()

    @property
    def is_of_citizen(self) -> bool:
        """Whether it is a citizen's login."""
        return is_user_type(str(self.claims.get(self.names.user_type, "")), CITIZEN_USER_TYPE)


def read_pasted(text: str, *, names: ClaimNames, expected: Expected, now: datetime) -> Pasted:
    """Find out what `text` is and read it. `names` are the issuer's names of claims. Raises NotALogin."""
    text = text.strip()
    if not text:
        raise NotALogin(_("Feltet er tomt. Indsæt et token, en SAML-billet eller en liste over rettigheder."))
    if len(text) > MAX_CHARACTERS:
        raise NotALogin(_("Teksten er for lang til at være et login. Den må højst være 200.000 tegn."))
    if text.startswith("{"):
        return _token(_json(text), names, expected, now)
    if text.startswith("eyJ"):
        return _token(_payload(text), names, expected, now)
    root = _xml(text)
    if _local_name(root) == "PrivilegeList":
        return _privileges(text)
    if _local_name(root) in {"Response", "Assertion"}:
        return _assertion(root, now)
    raise NotALogin(
        _("Teksten er XML, men hverken en SAML-billet (Response, Assertion) eller en PrivilegeList.")
    )


# --- tokens ----------------------------------------------------------------------------------------


def _payload(text: str) -> Mapping[str, Any]:
    parts = "".join(text.split()).split(".")
    if len(parts) != 3:
        raise NotALogin(
            _("Teksten ligner et token, men et token har tre dele med punktum imellem. Er den hel?")
        )
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
    except ValueError:
        raise NotALogin(_("Tokenets midterste del kan ikke læses. Er det kopieret helt?")) from None
    return _json(payload)


def _json(text: str) -> Mapping[str, Any]:
    try:
        claims = json.loads(text)
    except (ValueError, RecursionError):
        raise NotALogin(_("Tokenets indhold er ikke JSON. Er det kopieret helt?")) from None
    if not isinstance(claims, dict):
        raise NotALogin(_("Tokenets indhold er ikke en liste over oplysninger med navne."))
    return claims


def _token(claims: Mapping[str, Any], names: ClaimNames, expected: Expected, now: datetime) -> Pasted:
    facts: list[tuple[Fact, str]] = []
    issuer, receivers = claims.get("iss"), claims.get("aud")
    told = receivers if isinstance(receivers, list) else [receivers] if receivers is not None else []
    begins, ends = _moment(claims.get("nbf", claims.get("iat"))), _moment(claims.get("exp"))
    for word, value in ((Fact.ISSUER, issuer), *((Fact.AUDIENCE, each) for each in told)):
        if value is not None:
            facts.append((word, masked(str(value))))
    facts += _times(begins, ends)
    code: RefusalCode | Note = Note.SIGNATURE_NOT_TRIED
    if (issuer is not None and str(issuer).rstrip("/") not in expected.issuers) or (
        told and not {str(each) for each in told} & set(expected.receivers)
    ):
        code = RefusalCode.WRONG_RECEIVER
    elif not _is_now(begins, ends, now):
        code = RefusalCode.CLOCK_SKEW
    return Pasted(kind=Kind.TOKEN, claims=claims, names=names, checks=_checked(code, facts))


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return None


# --- SAML ------------------------------------------------------------------------------------------

_ATTRIBUTES = {
    "https://data.gov.dk/concept/core/nsis/loa": "loa",
    "dk:gov:saml:attribute:AssuranceLevel": "loa",
    "https://data.gov.dk/model/core/eid/professional/cvr": "cvr",
    "dk:gov:saml:attribute:CvrNumberIdentifier": "cvr",
    "https://data.gov.dk/model/core/eid/professional/orgName": "org_name",
    "urn:oid:2.5.4.10": "org_name",
    "https://data.gov.dk/model/core/eid/privilegesIntermediate": "privileges",
    "dk:gov:saml:attribute:Privileges_intermediate": "privileges",
    "https://data.gov.dk/model/core/eid/cprNumber": "cpr",
    "dk:gov:saml:attribute:CprNumberIdentifier": "cpr",
}


def _assertion(root: Element, now: datetime) -> Pasted:
    """An assertion is for FUT, not for us, so whom it is for is only shown."""
    assertion = next(_all(root, "Assertion"), None)
    if assertion is None:
        facts = [(Fact.RECEIVED, masked(each.get("Value", ""))) for each in _all(root, "StatusCode")]
        if next(_all(root, "EncryptedAssertion"), None) is not None:
            raise NotALogin(
                _("SAML-billetten er krypteret, så den kan ikke læses her. Indsæt den efter dekryptering.")
            )
        missing = Check(Step.ANSWER, Outcome.FAILED, RefusalCode.NO_ASSERTION, tuple(facts))
        return Pasted(kind=Kind.ASSERTION, claims={"user_type": STAFF_USER_TYPE}, checks=(missing,))
    claims: dict[str, Any] = {}
    for attribute in _all(assertion, "Attribute"):
        if name := _ATTRIBUTES.get(attribute.get("Name", "")):
            claims.setdefault(name, _inner(next(_all(attribute, "AttributeValue"), None)))
    claims["user_type"] = CITIZEN_USER_TYPE if "cpr" in claims and "cvr" not in claims else STAFF_USER_TYPE
    conditions = next(_all(assertion, "Conditions"), None)
    begins = _instant(conditions.get("NotBefore")) if conditions is not None else None
    ends = _instant(conditions.get("NotOnOrAfter")) if conditions is not None else None
    certificate = _certificate(next(_all(root, "X509Certificate"), None))
    facts = [(Fact.ISSUER, masked(_inner(each))) for each in _all(assertion, "Issuer")]
    facts += [(Fact.AUDIENCE, masked(_inner(each))) for each in _all(assertion, "Audience")]
    facts += _times(begins, ends)
    code: RefusalCode | Note = Note.SIGNATURE_NOT_TRIED
    if certificate is not None:
        facts.append((Fact.CERTIFICATE_EXPIRES, f"{certificate:%d-%m-%Y} ({(certificate - now).days})"))
        if certificate - now < CERTIFICATE_SOON:
            code = Note.CERTIFICATE_EXPIRES
    if certificate is not None and certificate <= now:
        code = RefusalCode.SIGNATURE_INVALID
    elif not _is_now(begins, ends, now):
        code = RefusalCode.CLOCK_SKEW
    return Pasted(kind=Kind.ASSERTION, claims=claims, checks=_checked(code, facts))


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _certificate(element: Element | None) -> datetime | None:
    """When the certificate ends that the assertion carries; None where it carries none that can be read."""
    if element is None:
        return None
    try:
        return x509.load_der_x509_certificate(
            base64.b64decode("".join(_inner(element).split()))
        ).not_valid_after_utc
    except ValueError:
        return None


def _privileges(text: str) -> Pasted:
    """A bare list: taken for the authority that it names first."""
    try:
        groups = read_privileges(text)
    except LoginRefused:
        groups = ()
    cvr = next((group.cvr for group in groups if group.cvr), "")
    claims = {"user_type": STAFF_USER_TYPE, "loa": "Substantial", "cvr": cvr, "privileges": text}
    return Pasted(kind=Kind.PRIVILEGES, claims=claims)


# --- both --------------------------------------------------------------------------------------------


def _checked(code: RefusalCode | Note, facts: list[tuple[Fact, str]]) -> tuple[Check, ...]:
    outcome = Outcome.FAILED if isinstance(code, RefusalCode) else Outcome.NOTED
    return Check(Step.ANSWER, Outcome.PASSED), Check(Step.TRUST, outcome, code, tuple(facts))


def _times(begins: datetime | None, ends: datetime | None) -> list[tuple[Fact, str]]:
    moments = ((Fact.ISSUED_AT, begins), (Fact.EXPIRES_AT, ends))
    return [(word, f"{moment:%Y-%m-%d %H:%M:%S} UTC") for word, moment in moments if moment is not None]


def _is_now(begins: datetime | None, ends: datetime | None, now: datetime) -> bool:
    return (begins is None or begins - LEEWAY <= now) and (ends is None or now < ends + LEEWAY)


def _xml(text: str) -> Element:
    try:
        content = (
            text.encode() if text.startswith("<") else base64.b64decode("".join(text.split()), validate=True)
        )
        if not content.lstrip().startswith(b"<"):
            content = base64.b64decode(content, validate=True)
        return _not_too_deep(fromstring(content))
    except (binascii.Error, ValueError, ParseError, DefusedXmlException):
        raise NotALogin(
            _("Teksten er hverken et token, XML eller XML i base64. Er den kopieret helt?")
        ) from None


def _not_too_deep(root: Element) -> Element:
    """The element itself. Raises ValueError past the depth that whoever writes it out again could bear."""
    layer = [root]
    for _layer in range(DEEPEST_XML):
        layer = [child for element in layer for child in element]
        if not layer:
            return root
    raise ValueError("too deep")


def _all(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if _local_name(each) == name)


def _inner(element: Element | None) -> str:
    """The text of an element, or its XML where the list of privileges was not put into base64."""
    if element is None:
        return ""
    if len(element):
        return tostring(element[0], encoding="unicode").strip()
    return (element.text or "").strip()


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
