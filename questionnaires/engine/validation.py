"""Everything that is wrong with a response, for a draft (incomplete is allowed) or for submission."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from .answer_checks import Judge, occurrence_issue
from .bounds import Bounds, measure
from .constraints import constraint_issues, has_constraints
from .definition import AnswerValue, Definition, Item, ItemType, Page
from .display import bounds_text, display_value
from .evaluation import Evaluation
from .glances import Glance, glances_of
from .issues import Both, Issue, make_issue
from .occurrences import Occurrence, lay_over
from .options import option_for
from .plain_shape import is_plain
from .references import contained_types
from .response_head import head_issues
from .response_shape import ROOT, shape_issues
from .result import finished, finished_head
from .rules import Severity
from .settling import Settled, settled
from .values import are_equal, decimal_of, value_of

_SHORT = 100
"""Characters of a calculated text that nobody has to measure."""
_ROOM_FOR_TEXTS = 100_000
"""Characters of the questions, which finishing puts in, that nobody has to measure."""

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
    ItemType.DATE_TIME: "answer.required-date-time",
    ItemType.TIME: "answer.required-time",
    ItemType.ATTACHMENT: "answer.required-file",
    ItemType.GROUP: "answer.required-group",
}


def validate(
    definition: Definition,
    response: Any,
    *,
    draft: bool,
    page: Page | None = None,
    bounds: Bounds | None = None,
    now: datetime | None = None,
    closely: bool = False,
    evaluation: Evaluation | None = None,
) -> tuple[Issue, ...]:
    """The issues of a response, in the questionnaire's order; never raises, whatever the JSON.

    `draft`: nothing is required yet, and answers to questions that are not asked (any more) are left in peace:
    they count again if their condition returns, and `finish` leaves them out. Otherwise the response is judged
    as it would be sent: so judge `finish(definition, response)`.
    `page`: only what stands on this page, for the button "Næste"; answers to questions not asked are left in
    peace here too, as the person cannot see them.
    `now` is for expressions, as in `evaluate`. `closely` looks closely even at what is in order at a glance, which
    gives the same issues more slowly: tests hold the two against each other. `evaluation` is what `evaluate` made
    of this very response: then nothing is decided a second time, and `now` is the evaluation's.
    """
    bounds = bounds or Bounds()
    refusal = refuse_kind(response)
    if refusal is not None:
        return (refusal,)
    known = evaluation.decided(definition, response) if evaluation is not None else None
    occurrences = lay_over(definition, response) if known is None else known.occurrences
    plain = not closely and is_plain(occurrences, bounds) and measure_head(response, bounds) is None
    refusal = None if plain else measure(response, bounds, what="response")
    if refusal is not None:
        return (refusal,)
    outcome = known or settled(definition, response, now=now, occurrences=occurrences)
    if occurrences.is_cut:
        return (make_issue("response.too-many", ROOT),)
    on_page = None if page is None else {item.link_id for item in page.walk()}
    issues: list[Issue] = []
    if page is None:
        issues.extend(head_issues(definition, response, draft=draft))
        if not plain:
            issues.extend(shape_issues(definition, response))
        issues.extend(outcome.issues.values())
    as_sent = not draft and page is None
    judge = Judge(contained_types(response), outcome.sight.patterns)
    begun = _Begun()
    glances = glances_of(definition)
    for occurrence in occurrences.all:
        item = occurrence.layout.item
        if on_page is not None and item.link_id not in on_page:
            continue
        if not occurrence.enabled:
            if as_sent and occurrence.answers:
                issues.append(occurrence_issue("response.disabled", occurrence))
            continue
        if not draft and (item.required or item.min_occurs):
            issues.extend(_missing_issues(occurrence, begun))
        if closely or not _is_sound(occurrence, glances):
            issues.extend(_occurrence_issues(occurrence, judge))
        if as_sent and occurrence.is_calculated and occurrence.answers and _is_done(occurrence, outcome):
            issues.extend(_calculation_issues(occurrence))
    if not draft:
        issues.extend(constraint_issues(outcome, on_page=on_page))
    return tuple(issues)


def validate_to_send(
    definition: Definition,
    draft: Mapping[str, Any],
    *,
    now: datetime | None = None,
    evaluation: Evaluation | None = None,
) -> tuple[Issue, ...]:
    """What is wrong with a draft as it would be sent: the issues of `validate(finish(draft), draft=False)`.

    They are told from the draft where its `evaluation` is at hand and they are sure to be the same there: nothing is
    decided a second time then, and the issues' expressions lead into the draft.
    """
    known = evaluation.decided(definition, draft) if evaluation is not None else None
    if known is not None:
        issues = _told_from_draft(definition, draft, known)
        if issues is not None:
            return issues
    else:
        known = settled(definition, draft, now=now)
    sent = finished(definition, draft, known.occurrences)
    return validate(definition, sent, draft=False, now=known.sight.now)


def _told_from_draft(
    definition: Definition, draft: Mapping[str, Any], outcome: Settled
) -> tuple[Issue, ...] | None:
    """None where finishing may change more than to leave out what is not asked, and to put in what is calculated."""
    occurrences, bounds = outcome.occurrences, Bounds()
    # Calculations that look at all of the response may look at what finishing changes, too.
    if outcome.issues or outcome.plan.watchers or occurrences.is_cut or has_constraints(outcome):
        return None
    if not is_plain(occurrences, bounds) or measure_head(draft, bounds) is not None:
        return None
    issues = list(head_issues(definition, finished_head(definition, draft), draft=False))
    judge, begun, glances = Judge(contained_types(draft)), _Begun(), glances_of(definition)
    room = _ROOM_FOR_TEXTS
    for occurrence in occurrences.all:
        layout = occurrence.layout
        if layout.splits or (layout.is_calculated and layout.children):
            return None  # rows that say nothing are left out, and so are answers that were calculated before
        room -= len(layout.item.text)
        if not occurrence.enabled:
            continue
        if layout.is_calculated and not _is_short(occurrence.calculated):
            return None
        if layout.item.required or layout.item.min_occurs:
            issues.extend(_missing_issues(occurrence, begun))
        if layout.is_question and not _is_sound(occurrence, glances):
            issues.extend(_occurrence_issues(occurrence, judge))
    return tuple(issues) if room > 0 else None


def _is_short(calculated: AnswerValue | None) -> bool:
    """Is it sure to change nothing about how plain and how large the response is?"""
    values = () if calculated is None else calculated.values()
    return all(
        isinstance(value, int | float) or (isinstance(value, str) and value.strip() and len(value) <= _SHORT)
        for value in values
    )


def validate_without_questionnaire(
    response: Any, *, draft: bool, bounds: Bounds | None = None
) -> tuple[Issue, ...]:
    """What can be said of a response whose questionnaire is not at hand: its head, and that it was not checked."""
    refusal = refuse(response, bounds or Bounds())
    return (refusal,) if refusal is not None else tuple(head_issues(None, response, draft=draft))


def refuse(response: object, bounds: Bounds) -> Issue | None:
    """The issue of what is no response at all, or too large to look at; else None."""
    return refuse_kind(response) or measure(response, bounds, what="response")


def measure_head(response: Mapping[str, Any], bounds: Bounds) -> Issue | None:
    """The issue of what stands above the answers being too large; else None."""
    head = {name: value for name, value in response.items() if name != "item"}
    return measure(head, bounds, what="response")


def refuse_kind(response: object) -> Issue | None:
    """The issue of what is no response at all; else None."""
    if not isinstance(response, Mapping):
        return make_issue("response.not-object", ROOT)
    found = response.get("resourceType")
    if found != ROOT:
        return make_issue("response.resource-type", ROOT, found=found if isinstance(found, str) else "?")
    return None


def _is_sound(occurrence: Occurrence, glances: Mapping[str, Glance]) -> bool:
    """Is there nothing to say about its answers, as far as a glance tells?"""
    layout = occurrence.layout
    answers = occurrence.effective
    if not layout.is_question or len(answers) > 1:
        return False
    return not answers or glances[layout.link_id](answers[0])


class _Begun:
    """Whether anything is answered in an occurrence, looked up once each."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def __call__(self, occurrence: Occurrence) -> bool:
        known = self._known.get(id(occurrence))
        if known is None:
            known = self._known[id(occurrence)] = _has_answers(occurrence)
        return known


