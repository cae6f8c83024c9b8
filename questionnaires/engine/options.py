"""What can be chosen: from answerOption, or from a value set at hand."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .definition import AnswerValue, ItemType, Option
from .extension_urls import OPTION_EXCLUSIVE, OPTION_PREFIX, XHTML
from .images import Images
from .reading import Extensions, Json, Reader, clean_text, extension_text, translations_of
from .value_sets import Concept, ValueSets, weight_of
from .values import are_equal, comparable, only_value, value_of
from .xhtml import checked_xhtml

__all__ = ["OptionIndex", "OptionSource", "answer_key", "option_for", "read_options", "weight_of"]

OPTION_VALUES = frozenset(
    {"valueInteger", "valueDate", "valueTime", "valueString", "valueCoding", "valueReference"}
)

_RESTRICTS: Mapping[ItemType, tuple[str, str]] = {
    ItemType.INTEGER: ("valueInteger", "valueInteger"),
    ItemType.DECIMAL: ("valueInteger", "valueDecimal"),
    ItemType.DATE: ("valueDate", "valueDate"),
    ItemType.DATE_TIME: ("valueDate", "valueDateTime"),
    ItemType.TIME: ("valueTime", "valueTime"),
    ItemType.STRING: ("valueString", "valueString"),
}
"""Types that que-5 lets have options besides the choices: how an option is written there, and how it is answered."""


@dataclass(slots=True)
class OptionSource:
    """Where options come from beside the item itself. Value sets that many items share are read once."""

    value_sets: ValueSets
    images: Images
    _shared: dict[str, tuple[Option, ...]] = field(default_factory=dict)

    def of_value_set(self, reference: str) -> tuple[tuple[Option, ...], bool] | None:
        """The options of a value set, and whether these are all; None if it is not at hand."""
        listing = self.value_sets.listing(reference)
        if listing is None:
            return None
        if reference not in self._shared:
            self._shared[reference] = _with_keys([_option_of_concept(one) for one in listing.concepts])
        return self._shared[reference], listing.is_complete


def read_options(
    json: Json,
    item_type: ItemType,
    path: str,
    link_id: str | None,
    *,
    source: OptionSource,
    reader: Reader,
    is_asked: bool = True,
) -> tuple[Option, ...]:
    """The options of an item, each with its score and a key that is unique among them.

    A choice whose value set is not at hand is an error only where somebody is asked (`is_asked`).
    """
    reference = reader.text(json, "answerValueSet", path)
    own = json.get("answerOption")
    if not item_type.is_choice and (reference or (own and item_type not in _RESTRICTS)):
        reader.report("option.unexpected", path, link_id=link_id, type=item_type)
    if not item_type.is_choice and item_type not in _RESTRICTS:
        return ()
    options = list(_from_answer_options(json, item_type, path, link_id, source=source, reader=reader))
    if not reference or not item_type.is_choice:
        return _with_keys(_without_duplicates(options, path, link_id, reader))
    if options:
        reader.report("option.both", path, link_id=link_id)
        return _with_keys(_without_duplicates(options, path, link_id, reader))
    found = source.of_value_set(reference)
    where = f"{path}.answerValueSet"
    if found is None:
        key = "option.value-set" if item_type is ItemType.CHOICE else "option.value-set-open"
        if not is_asked:
            key = "option.value-set-not-asked"
        reader.report(key, where, link_id=link_id, url=reference)
        return ()
    shared, is_complete = found
    if not is_complete:
        reader.report("option.value-set-partial", where, link_id=link_id, url=reference)
    return shared


def _from_answer_options(
    json: Json, item_type: ItemType, path: str, link_id: str | None, *, source: OptionSource, reader: Reader
) -> Iterator[Option]:
    for option_path, element in reader.objects(json, "answerOption", path):
        value = _written(element, item_type)
        if value is None:
            reader.report("option.no-value", option_path, link_id=link_id)
            continue
        extensions = Extensions(element, option_path, reader=reader, link_id=link_id)
        option = _option_of(value, element, source.value_sets)
        yield replace(
            option,
            xhtml=checked_xhtml(option.xhtml, option_path, link_id=link_id, reader=reader),
            exclusive=extensions.flag(OPTION_EXCLUSIVE),
            prefix=extensions.text(OPTION_PREFIX) or option.prefix,
            initially_selected=reader.flag(element, "initialSelected", option_path),
            image=source.images.of(extensions),
        )


def _written(element: Json, item_type: ItemType) -> AnswerValue | None:
    """The option as an answer of the item's type, None if it cannot be one."""
    value = only_value(element)
    name, bare = next(iter(value.items())) if value else ("", None)
    if name not in OPTION_VALUES or not _fits(name, bare):
        return None
    if item_type.is_choice:
        return value
    written, answered = _RESTRICTS[item_type]
    return {answered: bare} if name == written else None


