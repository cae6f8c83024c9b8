"""Files among a citizen's answers, as they go to FUT: inside the answer itself.

FUT's guide says nothing of files in answers. FHIR's own way is Attachment.data; a Binary or Media of our own making
would need an address that FUT's profile has no place for. What is larger than `FUT_LARGEST_FILE_KB` goes without its
content: its kind, name and size say that it is here.
"""

import base64
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from questionnaires.models import Response, Upload
from questionnaires.upload_store import upload_id, uploads_named_in


def with_contents(response: Response) -> list[Any]:
    """The response's items with the bytes of the files that they name; as they are where they name none."""
    items: list[Any] = response.document.get("item", [])
    named = uploads_named_in(items)
    if not named:
        return items
    small = Upload.objects.filter(
        response=response, pk__in=named, size__lte=settings.FUT_LARGEST_FILE_BYTES
    ).values_list("pk", "content")
    contents = {pk: base64.b64encode(bytes(content)).decode() for pk, content in small}

    def told(part: Any) -> Any:
        if isinstance(part, list):
            return [told(each) for each in part]
        if not isinstance(part, Mapping):
            return part
        if (identity := upload_id(part.get("valueAttachment"))) is None:
            return {name: told(each) for name, each in part.items()}
        # The address is one of this system's own, which says nothing elsewhere.
        attachment = {name: each for name, each in part["valueAttachment"].items() if name != "url"}
        if identity in contents:
            attachment["data"] = contents[identity]
        return {**{name: told(each) for name, each in part.items()}, "valueAttachment": attachment}

    found: list[Any] = told(items)
    return found
