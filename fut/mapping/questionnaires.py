"""A form as the platform's profile has it: what FHIR and SDC say in other ways is said in the platform's as well.

The profile binds how a question is shown to four ways, counts answers only above one, keeps help, short texts and
pictures in extensions of its own, and has another profile for forms that calculate (guide, ehealth-questionnaire).
"""

import re
from collections.abc import Mapping
from typing import Any

from fut import terminology as t
from fut import value_sets
from fut.mapping.elements import Json, extension
from fut.questionnaire_rules import IMAGE_TYPES, is_advanced

Source = Mapping[str, Any]

HELP = frozenset({"help", "flyover"})
"""How FHIR says that a display item explains its question."""

COUNTS = frozenset({t.EXT_MIN_OCCURS, t.EXT_MAX_OCCURS})


def profile_of(form: Source) -> str:
    return t.QUESTIONNAIRE_ADVANCED if is_advanced(form) else t.QUESTIONNAIRE


def platform_form(source: Source) -> Json:
    """`item` and `contained` of the form as they travel; every linkId of a question stays."""
    pictures: list[Json] = []
    items = [_item(one, pictures) for one in source.get("item", ())]
    contained = [dict(one) for one in source.get("contained", ())] + pictures
    return {**({"item": items} if items else {}), **({"contained": contained} if contained else {})}


def _item(source: Source, pictures: list[Json]) -> Json:
    children = source.get("item", ())
    helps = [one for one in children if _control(one) in HELP and one.get("type") == "display"]
    item = {
        name: value for name, value in source.items() if name not in {"item", "extension", "answerOption"}
    }
    found = [
        *(kept for one in source.get("extension", ()) for kept in _kept(one, source)),
        *_help(source, helps),
        *_short_text(source),
        *_picture(source, pictures),
    ]
    if found:
        item["extension"] = found
    if options := [_option(one, pictures) for one in source.get("answerOption", ())]:
        item["answerOption"] = options
    if nested := [_item(one, pictures) for one in children if one not in helps]:
        item["item"] = nested
    return item


def _option(source: Source, pictures: list[Json]) -> Json:
    found = [*source.get("extension", ()), *_picture(source, pictures)]
    return {**source, **({"extension": found} if found else {})}


def _kept(found: Source, item: Source) -> list[Json]:
    """An extension as it may travel: a way of showing or a count that the profile has no room for is left out."""
    url = found.get("url")
    if url == t.EXT_ITEM_CONTROL:
        codings = found.get("valueCodeableConcept", {}).get("coding", ())
        return [dict(found)] if any(value_sets.ITEM_CONTROLS(one) for one in codings) else []
    if url in COUNTS:
        counted = item.get("repeats") and found.get("valueInteger", 0) > 1
        return [dict(found)] if counted else []
    if url == t.EXT_ANSWER_SIGNIFICANCE:
        return [_significance(found)]
    return [dict(found)]


def _significance(found: Source) -> Json:
    """The guide's name of a condition is written as the address that it stands for."""
    parts = [
        {**part, "url": t.EXT_ANSWER_CONDITION} if part.get("url") == "answerCondition" else part
        for part in found.get("extension", ())
    ]
    return {**found, "extension": parts}


def _help(source: Source, helps: list[Source]) -> list[Json]:
    """The explaining display items as one help text, where the question has none in the platform's own way."""
    if _has(source, t.EXT_HELP_TEXT) or not any(one.get("text") for one in helps):
        return []
    parts = [extension("text", valueString="\n".join(str(one["text"]) for one in helps if one.get("text")))]
    formatted = [text for one in helps if (text := _xhtml(one))]
    if len(helps) == 1 and formatted:
        parts.append(extension("xhtml", valueString=formatted[0]))
    return [extension(t.EXT_HELP_TEXT, extension=parts)]


def _xhtml(item: Source) -> str:
    found = item.get("_text", {}).get("extension", ())
    return next((str(one.get("valueString", "")) for one in found if one.get("url") == t.EXT_XHTML), "")


def _short_text(source: Source) -> list[Json]:
    """SDC's short text, on the item or on its text, in the platform's own way as well."""
    if _has(source, t.EXT_SHORT_TEXT):
        return []
    for place in (source, source.get("_text", {})):
        for one in place.get("extension", ()):
            if one.get("url") in {t.EXT_SDC_SHORT_TEXT, t.EXT_SHORT_TEXT} and one.get("valueString"):
                return [extension(t.EXT_SHORT_TEXT, valueString=one["valueString"])]
    return []


def _picture(node: Source, pictures: list[Json]) -> list[Json]:
    """SDC's picture as a Binary that the form contains; one that is only an address stays SDC's."""
    if _has(node, t.EXT_IMAGE):
        return []
    for one in node.get("extension", ()):
        attachment = one.get("valueAttachment", {})
        if one.get("url") not in t.EXT_SDC_MEDIA or attachment.get("contentType") not in IMAGE_TYPES:
            continue
        if not attachment.get("data"):
            continue
        # Base64 may be broken into lines, and a Binary's data has none.
        data = re.sub(r"\s", "", attachment["data"])
        name = f"picture-{len(pictures) + 1}"
        pictures.append(
            {
                "resourceType": "Binary",
                "id": name,
                "contentType": attachment["contentType"],
                "data": data,
            }
        )
        return [
            extension(
                t.EXT_IMAGE,
                extension=[extension("content", valueReference={"reference": f"#{name}"})],
            )
        ]
    return []


def _control(item: Source) -> str | None:
    for one in item.get("extension", ()):
        if one.get("url") == t.EXT_ITEM_CONTROL:
            for coding in one.get("valueCodeableConcept", {}).get("coding", ()):
                return str(coding.get("code"))
    return None


def _has(node: Source, url: str) -> bool:
    return any(one.get("url") == url for one in node.get("extension", ()))