def _fits(name: str, value: object) -> bool:
    if name == "valueCoding":
        return isinstance(value, Mapping) and all(
            isinstance(value.get(part), str | None) for part in ("system", "code", "display")
        )
    if name == "valueReference":
        return isinstance(value, Mapping)
    if name == "valueInteger":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _option_of(value: AnswerValue, element: Json, value_sets: ValueSets) -> Option:
    """An option from answerOption; its element is the one that holds `valueCoding`, `valueString` …"""
    name, bare = next(iter(value.items()))
    shadow = element.get(f"_{name}")
    weight = weight_of(element, bare, shadow)
    if not isinstance(bare, Mapping):
        return Option(
            value=value,
            key="",
            label=clean_text(str(bare)),
            weight=weight,
            xhtml=extension_text(shadow, XHTML),
            translations=translations_of(element, name),
        )
    known = value_sets.concept(bare.get("system"), bare.get("code")) if "code" in bare else None
    label = bare.get("display") or (known.coding.get("display") if known else "") or bare.get("code")
    translations = translations_of(bare, "display") or (known.translations if known else {})
    return Option(
        value={name: {part: bare[part] for part in bare if part not in ("extension", "_display")}},
        key="",
        label=clean_text(str(label or bare.get("reference") or "")),
        weight=known.weight if weight is None and known else weight,
        prefix=extension_text(bare, OPTION_PREFIX),
        xhtml=extension_text(bare.get("_display"), XHTML),
        translations=translations,
    )


def _option_of_concept(concept: Concept) -> Option:
    coding = concept.coding
    return Option(
        value={"valueCoding": coding},
        key="",
        label=str(coding.get("display") or coding["code"]),
        weight=concept.weight,
        translations=concept.translations,
    )


def _without_duplicates(
    options: list[Option], path: str, link_id: str | None, reader: Reader
) -> list[Option]:
    kept: dict[str, Option] = {}
    for option in options:
        marker = _identity(option)
        if marker in kept:
            reader.report("option.duplicate", path, link_id=link_id, option=option.label)
        else:
            kept[marker] = option
    return list(kept.values())


def _identity(option: Option) -> str:
    name, value = next(iter(option.value.items()))
    if name == "valueCoding":
        return f"{name} {value.get('system') or ''}|{value.get('code') or '?' + str(value.get('display'))}"
    return f"{name} {value}"


def _with_keys(options: Sequence[Option]) -> tuple[Option, ...]:
    """Give each option the shortest stable key: the code or value itself where that is unique."""
    short = [_short_key(option) for option in options]
    uses = Counter(short)
    return tuple(
        replace(option, key=key if key and uses[key] == 1 else _identity(option))
        for option, key in zip(options, short, strict=True)
    )


def _short_key(option: Option) -> str:
    name, value = next(iter(option.value.items()))
    if name == "valueCoding":
        return str(value.get("code") or value.get("display"))
    return str(value) if name != "valueReference" else ""


class OptionIndex:
    """Finds the option of an answer among many without looking at each: the same answers as `option_for` finds."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._by_answer = {answer_key(option.value): option for option in reversed(options)}

    def get(self, answer: AnswerValue) -> Option | None:
        """The option that an answer chose, or None."""
        return self._by_answer.get(answer_key(answer))


def answer_key(answer: AnswerValue) -> Hashable:
    """Something that is the same for two answers exactly if they are equal (`values.are_equal`)."""
    name, value = value_of(answer) or ("", None)
    if name in ("valueString", "valueUri"):
        return "text", str(value)
    if isinstance(value, Mapping):
        if name == "valueCoding":
            system, code = str(value.get("system") or ""), value.get("code")
            return name, system, str(code) if code else None, None if code else str(value.get("display"))
        if name == "valueReference":
            return name, str(value.get("reference"))
    known = comparable(name, value)
    return (name, known) if known is not None else (name, repr(value))


def option_for(options: tuple[Option, ...], answer: Mapping[str, Any]) -> Option | None:
    """The option that an answer chose, or None."""
    found = value_of(answer)
    if found is None:
        return None
    return next((option for option in options if are_equal(next(iter(option.value.items())), found)), None)
