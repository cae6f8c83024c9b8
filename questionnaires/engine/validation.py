"""Everything that is wrong with a response, for a draft (incomplete is allowed) or for submission."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import regex  # type: ignore[import-untyped, unused-ignore]

from .bounds import Bounds, measure
from .definition import VALUE_NAMES, AnswerValue, Definition, Item, ItemType, Page
from .display import bounds_text
from .evaluation import settle
from .expressions import PATTERN_SECONDS
from .issues import Both, Issue, make_issue
from .occurrences import Occurrence
from .options import OPTION_VALUES, option_for
from .reading import clean_text, elements
from .values import MAX_INTEGER, are_equal, date_of, date_time_of, decimal_of, order_of, time_of, value_of

_ROOT = "QuestionnaireResponse"
_EXPECTED = {
    ItemType.BOOLEAN: Both("ja eller nej", "yes or no"),
    ItemType.DECIMAL: Both("et tal", "a number"),
    ItemType.INTEGER: Both("et helt tal", "a whole number"),
    ItemType.DATE: Both("en dato", "a date"),
    ItemType.DATE_TIME: Both("dato og klokkeslæt", "a date and time"),
    ItemType.TIME: Both("et klokkeslæt", "a time"),
    ItemType.STRING: Both("en tekst", "a text"),
    ItemType.TEXT: Both("en tekst", "a text"),
    ItemType.URL: Both("en internetadresse", "a web address"),
    ItemType.CHOICE: Both("en af svarmulighederne", "one of the options"),
    ItemType.OPEN_CHOICE: Both("en svarmulighed eller en tekst", "an option or a text"),
    ItemType.ATTACHMENT: Both("en fil", "a file"),
    ItemType.REFERENCE: Both("en henvisning", "a reference"),
    ItemType.QUANTITY: Both("et tal med enhed", "a number with a unit"),
}
_REQUIRED = {
    ItemType.CHOICE: "answer.required-choice",
    ItemType.OPEN_CHOICE: "answer.required-choice",
    ItemType.BOOLEAN: "answer.required-choice",
    ItemType.STRING: "answer.required-text",
    ItemType.TEXT: "answer.required-text",
    ItemType.INTEGER: "answer.required-number",
    ItemType.DECIMAL: "answer.required-number",
    ItemType.QUANTITY: "answer.required-number",
    ItemType.DATE: "answer.required-date",
    ItemType.TIME: "answer.required-time",
}


def validate(
    definition: Definition,
    response: Any,
    *,
    draft: bool,
    page: Page | None = None,
    bounds: Bounds | None = None,
) -> tuple[Issue, ...]:
    """The issues of a response, in the questionnaire's order; never raises, whatever the JSON.

    `draft`: nothing is required yet, and answers to questions that are not asked (any more) are left in peace:
    they count again if their condition returns, and `finish` leaves them out. Otherwise the response is judged
    as it would be sent: so judge `finish(definition, response)`.
    `page`: only what stands on this page, for the button "Næste"; answers to questions not asked are left in
    peace here too, as the person cannot see them.
    """
    refusal = _refusal(response, bounds or Bounds())
    if refusal is not None:
        return (refusal,)
    occurrences, calculation_issues = settle(definition, response)
    if occurrences.is_cut:
        return (make_issue("response.too-many", _ROOT),)
    on_page = None if page is None else {item.link_id for item in page.walk()}
    issues: list[Issue] = []
    if page is None:
        issues.extend(_head_issues(definition, response))
        issues.extend(_structure_issues(definition, response))
        issues.extend(calculation_issues)
    judge_disabled = not draft and page is None
    for occurrence in occurrences.walk():
        if on_page is not None and occurrence.item.link_id not in on_page:
            continue
        if not occurrence.enabled:
            if judge_disabled and occurrence.answers:
                issues.append(_issue("response.disabled", occurrence))
            continue
        issues.extend(_occurrence_issues(occurrence, draft=draft))
    return tuple(issues)


def _refusal(response: object, bounds: Bounds) -> Issue | None:
    if not isinstance(response, Mapping):
        return make_issue("response.not-object", _ROOT)
    found = response.get("resourceType")
    if found != _ROOT:
        return make_issue("response.resource-type", _ROOT, found=found if isinstance(found, str) else "?")
    return measure(response, bounds, what="response")


def _head_issues(definition: Definition, response: Mapping[str, Any]) -> Iterator[Issue]:
    named = response.get("questionnaire")
    # Only a canonical url can be compared; relative references depend on a server's address.
    if isinstance(named, str) and ":" in named and definition.url:
        url, _, version = named.partition("|")
        if url != definition.url or (version and definition.version and version != definition.version):
            yield make_issue("response.other-questionnaire", f"{_ROOT}.questionnaire", found=named)


def _structure_issues(definition: Definition, response: Mapping[str, Any]) -> Iterator[Issue]:
    """Link ids that do not exist or stand in the wrong place, items that come twice, answers on groups."""
    stack: list[tuple[Mapping[str, Any], str, str | None]] = [(response, _ROOT, None)]
    while stack:
        container, path, parent = stack.pop()
        raw = container.get("item")
        nodes = elements(container, "item", path)
        if raw is not None and (not isinstance(raw, list | tuple) or len(nodes) != len(raw)):
            yield make_issue("response.shape", f"{path}.item")
        seen: set[str] = set()
        for node, node_path in nodes:
            link_id = node.get("linkId")
            item = definition.by_link_id.get(link_id) if isinstance(link_id, str) else None
            if item is None:
                yield make_issue("response.unknown-link", node_path, link=link_id)
                continue
            if item.parent != parent:
                yield make_issue("response.misplaced", node_path, link_id=item.link_id, link=item.link_id)
                continue
            if item.link_id in seen and not (item.repeats and item.type is ItemType.GROUP):
                yield make_issue("response.repeated", node_path, link_id=item.link_id, link=item.link_id)
            seen.add(item.link_id)
            answers = elements(node, "answer", node_path)
            if item.type.is_question:
                stack.extend((answer, answer_path, item.link_id) for answer, answer_path in answers)
                if node.get("item"):
                    yield make_issue("response.misplaced", node_path, link_id=item.link_id, link=item.link_id)
            else:
                if answers:
                    yield make_issue(
                        "response.answer-not-allowed", node_path, link_id=item.link_id, link=item.link_id
                    )
                stack.append((node, node_path, item.link_id))


def _issue(key: str, occurrence: Occurrence, index: int | None = None, **facts: object) -> Issue:
    item = occurrence.item
    path = occurrence.path if index is None or index >= len(occurrence.paths) else occurrence.paths[index]
    return make_issue(key, path, link_id=item.link_id, label=item.label, **facts)


def _occurrence_issues(occurrence: Occurrence, *, draft: bool) -> Iterator[Issue]:
    item = occurrence.item
    answers = occurrence.effective
    if not draft and item.required and not _is_hidden(occurrence) and not _is_answered(occurrence):
        yield _issue(_required_key(item), occurrence, what=bounds_text(item))
    if not item.type.is_question:
        return
    if len(answers) > 1 and not item.repeats:
        yield _issue("answer.too-many", occurrence, 1)
    exclusive = [
        option for answer in answers if (option := option_for(item.options, answer)) and option.exclusive
    ]
    if exclusive and len(answers) > 1:
        yield _issue("answer.exclusive", occurrence, 0, option=exclusive[0].label)
    for index, answer in enumerate(answers):
        yield from _answer_issues(occurrence, index, answer)


def _is_hidden(occurrence: Occurrence) -> bool:
    current: Occurrence | None = occurrence
    while current is not None:
        if current.item.hidden:
            return True
        current = current.scope.owner
    return False


def _is_answered(occurrence: Occurrence) -> bool:
    """Has it an answer; or, for a group, has anything inside it one?"""
    if occurrence.item.type is not ItemType.GROUP:
        return bool(occurrence.effective)
    stack = [occurrence]
    asked = False
    while stack:
        current = stack.pop()
        if not current.enabled:
            continue
        asked = asked or current.item.type.is_question
        if current.effective:
            return True
        stack.extend(child for scope in current.scopes for child in scope.all_children)
    return not asked


def _required_key(item: Item) -> str:
    if item.type is ItemType.GROUP:
        return "answer.required-group"
    if item.type.is_choice and item.repeats:
        return "answer.required-choices"
    return _REQUIRED.get(item.type, "answer.required")


def _answer_issues(occurrence: Occurrence, index: int, answer: AnswerValue) -> Iterator[Issue]:
    item = occurrence.item
    name, value = value_of(answer) or ("", "")
    if item.type.is_choice:
        key = _choice_problem(item, name, value)
        if key is not None:
            yield _issue(key, occurrence, index, expected=_EXPECTED[item.type])
        elif item.type is ItemType.OPEN_CHOICE and isinstance(value, str):
            yield from _text_issues(occurrence, index, value)
        return
    if name != VALUE_NAMES[item.type] or not _has_shape(item.type, value):
        yield _issue("answer.type", occurrence, index, expected=_EXPECTED[item.type])
        return
    if item.type.is_text:
        yield from _text_issues(occurrence, index, value)
    else:
        yield from _bound_issues(occurrence, index, name, value)


def _choice_problem(item: Item, name: str, value: object) -> str | None:
    """The catalogue key of what is wrong with an answer to a choice, or None."""
    if name not in OPTION_VALUES or (name in ("valueCoding", "valueReference")) != isinstance(value, Mapping):
        return "answer.type"
    if item.type is ItemType.OPEN_CHOICE and name == "valueString":
        return None if isinstance(value, str) else "answer.type"
    if not item.options:
        # The options could not be found when the form was compiled, which is that form's error, not this answer's.
        return None if name == "valueCoding" else "answer.type"
    if any(are_equal(next(iter(option.value.items())), (name, value)) for option in item.options):
        return None
    return "answer.not-option" if any(name in option.value for option in item.options) else "answer.type"


def _has_shape(item_type: ItemType, value: object) -> bool:
    match item_type:
        case ItemType.BOOLEAN:
            return isinstance(value, bool)
        case ItemType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER + 1
        case ItemType.DECIMAL:
            return decimal_of(value) is not None
        case ItemType.QUANTITY:
            return isinstance(value, Mapping) and decimal_of(value.get("value")) is not None
        case ItemType.DATE:
            return date_of(value) is not None
        case ItemType.DATE_TIME:
            return date_time_of(value) is not None
        case ItemType.TIME:
            return time_of(value) is not None
        case ItemType.ATTACHMENT | ItemType.REFERENCE:
            return isinstance(value, Mapping)
    return isinstance(value, str)


def _text_issues(occurrence: Occurrence, index: int, text: str) -> Iterator[Issue]:
    item = occurrence.item
    length = len(text)
    if item.max_length is not None and length > item.max_length:
        yield _issue("answer.too-long", occurrence, index, limit=item.max_length, length=length)
    if item.min_length is not None and length < item.min_length:
        yield _issue("answer.too-short", occurrence, index, limit=item.min_length, length=length)
    if item.regex:
        try:
            matched = regex.fullmatch(item.regex, text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            yield _issue("answer.pattern-slow", occurrence, index)
            return
        if not matched:
            hint = clean_text(item.entry_format)
            what = Both(f" Skriv det sådan: {hint}", f" Write it like this: {hint}") if hint else ""
            yield _issue("answer.pattern", occurrence, index, what=what)


def _bound_issues(occurrence: Occurrence, index: int, name: str, value: Any) -> Iterator[Issue]:
    item = occurrence.item
    if item.type.is_numeric:
        # _has_shape has seen that there is a number.
        number = decimal_of(value.get("value") if isinstance(value, Mapping) else value) or Decimal(0)
        too_small = isinstance(item.min_value, Decimal) and number < item.min_value
        too_large = isinstance(item.max_value, Decimal) and number > item.max_value
        if too_small or too_large:
            yield _issue("answer.number-bounds", occurrence, index, what=bounds_text(item))
        places = item.max_decimal_places
        digits = -int(number.normalize().as_tuple().exponent)
        if places is not None and digits > places:
            key = "answer.decimals" if places else "answer.no-decimals"
            yield _issue(key, occurrence, index, limit=places)
        if item.type is ItemType.QUANTITY and item.unit_coding and _other_unit(item.unit_coding, value):
            yield _issue("answer.unit", occurrence, index, unit=item.unit)
        return
    low = None if item.min_value is None else order_of((name, value), (name, item.min_value))
    high = None if item.max_value is None else order_of((name, value), (name, item.max_value))
    if (low is not None and low < 0) or (high is not None and high > 0):
        key = "answer.time-bounds" if item.type is ItemType.TIME else "answer.date-bounds"
        yield _issue(key, occurrence, index, what=bounds_text(item))


def _other_unit(unit: Mapping[str, Any], quantity: Mapping[str, Any]) -> bool:
    """Is the quantity coded in another unit than the item's? Uncoded units are not judged."""
    code = quantity.get("code")
    return bool(code and unit.get("code") and code != unit["code"])
