"""What FUT lets a form say about answers: a colour for staff, and words for the citizen.

FUT's implementation guide, profile ehealth-questionnaire, "Answer significance" and "Feedback to the Patient".
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from .definition import (
    VALUE_NAMES,
    Colour,
    Feedback,
    ItemType,
    Operator,
    Option,
    Significance,
    SignificanceCondition,
)
from .extension_urls import ANSWER_CONDITIONS, ANSWER_SIGNIFICANCE, FEEDBACK
from .options import OptionIndex
from .reading import (
    Extensions,
    Json,
    Reader,
    elements,
    extension,
    extension_text,
    extension_value,
    member,
    translations_of,
)
from .values import decimal_of, only_value

MOST_CONDITIONS = 2
"""FUT: one condition is an exact answer or an open interval, two are an interval."""

_COMPARED = frozenset({"valueDecimal", "valueInteger", "valueString", "valueCoding", "valueBoolean"})
_ORDERED = frozenset({"valueDecimal", "valueInteger"})


def read_significance(
    extensions: Extensions, item_type: ItemType, options: tuple[Option, ...], reader: Reader
) -> tuple[Significance, ...]:
    """The colours of an item's answers, in the form's order; those that say nothing usable are issues."""
    places = extensions.every(ANSWER_SIGNIFICANCE)
    if not places:
        return ()
    found: list[Significance] = []
    answers = _Answers(item_type, options)
    for element, path in places:
        if not item_type.is_question:
            reader.report("significance.no-question", path, link_id=extensions.link_id)
            continue
        coding = extension_value(element, "significance", "valueCoding", "valueCode")
        colour = member(Colour, coding.get("code") if isinstance(coding, Mapping) else coding)
        conditions = [_condition(part) for part in _parts(element)]
        usable = [condition for condition in conditions if condition is not None]
        if colour is None or not usable or len(usable) < len(conditions) or len(usable) > MOST_CONDITIONS:
            reader.report("significance.unusable", path, link_id=extensions.link_id)
            continue
        _check(usable, answers, path, extensions.link_id, reader)
        found.append(Significance(colour, tuple(usable)))
    return tuple(found)


def _parts(element: Json) -> Iterator[Json]:
    for part, _ in elements(element, "extension", ""):
        if part.get("url") in ANSWER_CONDITIONS:
            yield part


def _condition(part: Json) -> SignificanceCondition | None:
    operator = member(Operator, extension_value(part, "operator", "valueCode", "valueString"))
    value = only_value(extension(part, "value"))
    if operator is None or value is None:
        return None
    name, bare = next(iter(value.items()))
    if name not in _COMPARED:
        return None
    if operator is Operator.EXISTS and not isinstance(bare, bool):
        return None
    return None if operator.orders and name not in _ORDERED else SignificanceCondition(operator, value)


class _Answers:
    """What answers an item can have."""

    def __init__(self, item_type: ItemType, options: tuple[Option, ...]) -> None:
        self.item_type = item_type
        self.has_options = bool(options)
        self.has_number = item_type.is_numeric or any(option.weight is not None for option in options)
        self.index = OptionIndex(options)
        self.names = {next(iter(option.value)) for option in options}
        if item_type.is_question and not options:
            self.names.add(VALUE_NAMES[item_type])
        if item_type in (ItemType.OPEN_CHOICE, ItemType.URL):
            self.names.add("valueString")


def _check(
    conditions: list[SignificanceCondition], answers: _Answers, path: str, link_id: str | None, reader: Reader
) -> None:
    """Say which conditions no answer of the item will ever meet. A score counts as the answer's number."""
    for condition in conditions:
        name = next(iter(condition.value))
        if condition.operator is Operator.EXISTS or (name in _ORDERED and answers.has_number):
            continue
        if name not in answers.names:
            reader.report(
                "significance.type",
                path,
                link_id=link_id,
                expected=name.removeprefix("value"),
                found=answers.item_type,
            )
        elif name == "valueCoding" and answers.has_options and answers.index.get(condition.value) is None:
            code = condition.value["valueCoding"]
            reader.report(
                "significance.not-option",
                path,
                link_id=link_id,
                coding=code.get("code") if isinstance(code, Mapping) else "?",
            )


def read_feedback(
    extensions: Extensions, item_type: ItemType, options: tuple[Option, ...], reader: Reader
) -> tuple[Feedback, ...]:
    """What to tell the citizen about a number; FUT has it for answers that are numbers (or have a score)."""
    found: list[Feedback] = []
    for element, path in extensions.every(FEEDBACK):
        low, high = (_number(element, name) for name in ("min", "max"))
        text = extension_text(element, "value")
        if not text or low is None or high is None or low > high:
            reader.report("feedback.unusable", path, link_id=extensions.link_id)
        elif not item_type.is_numeric and all(option.weight is None for option in options):
            reader.report("feedback.no-number", path, link_id=extensions.link_id)
        else:
            words = translations_of(extension(element, "value"), "valueString")
            found.append(Feedback(text, low, high, words))
    return tuple(found)


def _number(element: Json, name: str) -> Decimal | None:
    return decimal_of(extension_value(element, name, "valueInteger", "valueDecimal"))
