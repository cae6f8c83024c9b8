"""Which uploads a response names, and forgetting those that it no longer does."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from questionnaires.engine import Definition, ItemType
from questionnaires.models import Response, Upload

_URN = "urn:uuid:"


def asks_for_files(definition: Definition) -> bool:
    """Is a file asked for anywhere in it?"""
    return any(item.type is ItemType.ATTACHMENT for item in definition.by_link_id.values())


def upload_id(attachment: object) -> UUID | None:
    """The upload that a FHIR Attachment names; None for one that came otherwise."""
    url = attachment.get("url") if isinstance(attachment, Mapping) else None
    if not (isinstance(url, str) and url.startswith(_URN)):
        return None
    try:
        return UUID(url.removeprefix(_URN))
    except ValueError:
        return None


def uploads_named_in(document: object) -> set[UUID]:
    """The ids of all uploads that the answers of a response name."""
    return {found for attachment in _attachments(document) if (found := upload_id(attachment)) is not None}


def _attachments(document: object) -> Iterator[object]:
    stack = [document]
    while stack:
        part = stack.pop()
        if isinstance(part, Mapping):
            if "valueAttachment" in part:
                yield part["valueAttachment"]
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)


def forget_unnamed(response: Response, document: Mapping[str, Any]) -> int:
    """Delete what was uploaded for a draft and `document` no longer names; how many."""
    named = uploads_named_in(document)
    _total, by_model = Upload.objects.filter(response=response).exclude(pk__in=named).delete()
    return by_model.get(Upload._meta.label, 0)
