"""What a response means right now: what is asked, what is calculated, how far the citizen has come, what it scores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from .definition import AnswerValue, Definition, Option, Page
from .expressions import options_from
from .feedback import GivenFeedback, feedback_on
from .fhirpath import ExpressionError
from .issues import Issue
from .occurrences import Occurrence, Occurrences
from .result import finished
from .scoring import Score, WithheldScore, scores_of
from .settling import Settled, settled
from .significance import AnswerSignificance, significances_of

__all__ = [
    "Evaluation",
    "Progress",
    "Result",
    "Score",
    "conclude",
    "evaluate",
    "finish",
    "occurrences_of",
    "scores",
    "settle",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many questions are asked (enabled, visible, to be answered by a person), and how many are answered."""

    answered: int
    asked: int

    @property
    def percent(self) -> int:
        """Answered of asked, in whole per cent; 100 where nothing is asked."""
        return 100 * self.answered // self.asked if self.asked else 100


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome. `enabled` has the link ids that are enabled in at least one place.

    `calculated` holds the values of calculated items (the first, in repeating groups), `pages` the pages that
    have something to show, `issues` the expressions that could not be done. `scores` are the calculated numbers and
    `withheld_scores` those without a value, with the reason. `significance` has the colours of answers, `feedback`
    what the form tells about them, `options` what answerExpressions offer, by link id.
    """

    enabled: frozenset[str]
    calculated: Mapping[str, AnswerValue]
    progress: Progress
    pages: tuple[Page, ...]
    issues: tuple[Issue, ...]
    scores: tuple[Score, ...] = ()
    withheld_scores: tuple[WithheldScore, ...] = ()
    significance: tuple[AnswerSignificance, ...] = ()
    feedback: tuple[GivenFeedback, ...] = ()
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    # What the next evaluation goes on from. It is handed over, once: this evaluation's values do not change.
    _settled: list[Settled] = field(default_factory=list, repr=False, compare=False)

    def is_enabled(self, link_id: str) -> bool:
        """Is the item asked or shown, as far as conditions go? (It may still be hidden.)"""
        return link_id in self.enabled

    def decided(self, definition: Definition, response: Mapping[str, Any]) -> Settled | None:
        """What was decided of this very response, for those who look closer; None where it is not at hand (any more).

        An evaluation that was updated does not know any longer where everything stands in the response.
        """
        outcome = self._settled[0] if self._settled else None
        if outcome is None or not outcome.is_as_laid_over or outcome.definition is not definition:
            return None
        return outcome if outcome.sight.response is response else None


def occurrences_of(
    definition: Definition,
    response: Mapping[str, Any],
    evaluation: Evaluation,
    *,
    now: datetime | None = None,
) -> Occurrences:
    """The items in every place where they are (or could be) answered, decided: what a screen shows.

    `evaluation` is that of this very response; where it no longer knows its places they are decided once more.
    """
    known = evaluation.decided(definition, response)
    if known is None:
        known = settled(definition, response, now=now)
    return known.occurrences


@dataclass(frozen=True, slots=True)
class Result:
    """A finished response with all that follows from it: `response` is the QuestionnaireResponse to send."""

    response: dict[str, Any]
    evaluation: Evaluation

    @property
    def scores(self) -> tuple[Score, ...]:
        """The calculated numbers."""
        return self.evaluation.scores

    @property
    def withheld_scores(self) -> tuple[WithheldScore, ...]:
        """The scores that have no value, with why."""
        return self.evaluation.withheld_scores

    @property
    def significance(self) -> tuple[AnswerSignificance, ...]:
        """The colours of the answers."""
        return self.evaluation.significance

    @property
    def feedback(self) -> tuple[GivenFeedback, ...]:
        """What the form tells about the answers."""
        return self.evaluation.feedback


def settle(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> tuple[Occurrences, tuple[Issue, ...]]:
    """The occurrences with everything decided, and the expressions that could not be done."""
    outcome = settled(definition, response, now=now)
    return outcome.occurrences, tuple(outcome.issues.values())


def evaluate(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
    previous: Evaluation | None = None,
    changed: str | Iterable[str] = (),
) -> Evaluation:
    """Decide a draft or finished response. Takes any JSON; the cost is in proportion to the items.

    `now` (aware) is what `today()` and `now()` in expressions mean; without it such an expression has no value and
    there is an issue.

    `previous` with `changed`: the response is the one that `previous` was made of, but for the answers to the
    questions with these link ids. Then only what depends on them is decided again. The outcome is the same as
    without; it is only sooner there. `now` is that of `previous`.
    """
    before = previous._settled.pop() if previous is not None and changed and previous._settled else None
    if previous is not None and before is not None and before.definition is definition:
        link_ids = (changed,) if isinstance(changed, str) else tuple(changed)
        differing = before.change(response, link_ids)
        if differing is not None:
            return _updated(previous, before, differing.values())
        now = now or before.sight.now
    return _evaluation(settled(definition, response, now=now))


def _evaluation(outcome: Settled) -> Evaluation:
    enabled = frozenset([one.layout.link_id for one in outcome.occurrences.all if one.enabled])
    return _made(outcome, enabled)


def _updated(previous: Evaluation, outcome: Settled, differing: Iterable[Occurrence]) -> Evaluation:
    """The evaluation after a change, from the one before it: looks only at the occurrences that may differ."""
    links = {one.layout.link_id for one in differing}
    by_link_id = outcome.occurrences.by_link_id
    now_enabled = {link_id for link_id in links if any(one.enabled for one in by_link_id[link_id])}
    enabled = previous.enabled
    if (links & enabled) != now_enabled:
        enabled = (enabled - links) | now_enabled
    return _made(outcome, enabled)


def _made(outcome: Settled, enabled: frozenset[str]) -> Evaluation:
    plan, by_link_id = outcome.plan, outcome.occurrences.by_link_id
    calculated: dict[str, AnswerValue] = {}
    for link_id in plan.calculated_in_order:
        for one in by_link_id.get(link_id, ()):
            if one.enabled and one.calculated is not None:
                calculated[link_id] = one.calculated
                break
    scores, withheld = scores_of(outcome)
    asked, answered = outcome.progress()
    return Evaluation(
        enabled=enabled,
        calculated=MappingProxyType(calculated),
        progress=Progress(answered=answered, asked=asked),
        pages=tuple(page for page in outcome.definition.pages if _has_something(page, enabled)),
        issues=tuple(outcome.issues.values()),
        scores=scores,
        withheld_scores=withheld,
        significance=significances_of(plan, outcome.occurrences) if plan.significant else (),
        feedback=feedback_on(plan, outcome.occurrences) if plan.with_feedback else (),
        options=MappingProxyType(_options(outcome) if plan.with_options else {}),
        _settled=[outcome],
    )


def _options(outcome: Settled) -> dict[str, tuple[Option, ...]]:
    """What answerExpressions offer; nothing where one cannot be done."""
    offered: dict[str, tuple[Option, ...]] = {}
    for link_id, ready in outcome.plan.with_options.items():
        for one in outcome.occurrences.by_link_id.get(link_id, ()):
            try:
                offered[link_id] = options_from(outcome.sight.run(ready, one))
            except ExpressionError:
                offered[link_id] = ()
            break
    return offered


def _has_something(page: Page, enabled: frozenset[str]) -> bool:
    if page.group is not None and not page.items:
        return page.link_id in enabled
    return any(item.link_id in enabled and not item.is_concealed for item in page.items)


def conclude(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> Result:
    """Finish a response and say what follows from it, in one calculation: scores, colours, feedback."""
    outcome = settled(definition, response, now=now)
    return Result(finished(definition, response, outcome.occurrences), _evaluation(outcome))


def finish(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The response to send: what is not asked is left out, calculated values and item texts are filled in.

    In the questionnaire's order; status "completed". Finishing twice gives the same as finishing once.
    """
    outcome = settled(definition, response, now=now)
    return finished(definition, response, outcome.occurrences)


def scores(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> tuple[Score, ...]:
    """The calculated numbers of a response, in the questionnaire's order; none for what has no value yet.

    `conclude` and `evaluate` give them too, without calculating twice.
    """
    return scores_of(settled(definition, response, now=now))[0]