def _has_answers(occurrence: Occurrence) -> bool:
    """Has it an answer; or, for a group, has anything inside it one (or is there nothing to answer)?"""
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


def _missing_issues(occurrence: Occurrence, begun: _Begun) -> Iterator[Issue]:
    """What is required and not there, and what is there too few times.

    Groups that repeat are counted together, at the first instance. Fewer than minOccurs, but more than none, is
    too few for optional items too (extension questionnaire-minOccurs).
    """
    item = occurrence.item
    if not (item.required or item.min_occurs) or not _is_expected(occurrence, begun):
        return
    if item.type.is_question:
        count = len(occurrence.effective)
    else:
        instances = occurrence.scope.children[item.link_id]
        if instances[0] is not occurrence:
            return
        count = sum(instance.enabled and begun(instance) for instance in instances)
    if item.required and not count:
        yield occurrence_issue(_required_key(item), occurrence, what=bounds_text(item))
    elif count and item.min_occurs is not None and count < item.min_occurs:
        key = "answer.too-few" if item.type.is_question else "answer.too-few-groups"
        yield occurrence_issue(key, occurrence, limit=item.min_occurs, count=count)


def _is_expected(occurrence: Occurrence, begun: _Begun) -> bool:
    """Can something be missing here?

    Not under what is hidden, not under a question without an answer (nested questions are about that answer), and
    not in an instance of a repeating group that nobody has begun: there may be no such instance at all.
    """
    current: Occurrence | None = occurrence
    while current is not None:
        owner = current.scope.owner
        if current.item.is_concealed:
            return False
        if owner is not None:
            if owner.item.type.is_question and not owner.effective:
                return False
            if owner.item.type is ItemType.GROUP and owner.item.repeats and not begun(owner):
                return False
        current = owner
    return True


