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
CVR_SCOPE = "urn:dk:gov:saml:cvrNumberIdentifier:"
# A list of privileges is a few kilobytes; what is far larger is no such list.
MAX_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class PrivilegeGroup:
    """Roles within one authority. `cvr` is None when the scope is something else than a CVR number."""

    cvr: str | None
    role_uris: tuple[str, ...]
    care_teams: tuple[str, ...] = ()


def read_privileges(claim: object) -> tuple[PrivilegeGroup, ...]:
    """The groups in a claim: base64 of the XML, or the XML itself.

    Raises LoginRefused when it is absent, holds no privilege, or is not a privilege list.
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
        xml = (
            text.encode() if text.startswith("<") else base64.b64decode("".join(text.split()), validate=True)
        )
        root = fromstring(xml)
    except (binascii.Error, ValueError, ParseError, DefusedXmlException) as error:
        raise LoginRefused(RefusalCode.PRIVILEGES_UNREADABLE) from error
    if _local_name(root) != "PrivilegeList":
        raise LoginRefused(RefusalCode.PRIVILEGES_UNREADABLE)
    return root


def _group(element: Element) -> PrivilegeGroup:
    scope = element.get("Scope", "").strip()
    return PrivilegeGroup(
        cvr=scope.removeprefix(CVR_SCOPE) if scope.startswith(CVR_SCOPE) else None,
        role_uris=tuple(text for child in _children(element, "Privilege") if (text := _text(child))),
        care_teams=tuple(
            text
            for child in _children(element, "Constraint")
            if child.get("Name") == CARE_TEAM and (text := _text(child))
        ),
    )


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _local_name(child) == name)


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element) -> str:
    return (element.text or "").strip()
