"""Pictures beside a question and its options, each with words for whoever does not see it.

They are kept inside the document as SDC's itemMedia and itemAnswerMedia: FUT's own extension has no place for words.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.engine.extension_urls import IMAGE, ITEM_MEDIA
from questionnaires.engine.images import MOST_CHARACTERS

from . import extensions
from .conditions import answer_key, answers_for
from .refusals import CannotDo, Reason
from .tree import Json, Source, changed, find

MOST_BYTES = MOST_CHARACTERS // 4 * 3
"""What fits in base64 where FUT takes no more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept. `words` say what it shows."""

    content_type: str
    content: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture can stand: beside the question (`key` "") or one of its options."""

    key: str
    label: str
    has_picture: bool
    words: str = ""


def can_have_picture(item: Json) -> bool:
    """Is it something that is shown with words of its own?"""
    return item.get("type") not in (None, "group")


def places_of(item: Json) -> tuple[Place, ...]:
    """The element and its options, with the pictures that they have."""
    options = {_key(option): option for option in _options(item)}
    found = [_place("", "", item)]
    found += [
        _place(answer_key(coding), label, options[answer_key(coding)])
        for coding, label in answers_for(item)
        if answer_key(coding) in options
    ]
    return tuple(found)


def with_picture(source: Source, link_id: str, key: str, picture: Picture | None) -> Source:
    """The document with this picture beside the element or option, or without any for None. Raises CannotDo."""
    _found(find(source, link_id), key)
    given = None if picture is None else {"valueAttachment": _attachment(picture)}
    return _written(source, link_id, key, given)


def with_words(source: Source, link_id: str, key: str, words: str) -> Source:
    """The document with other words for a picture that is there. Raises CannotDo."""
    attachment = extensions.value(_found(find(source, link_id), key), *ITEM_MEDIA)
    if not isinstance(attachment, Mapping):
        raise CannotDo(Reason.GONE)
    return _written(source, link_id, key, {"valueAttachment": {**attachment, "title": words}})


def _written(source: Source, link_id: str, key: str, given: Mapping[str, Any] | None) -> Source:
    url = ITEM_MEDIA[1] if key else ITEM_MEDIA[0]

    def change(item: dict[str, Any]) -> dict[str, Any]:
        if not key:
            return _with_media(item, url, given)
        options = [
            _with_media(one, url, given) if isinstance(one, dict) and _key(one) == key else one
            for one in item.get("answerOption", ())
        ]
        return {**item, "answerOption": options}

    return changed(source, link_id, change)


def _with_media(element: dict[str, Any], url: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    return extensions.with_value(extensions.without(element, IMAGE, *ITEM_MEDIA), url, given)


def _attachment(picture: Picture) -> dict[str, Any]:
    return {
        "contentType": picture.content_type,
        "data": base64.b64encode(picture.content).decode(),
        "title": picture.words,
    }


def _place(key: str, label: str, element: Json) -> Place:
    attachment = extensions.value(element, *ITEM_MEDIA)
    words = attachment.get("title") if isinstance(attachment, Mapping) else ""
    has_picture = any(extensions.every(element, IMAGE, *ITEM_MEDIA))
    return Place(key, label, has_picture, words if isinstance(words, str) else "")


def _found(item: dict[str, Any], key: str) -> dict[str, Any]:
    if not key:
        return item
    found = next((one for one in _options(item) if _key(one) == key), None)
    if found is None:
        raise CannotDo(Reason.GONE)
    return found


def _options(item: Json) -> list[dict[str, Any]]:
    found = item.get("answerOption")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _key(option: Json) -> str:
    coding = option.get("valueCoding")
    return answer_key(coding) if isinstance(coding, Mapping) else ""
