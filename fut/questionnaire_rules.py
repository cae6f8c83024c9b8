"""What the profile ehealth-questionnaire demands of items beyond the shape of its extensions (guide 8.0.0)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fut import terminology as t
from fut import value_sets as v

Resource = Mapping[str, Any]

ONCE = frozenset(
    {t.EXT_MIN_OCCURS, t.EXT_MAX_OCCURS, t.EXT_SLIDER_STEP, t.EXT_SLIDER_STEP_DECIMAL, t.EXT_FEEDBACK}
    | {t.EXT_ITEM_CONTROL, t.EXT_IMAGE, t.EXT_SHORT_TEXT, t.EXT_HELP_TEXT, t.EXT_EXTERNAL_IDENTIFIER}
    | {t.EXT_IS_COPYRIGHT, t.EXT_CALCULATED, t.EXT_USAGE_MODE}
)
"""What an item has at most once."""

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/svg+xml"})
LARGEST_IMAGE = 266 * 1024
"""Characters of base64; configurable on the platform, and this now."""

ADVANCED_ON_ITEMS = frozenset({t.EXT_CALCULATED, t.EXT_USAGE_MODE})


def is_advanced(questionnaire: Resource) -> bool:
    """Does it calculate? Then it is of the profile ehealth-questionnaire-advanced."""
    if _named(questionnaire, t.EXT_VARIABLE):
        return True
    return any(
        any(_named(item, url) for url in ADVANCED_ON_ITEMS)
        or any(_named(option, t.EXT_ORDINAL_VALUE) for option in item.get("answerOption", ()))
        for item in items_of(questionnaire)
    )


def items_of(node: Resource) -> Iterator[Resource]:
    for item in node.get("item", ()):
        yield item
        yield from items_of(item)


def questionnaire_problems(questionnaire: Resource) -> Iterator[str]:
    for item in items_of(questionnaire):
        for problem in (*_occurrences(item), *_control(item), *_sliders(item)):
            yield f"item {item.get('linkId')}: {problem}"
    # A draft may still be wrong here: one is recorded that is.
    if questionnaire.get("status") != "draft":
        yield from _copyrights(questionnaire, root=True, within=False)
    yield from _images(questionnaire)


def _copyrights(node: Resource, *, root: bool, within: bool) -> Iterator[str]:
    for item in node.get("item", ()):
        marked = any(one.get("valueBoolean") is True for one in _named(item, t.EXT_IS_COPYRIGHT))
        if marked:
            yield from (
                f"item {item.get('linkId')}: {one}" for one in _copyright(item, root=root, within=within)
            )
        yield from _copyrights(item, root=False, within=root and marked and item.get("type") == "group")


def _copyright(item: Resource, *, root: bool, within: bool) -> Iterator[str]:
    """A root group of copyrights and its displays, nothing else."""
    kind = item.get("type")
    if kind not in {"group", "display"}:
        yield "isCopyright is for groups and displays"
    elif kind == "group" and not root:
        yield "isCopyright on a group is for root groups"
    elif kind == "display" and not within:
        yield "isCopyright on a display needs a root group that has it as well"


def _occurrences(item: Resource) -> Iterator[str]:
    for url in sorted(ONCE):
        if len(_named(item, url)) > 1:
            yield f"{url.rpartition('/')[2]} more than once"
    for url in (t.EXT_MIN_OCCURS, t.EXT_MAX_OCCURS):
        for one in _named(item, url):
            if not one.get("valueInteger", 0) > 1:
                yield f"{url.rpartition('-')[2]} must be above 1"
    if _named(item, t.EXT_MIN_OCCURS) and not item.get("repeats"):
        yield "minOccurs needs repeats"


def _control(item: Resource) -> Iterator[str]:
    for one in _named(item, t.EXT_ITEM_CONTROL):
        codings = one.get("valueCodeableConcept", {}).get("coding", [])
        if not any(v.ITEM_CONTROLS(coding) for coding in codings):
            yield f"itemControl {', '.join(str(coding.get('code')) for coding in codings)} is not in the value set"


def _sliders(item: Resource) -> Iterator[str]:
    if _named(item, t.EXT_SLIDER_STEP_DECIMAL) and item.get("type") != "decimal":
        yield "sliderStepValueDecimal is for decimals"


def _images(questionnaire: Resource) -> Iterator[str]:
    """Pictures are Binaries contained in the questionnaire, of a type and size that the platform takes."""
    contained = {f"#{one.get('id')}": one for one in questionnaire.get("contained", ())}
    for item in items_of(questionnaire):
        for node in (item, *item.get("answerOption", ())):
            for image in _named(node, t.EXT_IMAGE):
                for part in image.get("extension", ()):
                    if part.get("url") != "content":
                        continue
                    binary = contained.get(part.get("valueReference", {}).get("reference"))
                    yield from (f"item {item.get('linkId')}: {one}" for one in _binary(binary))


def _binary(binary: Resource | None) -> Iterator[str]:
    if binary is None or binary.get("resourceType") != "Binary":
        yield "the image is no contained Binary"
        return
    if binary.get("contentType") not in IMAGE_TYPES:
        yield f"the image is {binary.get('contentType')}, not one of {', '.join(sorted(IMAGE_TYPES))}"
    if len(str(binary.get("data", ""))) > LARGEST_IMAGE:
        yield f"the image has more than {LARGEST_IMAGE // 1024} kB"


def _named(node: Resource, url: str) -> Sequence[Resource]:
    return [one for one in node.get("extension", ()) if one.get("url") == url]
