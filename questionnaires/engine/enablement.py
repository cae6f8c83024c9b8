"""Which items are asked: enableWhen and enableBehavior, nearest instance first, disabled questions unanswered.

The outcomes follow the R4 text where it is clear and docs/engine.md where it is not.
"""

from collections.abc import Sequence

from .answer_tests import answer_test
from .definition import AnswerValue, Behavior, EnableWhen
from .occurrences import Occurrence, Occurrences, Scope
from .plan import Condition
from .values import value_of


def conditions_hold(
    conditions: Sequence[Condition], behavior: Behavior, occurrence: Occurrence, occurrences: Occurrences
) -> bool:
    """Do the conditions of an item hold on this occurrence of it?"""
    wanted = behavior is Behavior.ANY
    for condition in conditions:
        if condition.test(answers_for(condition, occurrence, occurrences)) is wanted:
            return wanted
    return not wanted


def holds(condition: EnableWhen, answers: Sequence[AnswerValue]) -> bool:
    """Is one condition met by these answers?"""
    return answer_test(condition.operator, value_of(condition.value), condition.value)(answers)


def answers_for(condition: Condition, target: Occurrence, occurrences: Occurrences) -> Sequence[AnswerValue]:
    """The answers a condition looks at: those of the nearest occurrence of its question (R4, enableWhen.question).

    Nearest is: the question above the target, and then the very answer it hangs under (EW-31); else in the same
    instance of what holds both (EW-28); and if there are still several instances, the last of those before the
    target or the first of those after it (EW-30). A disabled question counts as unanswered (EW-22).
    """
    source: Occurrence | None
    if not condition.is_above:
        instances = occurrences.by_link_id.get(condition.source.question)
        if instances is None:
            return ()
        if len(instances) == 1:
            source = instances[0]
            return source.effective if source.enabled else ()
    scope = target.scope
    while (owner := scope.owner) is not None and owner.layout.link_id != condition.source.common:
        scope = owner.scope
    if condition.is_above:
        return (scope.answer,) if owner is not None and owner.enabled and scope.answer is not None else ()
    source = _nearest(scope, condition.source)
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
