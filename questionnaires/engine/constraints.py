"""Rules among answers that a form brings along: SDC's questionnaire-constraint and targetConstraint, in FHIRPath.

A rule is broken where its expression is false. Where it gives nothing (a question it looks at is not answered) it
is not broken, and one that cannot be calculated is a warning: a form's fault must not keep a citizen from sending.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from .definition import Constraint, Definition
from .expressions import ExpressionError
from .issues import Both, Issue, make_issue
from .occurrences import Occurrence, Occurrences
from .plan import Plan, Ready
from .rows import rows_of
from .settling import Settled

LONGEST_HUMAN = 500
"""Characters of a form's own sentence that are repeated."""

_NO_WORDS = Both(
    "Svarene passer ikke sammen efter en af spørgeskemaets regler.",
    "The answers do not go together by one of the questionnaire's rules.",
)

_known: WeakKeyDictionary[Definition, tuple[tuple[Constraint, Ready | ExpressionError], ...]] = (
    WeakKeyDictionary()
)


def constraint_issues(outcome: Settled, *, on_page: Container[str] | None = None) -> Iterator[Issue]:
    """The rules that the answers break; with `on_page` only those about items with these link ids."""
    for constraint, ready in _readied(outcome.definition, outcome.plan):
        about = (*constraint.targets, *([constraint.link_id] if constraint.link_id else []))
        if on_page is not None and not any(link_id in on_page for link_id in about):
            continue
        for occurrence in _places(constraint, outcome.occurrences):
            try:
                if isinstance(ready, ExpressionError):
                    raise ready
                broken = outcome.sight.run(ready, occurrence) == [False]
            except ExpressionError as error:
                yield _issue("constraint.failed", constraint, occurrence, outcome, reason=error)
                break
            if broken:
                yield _issue(f"constraint.{constraint.severity}", constraint, occurrence, outcome)


def has_constraints(outcome: Settled) -> bool:
    """Has the form any such rule?"""
    return bool(_readied(outcome.definition, outcome.plan))


def _readied(definition: Definition, plan: Plan) -> tuple[tuple[Constraint, Ready | ExpressionError], ...]:
    """All constraints of a form with their expressions ready to run; made once."""
    known = _known.get(definition)
    if known is None:
        constraints = [
            *definition.constraints,
            *(one for item in definition.walk() for one in item.constraints),
        ]
        known = _known[definition] = tuple((one, _ready(one, plan)) for one in constraints)
    return known


def _ready(constraint: Constraint, plan: Plan) -> Ready | ExpressionError:
    if not constraint.expression.is_fhirpath:
        return ExpressionError(constraint.expression.language or "?")
    try:
        return plan.ready(constraint.expression, constraint.link_id)
    except ExpressionError as error:
        return error


def _places(constraint: Constraint, occurrences: Occurrences) -> list[Occurrence | None]:
    """Where the rule is to hold: on the whole response, or on each instance of its item that is there."""
    if constraint.link_id is None:
        return [None]
    own = occurrences.by_link_id.get(constraint.link_id, ())
    return [one for one in own if one.enabled and one.exists]


def _issue(
    key: str, constraint: Constraint, occurrence: Occurrence | None, outcome: Settled, **facts: object
) -> Issue:
    at = _shown_at(constraint, occurrence, outcome.occurrences)
    if key != "constraint.failed":
        facts["human"] = Both(
            (constraint.human_in("da") or constraint.key or _NO_WORDS.da)[:LONGEST_HUMAN],
            (constraint.human_in("en") or constraint.key or _NO_WORDS.en)[:LONGEST_HUMAN],
        )
    issue = make_issue(
        key,
        at.path if at is not None else "QuestionnaireResponse",
        link_id=at.item.link_id if at is not None else None,
        label=at.item.label if at is not None else "",
        constraint=constraint.key or constraint.human,
        **facts,
    )
    return replace(issue, rows=rows_of(at)) if at is not None else issue


def _shown_at(
    constraint: Constraint, occurrence: Occurrence | None, occurrences: Occurrences
) -> Occurrence | None:
    """Where the message belongs: at the first item the rule names as its location, in the same instance if it can."""
    target = constraint.targets[0] if constraint.targets else None
    if target is None or (occurrence is not None and occurrence.item.link_id == target):
        return occurrence
    candidates = [one for one in occurrences.by_link_id.get(target, ()) if one.enabled]
    within = [one for one in candidates if occurrence is not None and _is_below(one, occurrence)]
    return next(iter((*within, *candidates)), occurrence)


def _is_below(one: Occurrence, other: Occurrence) -> bool:
    owner = one.scope.owner
    while owner is not None and owner is not other:
        owner = owner.scope.owner
    return owner is other
