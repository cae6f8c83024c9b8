"""One item of a questionnaire: from its JSON and extensions to the plain attributes of `Item`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .answer_meaning import read_feedback, read_significance
from .conditions import Tree, read_conditions
from .constraint_reading import TargetFinder, read_constraints
from .definition import (
    VALUE_NAMES,
    AnswerValue,
    Item,
    ItemControl,
    ItemType,
    Option,
    Orientation,
    Translations,
    UsageMode,
)
from .extension_urls import (
    CHOICE_ORIENTATION,
    ENTRY_FORMAT,
    HELP_TEXT,
    HIDDEN,
    INSTRUCTION,
    IS_COPYRIGHT,
    ITEM_CONTROL,
    MAX_DECIMALS,
    MIME_TYPE,
    OPEN_LABEL,
    REFERENCE_PROFILE,
    REFERENCE_RESOURCE,
    SHORT_TEXTS,
    UNIT,
    USAGE_MODE,
    XHTML,
)
from .item_expressions import Calculations, read_calculations
from .item_limits import (
    read_counts,
    read_lengths,
    read_limits,
    read_max_size,
    read_pattern_text,
    read_step,
    read_units,
)
from .options import OptionIndex, OptionSource, answer_key
from .reading import Extensions, Json, Reader, extension, extension_text, member, translations_of
from .scopes import Scope
from .values import only_value
from .xhtml import checked_xhtml

_COMPANIONS = frozenset(
    {ItemControl.HELP, ItemControl.FLYOVER, ItemControl.UNIT, ItemControl.LOWER, ItemControl.UPPER}
)


_COMPANION_TEXTS = (
    ("unit", ItemControl.UNIT),
    ("lower_label", ItemControl.LOWER),
    ("upper_label", ItemControl.UPPER),
)


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item found in the resource, before it is built.

    `is_concealed`: it, or something above it, is hidden or not there while people answer.
    """

    json: Json
    path: str
    link_id: str
    type: ItemType
    parent: str | None
    options: tuple[Option, ...]
    extensions: Extensions
    scope: Scope
    is_concealed: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What building any item of a questionnaire needs."""

    tree: Tree
    source: OptionSource
    find: TargetFinder
    reader: Reader


def is_hidden(extensions: Extensions) -> bool:
    """Does the form hide it while people answer?"""
    mode = member(UsageMode, (extensions.first(USAGE_MODE) or ({}, ""))[0].get("valueCode"))
    return extensions.flag(HIDDEN) or (mode is not None and not mode.is_captured)


def control_of(extensions: Extensions) -> tuple[ItemControl | None, str]:
    """The first item control that is known, and the first that is not ("" without one)."""
    concept = extensions.value(ITEM_CONTROL, "valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    unknown = ""
    for coding in codings if isinstance(codings, list | tuple) else ():
        code = coding.get("code") if isinstance(coding, Mapping) else None
        control = member(ItemControl, code)
        if control is not None:
            return control, unknown
        unknown = unknown or str(code)
    return None, unknown


def is_companion(item: Item) -> bool:
    """Is it a help text, unit or end label that belongs to its parent rather than stands by itself?

    One with conditions or children of its own stays an item, so that it can come and go.
    """
    return (
        item.type is ItemType.DISPLAY
        and item.control in _COMPANIONS
        and item.parent is not None
        and not (item.enable_when or item.enable_when_expression or item.items)
    )


def build_item(raw: RawItem, children: Sequence[Item], *, around: Surroundings) -> Item:
    """The finished item. Its companions among `children` become its help text, unit and end labels."""
    json, path, item_type, extensions = raw.json, raw.path, raw.type, raw.extensions
    reader = around.reader
    words = _Words(raw, [child for child in children if is_companion(child)], reader)
    control, unknown_control = control_of(extensions)
    if unknown_control and control is None:
        reader.report("item.control-unknown", path, link_id=raw.link_id, control=unknown_control)
    calculations = read_calculations(extensions, raw.scope, item_type, reader)
    initial = _initial(raw, reader)
    enable_when, behavior = read_conditions(json, path, raw.link_id, tree=around.tree, reader=reader)
    units = read_units(extensions, path, initial, around.source.value_sets, reader)
    limits = read_limits(extensions, path, item_type, units.coding, reader)
    is_display = item_type is ItemType.DISPLAY
    repeats = reader.flag(json, "repeats", path) and not is_display
    counts = read_counts(extensions, path, repeats=repeats, reader=reader)
    lengths = read_lengths(json, extensions, path, item_type, reader)
    return Item(
        link_id=raw.link_id,
        type=item_type,
        text=words.text,
        prefix=words.prefix,
        short_text=words.short_text,
        help_text=words.help_text,
        xhtml=words.xhtml,
        help_xhtml=words.help_xhtml,
        required=reader.flag(json, "required", path) and not is_display and _can_be_required(raw, children),
        repeats=repeats,
        read_only=reader.flag(json, "readOnly", path)
        or calculations.is_lost
        or _has_only_initial(raw, calculations, initial),
        hidden=extensions.flag(HIDDEN),
        control=control,
        orientation=extensions.member(CHOICE_ORIENTATION, Orientation),
        max_length=lengths[1],
        min_length=lengths[0],
        regex=read_pattern_text(extensions, path, reader),
        entry_format=extensions.text(ENTRY_FORMAT),
        max_decimal_places=extensions.count(MAX_DECIMALS),
        min_value=limits.low,
        max_value=limits.high,
        min_quantity=limits.low_quantity,
        max_quantity=limits.high_quantity,
        step=read_step(extensions, path, item_type, reader),
        unit=units.text or words.unit,
        unit_coding=units.coding,
        lower_label=words.companion_text(ItemControl.LOWER),
        upper_label=words.companion_text(ItemControl.UPPER),
        options=raw.options,
        open_choice=item_type is ItemType.OPEN_CHOICE,
        initial=initial,
        enable_when=enable_when,
        enable_behavior=behavior,
        calculated=calculations.calculated,
        codes=tuple(code for _, code in reader.objects(json, "code", path)),
        items=tuple(child for child in children if not is_companion(child)),
        parent=raw.parent,
        path=path,
        min_occurs=counts[0],
        max_occurs=counts[1],
        unit_options=units.options,
        unit_value_set=units.value_set,
        unit_translations=units.translations,
        answer_value_set=reader.text(json, "answerValueSet", path) if item_type.is_choice else "",
        open_label=extensions.text(OPEN_LABEL),
        variables=raw.scope.variables,
        initial_expression=calculations.initial,
        enable_when_expression=calculations.enable_when,
        answer_expression=calculations.options,
        constraints=read_constraints(extensions, raw.scope, raw.link_id, find=around.find, reader=reader),
        usage_mode=extensions.member(USAGE_MODE, UsageMode),
        definition=reader.text(json, "definition", path),
        significance=read_significance(extensions, item_type, raw.options, reader),
        feedback=read_feedback(extensions, item_type, raw.options, reader),
        image=around.source.images.of(extensions),
        is_copyright=extensions.flag(IS_COPYRIGHT),
        mime_types=extensions.texts(MIME_TYPE, "valueCode", "valueString"),
        max_size=read_max_size(extensions),
        reference_targets=extensions.texts(REFERENCE_RESOURCE, "valueCode"),
        reference_profiles=extensions.texts(REFERENCE_PROFILE, "valueCanonical", "valueUri"),
        translations=words.translations(),
    )


def _can_be_required(raw: RawItem, children: Sequence[Item]) -> bool:
    """Not a group in which nothing is asked: nobody could ever get past it."""
    return raw.type is not ItemType.GROUP or any(
        one.is_asked or one.calculated is not None or bool(one.initial) or one.initial_expression is not None
        for child in children
        for one in child.walk()
        if one.type.is_question
    )


class _Words:
    """All texts of an item: its own, those in extensions, and those of the display items below it."""

    def __init__(self, raw: RawItem, companions: Sequence[Item], reader: Reader) -> None:
        json, path, extensions = raw.json, raw.path, raw.extensions
        self._raw = raw
        self._companions = {child.control: child for child in reversed(companions)}
        self._help_place = extensions.first(HELP_TEXT)
        help_item = self._help_item = self._companions.get(ItemControl.HELP) or self._companions.get(
            ItemControl.FLYOVER
        )
        shadow = json.get("_text")
        self.text = reader.text(json, "text", path)
        self.prefix = reader.text(json, "prefix", path)
        self.short_text = next((found for url in SHORT_TEXTS if (found := extensions.text(url))), "")
        if shadow and not self.short_text:
            self.short_text = next(
                (found for url in SHORT_TEXTS if (found := extension_text(shadow, url))), ""
            )
        self.xhtml = self._checked(extension_text(shadow, XHTML), reader) if shadow else ""
        self.unit = self.companion_text(ItemControl.UNIT)
        self.help_text, self.help_xhtml = "", ""
        if help_item is not None:
            self.help_text, self.help_xhtml = help_item.text, help_item.xhtml
        elif self._help_place is not None:
            element = self._help_place[0]
            self.help_text = extension_text(element, "text")
            self.help_xhtml = self._checked(extension_text(element, "xhtml"), reader)
            if not self.help_text:
                extensions.unusable(*self._help_place)
        else:
            self.help_text = extensions.text(INSTRUCTION)

    def companion_text(self, control: ItemControl) -> str:
        """The text of the display item below that says this."""
        return self._companions[control].text if control in self._companions else ""

    def _checked(self, xhtml: str, reader: Reader) -> str:
        return checked_xhtml(xhtml, self._raw.path, link_id=self._raw.link_id, reader=reader)

    def translations(self) -> Translations:
        """Attribute → language → text, for whatever is translated."""
        json, extensions = self._raw.json, self._raw.extensions
        found = {name: translations_of(json, name) for name in ("text", "prefix") if f"_{name}" in json}
        for name, place in (
            ("short_text", extensions.first(*SHORT_TEXTS)),
            ("open_label", extensions.first(OPEN_LABEL)),
        ):
            if place is not None:
                found[name] = translations_of(place[0], "valueString")
        if self._help_item is not None:
            found["help_text"] = self._help_item.translations.get("text", {})
        elif self._help_place is not None:
            found["help_text"] = translations_of(extension(self._help_place[0], "text"), "valueString")
        elif (instruction := extensions.first(INSTRUCTION)) is not None:
            found["help_text"] = translations_of(instruction[0], "valueString")
        if (unit := extensions.first(UNIT)) is not None:
            found["unit"] = translations_of(unit[0].get("valueCoding"), "display")
        for attribute, control in _COMPANION_TEXTS:
            if control in self._companions:
                found[attribute] = self._companions[control].translations.get("text", {})
        return MappingProxyType({attribute: texts for attribute, texts in found.items() if texts})


def _has_only_initial(raw: RawItem, calculations: Calculations, initial: Sequence[AnswerValue]) -> bool:
    """Is it a choice among nothing, whose answer the form gives itself? (Seen in Google's, to carry codes.)"""
    return raw.type is ItemType.CHOICE and not raw.options and bool(initial) and calculations.options is None


def _initial(raw: RawItem, reader: Reader) -> tuple[AnswerValue, ...]:
    """The answers the item starts with: initial, or the options marked initialSelected (que-8, que-11, que-13)."""
    given = list(reader.objects(raw.json, "initial", raw.path))
    if not raw.type.is_question:
        if given:
            reader.report("item.unexpected-initial", raw.path, link_id=raw.link_id)
        return ()
    if given and raw.json.get("answerOption"):
        reader.report("item.initial-with-options", raw.path, link_id=raw.link_id)
    own = raw.options if raw.json.get("answerOption") else ()  # those of a value set are never preselected
    answers = {answer_key(option.value): option.value for option in own if option.initially_selected}
    index = OptionIndex(raw.options if given else ())
    for path, element in given:
        value = only_value(element)
        if value is None or not _is_answer(value, raw, index):
            reader.report("item.initial-type", path, link_id=raw.link_id)
        else:
            answers.setdefault(answer_key(value), value)
    if len(answers) > 1 and raw.json.get("repeats") is not True:
        reader.report("item.several-initial", raw.path, link_id=raw.link_id)
        return tuple(answers.values())[:1]
    return tuple(answers.values())


def _is_answer(value: AnswerValue, raw: RawItem, index: OptionIndex) -> bool:
    if index.get(value) is not None:
        return True
    if raw.type is ItemType.OPEN_CHOICE and "valueString" in value:
        return True
    return VALUE_NAMES[raw.type] in value and not (raw.options and raw.type is not ItemType.OPEN_CHOICE)
