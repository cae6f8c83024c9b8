"""OIO Basic Privilege Profile: the list of roles that a municipality's login sends along.

Versions 1.1 and 1.2 have different namespaces and their children often none, so elements are found by
their local names. The text comes from outside: defusedxml refuses entities and external documents.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from identity.refusals import LoginRefused, RefusalCode

CARE_TEAM = "urn:dk:sundhed:ehealth:careteam"
ORGANISATION_UNIT = "urn:dk:kombit:orgUnit"
SOR_UNIT = "urn:dk:gov:saml:sorIdentifier"
CVR_SCOPE = "urn:dk:gov:saml:cvrNumberIdentifier:"
# A list of privileges is a few kilobytes; what is far larger is no such list.
MAX_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class PrivilegeGroup:
    """Roles within one authority, bounded to a unit of it and, if given, to care teams.

    `scope` is what the list says, `cvr` the number in it, None when the scope is something else. A unit
    is named by FK-Organisation (`organisation_units`) or by SOR (`sor_units`), never by both.
    """

    scope: str
    role_uris: tuple[str, ...]
    organisation_units: tuple[str, ...] = ()
    sor_units: tuple[str, ...] = ()
    care_teams: tuple[str, ...] = ()

    @property
    def cvr(self) -> str | None:
        """The authority that the roles are given for."""
        return self.scope.removeprefix(CVR_SCOPE) if self.scope.startswith(CVR_SCOPE) else None


def read_privileges(claim: object) -> tuple[PrivilegeGroup, ...]:
    """The groups in a claim: base64 of the XML, or the XML itself.

    Raises LoginRefused when it is absent, holds no privilege, is not a privilege list, or was put into
    base64 once more on its way.
    """
    if not isinstance(claim, str) or not claim.strip():
        raise LoginRefused(RefusalCode.PRIVILEGES_MISSING)
    root = _parse(claim.strip())
    groups = tuple(_group(element) for element in _children(root, "PrivilegeGroup"))
    if not any(group.role_uris for group in groups):
        raise LoginRefused(RefusalCode.PRIVILEGES_MISSING)
    return groups


def _parse(text: str) -> Element:
    if len(text) > MAX_CHARACTERS:
        raise LoginRefused(RefusalCode.PRIVILEGES_UNREADABLE)
    try:
        xml = text.encode() if text.startswith("<") else _from_base64(text)
        if _is_base64_of_xml(xml):
            raise LoginRefused(RefusalCode.PRIVILEGES_TWICE_ENCODED)
        root = fromstring(xml)
    except (binascii.Error, ValueError, ParseError, DefusedXmlException) as error:
        raise LoginRefused(RefusalCode.PRIVILEGES_UNREADABLE) from error
    if _local_name(root) != "PrivilegeList":
        raise LoginRefused(RefusalCode.PRIVILEGES_UNREADABLE)
    return root


def _from_base64(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


def _is_base64_of_xml(content: bytes) -> bool:
    try:
        return _from_base64(content.decode("ascii")).lstrip().startswith(b"<")
    except ValueError:  # which binascii.Error is, too
        return False


def _group(element: Element) -> PrivilegeGroup:
    def constraints(name: str) -> tuple[str, ...]:
        return tuple(
            text
            for child in _children(element, "Constraint")
            if child.get("Name", "").strip() == name and (text := _text(child))
        )

    return PrivilegeGroup(
        scope=element.get("Scope", "").strip(),
        role_uris=tuple(text for child in _children(element, "Privilege") if (text := _text(child))),
        organisation_units=constraints(ORGANISATION_UNIT),
        sor_units=constraints(SOR_UNIT),
        care_teams=constraints(CARE_TEAM),
    )


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _local_name(child) == name)


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()