def _required_key(item: Item) -> str:
    if item.type.is_choice and item.repeats:
        return "answer.required-choices"
    return _REQUIRED.get(item.type, "answer.required")


def _occurrence_issues(occurrence: Occurrence, judge: Judge) -> Iterator[Issue]:
    item = occurrence.item
    if not item.type.is_question:
        if item.max_occurs is not None and item.repeats:
            yield from _group_count_issues(occurrence, item.max_occurs)
        return
    answers = occurrence.effective
    if len(answers) > 1:
        if not item.repeats:
            yield occurrence_issue("answer.too-many", occurrence, 1)
        elif item.max_occurs is not None and len(answers) > item.max_occurs:
            yield occurrence_issue(
                "answer.too-many-answers",
                occurrence,
                item.max_occurs,
                limit=item.max_occurs,
                count=len(answers),
            )
        exclusive = [
            option for answer in answers if (option := option_for(item.options, answer)) and option.exclusive
        ]
        if exclusive:
            yield occurrence_issue("answer.exclusive", occurrence, 0, option=exclusive[0].label)
    for index, answer in enumerate(answers):
        for found in judge.answer_issues(occurrence, index, answer):
            # What the form calculated nobody can mend by answering otherwise: worth telling, no reason to refuse.
            yield replace(found, severity=Severity.WARNING) if occurrence.item.calculated else found


def _group_count_issues(occurrence: Occurrence, most: int) -> Iterator[Issue]:
    instances = [one for one in occurrence.scope.children[occurrence.item.link_id] if one.exists]
    if len(instances) > most and instances[most] is occurrence:
        yield occurrence_issue("answer.too-many-groups", occurrence, limit=most, count=len(instances))


def _is_done(occurrence: Occurrence, outcome: Settled) -> bool:
    """Could the calculation be done? One that failed says nothing about the value that came along."""
    return occurrence.item.link_id not in outcome.issues


def _calculation_issues(occurrence: Occurrence) -> Iterator[Issue]:
    """A calculated value that the response brings along and that is not what its answers make."""
    item, [given, *_] = occurrence.item, occurrence.answers
    own = occurrence.calculated
    if own is None or not _is_about(given, own):
        expected = display_value(item, own) if own is not None else Both("intet", "nothing")
        yield occurrence_issue(
            "response.calculated-other", occurrence, 0, found=display_value(item, given), expected=expected
        )


def _is_about(given: AnswerValue, own: AnswerValue) -> bool:
    """Are they the same, or is `given` our own number rounded to as many decimals as it has?"""
    left, right = value_of(given), value_of(own)
    if left is None or right is None or are_equal(left, right):
        return True
    theirs, ours = _number(left[1]), _number(right[1])
    if theirs is None or ours is None:
        return False
    decimals = min(int(theirs.normalize().as_tuple().exponent), 0)
    return 2 * abs(theirs - ours) <= Decimal(1).scaleb(decimals)


def _number(value: Any) -> Decimal | None:
    return decimal_of(value.get("value") if isinstance(value, Mapping) else value)
