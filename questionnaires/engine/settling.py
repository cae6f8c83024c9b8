"""Conditions and calculations decided until nothing changes, each only when something it looks at has changed."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .definition import AnswerValue, Definition, Item
from .enablement import conditions_hold
from .expressions import answer_from, is_true
from .fhirpath import ExpressionError, NoTimeGiven
from .issues import Issue, make_issue
from .occurrences import Occurrence, Occurrences, again, lay_over
from .plan import Plan, Ready, plan_of
from .regexes import PatternTime
from .score_rules import Replacement, ScoreRule
from .sight import Sight

MOST_ROUNDS = 20
"""How often what depends on itself is decided again before it counts as never settling."""


@dataclass(slots=True)
class Settled:
    """A response with everything decided, ready to be decided anew when an answer changes.

    `issues`: by link id, expressions that could not be done. `withheld`: by link id, why a score has no value.
    `scores` is for `scoring`, which keeps there what it made of this, until something it looks at changes.
    """

    definition: Definition
    plan: Plan
    occurrences: Occurrences
    sight: Sight
    is_as_laid_over: bool = True
    issues: dict[str, Issue] = field(default_factory=dict)
    withheld: dict[str, Issue] = field(default_factory=dict)
    _progress: bytearray = field(default_factory=bytearray)
    scores: dict[str, Any] = field(default_factory=dict)
    _flipped: dict[int, Occurrence] = field(default_factory=dict)
    _queue: list[int] = field(default_factory=list)
    _queued: set[int] = field(default_factory=set)
    _later: set[int] = field(default_factory=set)
    _current: int = -1
    _only_fewer: bool = False

    def decide_all(self) -> None:
        """Decide everything from the start."""
        self._decide(self.plan.deciding)

    def change(self, response: Mapping[str, Any], link_ids: Iterable[str]) -> dict[int, Occurrence] | None:
        """Decide anew what depends on these questions, the response being the same in all else.

        Gives the occurrences that may now be enabled, calculated or answered otherwise. None where that cannot be
        told from what was: then decide all, from a response laid over anew.
        """
        plan, occurrences = self.plan, self.occurrences
        self.sight.response = response
        self.is_as_laid_over = False
        self.sight.patterns = PatternTime()
        self._flipped = {}
        waiting: set[int] = set(plan.watchers)
        for link_id in link_ids:
            if link_id in plan.circles or not again(occurrences, self.definition, response, link_id):
                return None
            self._seen_changed(link_id)
            waiting.update(plan.dependents.get(link_id, ()))
            if link_id in plan.calculating:
                waiting.add(plan.rank[link_id])
            self._flipped.update((one.index, one) for one in occurrences.by_link_id.get(link_id, ()))
        if any(plan.order[rank] in plan.circles for rank in waiting):
            return None
        self._decide(waiting, once=True)
        return None if self._later else self._flipped

    def progress(self) -> tuple[int, int]:
        """How many questions a person is asked, and how many of them are answered."""
        if not self._progress:
            self._progress = bytearray([_progress(one) for one in self.occurrences.all])
        else:
            for one in self._flipped.values():
                self._progress[one.index] = _progress(one)
        answered = self._progress.count(_ANSWERED)
        return answered + self._progress.count(_ASKED), answered

    # --- deciding -------------------------------------------------------------------------------------------------

    def _decide(self, ranks: Iterable[int], *, once: bool = False) -> None:
        """Decide items in their order, and what depends on those that changed; `once`: without a second round."""
        waiting = set(ranks)
        rounds = 0
        while waiting:
            rounds += 1
            self._only_fewer = rounds > MOST_ROUNDS
            self._queue, self._queued, self._later = sorted(waiting), waiting, set()
            while self._queue:
                self._current = heapq.heappop(self._queue)
                self._queued.discard(self._current)
                self._decide_item(self.plan.order[self._current])
            if once:
                return
            waiting = self._later

    def _seen_changed(self, link_id: str) -> None:
        self.sight.changed(link_id)
        if self.scores:
            self.scores.pop(link_id, None)
            for score in self.plan.scores_seeing.get(link_id, ()):
                self.scores.pop(score, None)

    def _touched(self, link_id: str) -> None:
        """Have everything decided (again) that looks at this item."""
        self._seen_changed(link_id)
        for rank in self.plan.dependents.get(link_id, ()):
            self._wait(rank)
        for rank in self.plan.watchers:
            self._wait(rank)

    def _wait(self, rank: int) -> None:
        if rank <= self._current:
            self._later.add(rank)
        elif rank not in self._queued:
            self._queued.add(rank)
            heapq.heappush(self._queue, rank)

    def _decide_item(self, link_id: str) -> None:
        instances = self.occurrences.by_link_id.get(link_id)
        if instances is None:
            return
        plan = self.plan
        if link_id in plan.conditions or link_id in plan.enabling:
            changed = [one for one in instances if self._holds(one) is not one.holds]
            for one in changed:
                one.holds = not one.holds
                self._propagate(one)
        ready = plan.calculating.get(link_id)
        if ready is not None:
            self._calculate(ready, link_id, instances)

    def _holds(self, occurrence: Occurrence) -> bool:
        if self._only_fewer and not occurrence.holds:
            return False
        layout = occurrence.layout
        ready = self.plan.enabling.get(layout.link_id)
        if ready is None:
            return conditions_hold(
                self.plan.conditions[layout.link_id],
                layout.item.enable_behavior,
                occurrence,
                self.occurrences,
            )
        # The expression wins over enableWhen beside it (EW-36).
        key = f"{layout.link_id} enabled"
        self.issues.pop(key, None)
        try:
            results = self.sight.run(ready, occurrence)
            return is_true(results)
        except ExpressionError as error:
            self._report("condition.failed", key, layout.item, error)
        return False

    def _propagate(self, top: Occurrence) -> None:
        """Enable or disable an occurrence and what stands below it, as far as that changes anything."""
        waiting = [top]
        touched: dict[str, None] = {}
        while waiting:
            one = waiting.pop()
            owner = one.scope.owner
            enabled = one.holds and (owner is None or owner.enabled)
            if enabled is one.enabled:
                continue
            one.enabled = enabled
            self._flipped[one.index] = one
            touched[one.layout.link_id] = None
            for scope in one.scopes:
                waiting.extend(scope.all_children)
        for link_id in touched:
            self._touched(link_id)
            if link_id in self.plan.calculating and link_id != top.layout.link_id:
                self._wait(self.plan.rank[link_id])

    # --- calculating ----------------------------------------------------------------------------------------------

    def _calculate(self, ready: Ready, link_id: str, instances: list[Occurrence]) -> None:
        self.issues.pop(link_id, None)
        self.withheld.pop(link_id, None)
        self.scores.pop(link_id, None)
        item = instances[0].item
        if self._only_fewer:
            self.issues[link_id] = make_issue(
                "expression.unsettled", item.path, link_id=link_id, label=item.label
            )
        shared: tuple[AnswerValue | None] | None = None
        changed = False
        for one in instances:
            value: AnswerValue | None = None
            if one.enabled and not self._only_fewer:
                if shared is None or ready.sees_own:
                    shared = (self._value(ready, one),)
                value = shared[0]
            if value != one.calculated:
                one.calculated = value
                self._flipped[one.index] = one
                changed = True
        if changed:
            self._touched(link_id)

    def _value(self, ready: Ready, occurrence: Occurrence) -> AnswerValue | None:
        item = occurrence.item
        rule = self.plan.score_rules.get(item.link_id)
        sight = self.sight
        try:
            if rule is not None:
                stand_ins = self._stand_ins(rule, item)
                if stand_ins is None:
                    return None
                if stand_ins:
                    sight = sight.with_stand_ins(stand_ins)
            return answer_from(sight.run(ready, occurrence), item)
        except ExpressionError as error:
            self._report("expression.failed", item.link_id, item, error)
        except TypeError:
            self.issues[item.link_id] = make_issue(
                "expression.type", item.path, link_id=item.link_id, label=item.label, type=item.type
            )
        return None

    def _stand_ins(self, rule: ScoreRule, item: Item) -> dict[str, Decimal] | None:
        """What unanswered questions count as in a score; None where too few are answered for it."""
        questions = self.plan.used_by.get(item.link_id, ())
        points = {link_id: self.sight.points(link_id) for link_id in questions}
        answered = [sum(own, Decimal(0)) for own in points.values() if own]
        needed = rule.needed(len(questions))
        if len(answered) < needed:
            self.withheld[item.link_id] = make_issue(
                "score.missing-answers",
                item.path,
                link_id=item.link_id,
                label=item.label,
                answered=len(answered),
                asked=len(questions),
                needed=needed,
            )
            return None
        if rule.replacement is Replacement.NONE or not answered:
            return {}
        mean = (
            sum(answered, Decimal(0)) / len(answered) if rule.replacement is Replacement.MEAN else Decimal(0)
        )
        return {link_id: mean for link_id, own in points.items() if not own}

    def _report(self, key: str, mark: str, item: Item, error: ExpressionError) -> None:
        if isinstance(error, NoTimeGiven):
            key = "expression.no-time"
        self.issues[mark] = make_issue(key, item.path, link_id=item.link_id, label=item.label, reason=error)


_NOT_ASKED, _ASKED, _ANSWERED = range(3)


def _progress(occurrence: Occurrence) -> int:
    if not (occurrence.layout.is_asked and occurrence.enabled):
        return _NOT_ASKED
    return _ANSWERED if occurrence.answers else _ASKED


def settled(
    definition: Definition,
    response: Mapping[str, Any],
    *,
    now: datetime | None = None,
    occurrences: Occurrences | None = None,
) -> Settled:
    """The response with everything decided. Conditions see what is calculated, calculations what is enabled (EW-39).

    `occurrences`: the response as it has just been laid over the definition, where that was done already.
    """
    plan = plan_of(definition)
    occurrences = lay_over(definition, response) if occurrences is None else occurrences
    sight = Sight(definition, plan, occurrences, response, now)
    outcome = Settled(definition, plan, occurrences, sight)
    outcome.decide_all()
    return outcome
