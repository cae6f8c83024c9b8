"""Which items are asked: enableWhen and enableBehavior, nearest instance first, disabled questions unanswered.

The outcomes follow the R4 text where it is clear and docs/engine.md where it is not.
"""

from collections.abc import Sequence

from .definition import AnswerValue, Behavior, Definition, EnableWhen, Operator
from .occurrences import Occurrence, Occurrences, Scope
from .values import are_equal, order_of, value_of


def decide(definition: Definition, occurrences: Occurrences) -> None:
    """Set `enabled` on every occurrence, in one pass over the definition's order of decision.

    Where conditions go in circles, a question not yet decided counts with the answers it has.
    """
    for link_id in definition.order:
        for occurrence in occurrences.by_link_id.get(link_id, ()):
            owner = occurrence.scope.owner
            occurrence.enabled = (owner is None or owner.enabled) and _conditions_hold(occurrence)


def _conditions_hold(occurrence: Occurrence) -> bool:
    item = occurrence.item
    if not item.enable_when:
        return True
    outcomes = (holds(condition, _answers_for(condition, occurrence)) for condition in item.enable_when)
    return all(outcomes) if item.enable_behavior is Behavior.ALL else any(outcomes)


def holds(condition: EnableWhen, answers: Sequence[AnswerValue]) -> bool:
    """Is the condition met by these answers?

    `=` and the ordering operators: by at least one answer. `!=`: no answer is equal, so it is met where there is
    none (R4 text; EW-07, EW-08). `exists`: whether there is an answer is what the condition says.
    """
    expected = value_of(condition.value)
    if condition.operator is Operator.EXISTS:
        return bool(answers) is (condition.value.get("valueBoolean") is True)
    if expected is None:
        return False
    given = [found for answer in answers if (found := value_of(answer)) is not None]
    match condition.operator:
        case Operator.EQUALS:
            return any(are_equal(found, expected) for found in given)
        case Operator.NOT_EQUALS:
            return not any(are_equal(found, expected) for found in given)
    return any(_ordered(condition.operator, order_of(found, expected)) for found in given)


def _ordered(operator: Operator, order: int | None) -> bool:
    if order is None:
        return False
    match operator:
        case Operator.GREATER:
            return order > 0
        case Operator.LESS:
            return order < 0
        case Operator.GREATER_OR_EQUAL:
            return order >= 0
        case _:
            return order <= 0


def _answers_for(condition: EnableWhen, target: Occurrence) -> Sequence[AnswerValue]:
    """The answers a condition looks at: those of the nearest occurrence of its question (R4, enableWhen.question).

    Nearest is: the question above the target, and then the very answer it hangs under (EW-31); else in the same
    instance of what holds both (EW-28); and if there are still several instances, the last of those before the
    target or the first of those after it (EW-30). A disabled question counts as unanswered (EW-22).
    """
    scope = target.scope
    while (owner := scope.owner) is not None and owner.item.link_id != condition.common:
        scope = owner.scope
    if not condition.descent:
        return (scope.answer,) if owner is not None and owner.enabled and scope.answer is not None else ()
    source = _nearest(scope, condition)
    return source.effective if source is not None and source.enabled else ()


def _nearest(scope: Scope, condition: EnableWhen) -> Occurrence | None:
    """Follow the link ids down: to the last instance where the question comes before the target, else the first."""
    found: Occurrence | None = None
    index = 0 if condition.follows else -1
    for depth, link_id in enumerate(condition.descent):
        instances = scope.children.get(link_id)
        if not instances:
            return None
        found = instances[index]
        if depth + 1 < len(condition.descent):
            if not found.scopes:
                return None
            scope = found.scopes[index]
    return found
