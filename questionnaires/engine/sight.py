"""What expressions see while a response is decided: items by link id, variables, and the whole as a last resort."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .definition import AnswerValue, Definition
from .direct import NotDirect
from .fhirpath import ExpressionError, item_node, plain, run_tree
from .lookups import Lookup
from .occurrences import Occurrence, Occurrences
from .plan import Plan, Ready, VariableKey
from .regexes import PatternTime
from .response_tree import StandIns, item_of, items_of
from .values import decimal_of

_VOCABULARIES = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


@dataclass(slots=True)
class Sight:
    """The answers of one response as expressions see them, now: only what is enabled.

    `stand_ins` is what unanswered questions count as in a score whose rule says so. `patterns` is the time left for
    the patterns of all expressions together.
    """

    definition: Definition
    plan: Plan
    occurrences: Occurrences
    response: Mapping[str, Any]
    now: datetime | None = None
    stand_ins: StandIns = field(default_factory=dict)
    patterns: PatternTime = field(default_factory=PatternTime)
    _whole: dict[str, Any] | None = None
    _variables: dict[tuple[VariableKey, int], list[Any] | ExpressionError] = field(default_factory=dict)

    def changed(self, link_id: str) -> None:
        """Forget what was seen of an item, whose answers or enablement changed."""
        self._whole = None
        if self._variables:
            gone = {*self.plan.variables_seeing.get(link_id, ()), *self.plan.variables_seeing_all}
            if gone:
                self._variables = {key: value for key, value in self._variables.items() if key[0] not in gone}

    def run(self, ready: Ready, at: Occurrence | None) -> list[Any]:
        """What an expression gives on this occurrence of its item, plain. Raises ExpressionError."""
        surroundings = Standpoint(self, ready, at)
        if ready.direct is not None:
            try:
                return ready.direct(surroundings)
            except NotDirect:
                pass  # the evaluator says what these answers give
            except ArithmeticError as error:
                raise ExpressionError(str(error) or type(error).__name__) from error
        return plain(self._evaluated(ready, surroundings))

    def _value(self, ready: Ready, owner: Occurrence | None) -> list[Any]:
        """The value of a variable, as nodes where it is of the response: what is made of it may go on from there."""
        surroundings = Standpoint(self, ready, owner)
        if ready.direct is not None:
            try:
                values = ready.direct(surroundings)
                if not any(isinstance(value, str) for value in values):  # a text may be a date there
                    return values
            except (NotDirect, ArithmeticError):
                pass
        return self._evaluated(ready, surroundings)

    def _evaluated(self, ready: Ready, surroundings: "Standpoint") -> list[Any]:
        focus = surroundings.start() if ready.needs_start else None
        return run_tree(ready.tree, focus, surroundings, self.now, self.patterns)

    def whole(self) -> dict[str, Any]:
        """The whole response, written out once until something changes."""
        if self._whole is None:
            self._whole = {name: value for name, value in self.response.items() if name != "item"}
            self._whole["resourceType"] = "QuestionnaireResponse"
            self._whole["item"] = items_of(self.occurrences.top, self.stand_ins)
        return self._whole

    def with_stand_ins(self, stand_ins: StandIns) -> "Sight":
        """The same answers with something standing in for those that are missing."""
        return Sight(
            self.definition, self.plan, self.occurrences, self.response, self.now, stand_ins, self.patterns
        )

    def found(self, lookup: Lookup, at: Occurrence | None) -> list[Occurrence]:
        """The occurrences that an expression's way leads to, in the order FHIRPath gives them; disabled ones too."""
        if lookup.is_own:
            if at is None:
                return []
            return [at] if lookup.links is None else self._within(at, lookup.links)
        by_link_id = self.occurrences.by_link_id
        links = lookup.links or ()
        if len(links) == 1:
            return by_link_id.get(links[0], [])
        return self._in_order([one for link_id in links for one in by_link_id.get(link_id, ())])

    def _within(self, at: Occurrence, links: Sequence[str]) -> list[Occurrence]:
        wanted, found = frozenset(links), []
        waiting = [at]
        while waiting:
            for scope in waiting.pop().scopes:
                for child in scope.all_children:
                    if child.layout.link_id in wanted:
                        found.append(child)
                    waiting.append(child)
        return self._in_order(found)

    def _in_order(self, found: list[Occurrence]) -> list[Occurrence]:
        """Level by level, and within a level as written: so `repeat()` and `descendants()` give them."""
        depths = self.plan.depths
        return sorted(found, key=lambda one: (depths[one.layout.link_id], one.index))

    def variable(self, key: VariableKey, at: Occurrence | None) -> list[Any]:
        """The value of a variable as seen from an occurrence at or below where it is declared.

        Goes without recursion through the variables it uses. Raises ExpressionError.
        """
        wanted = self._placed(key, at)
        waiting = [wanted]
        while waiting:
            current = waiting[-1]
            known, owner = current[0], current[1]
            mark = known, -1 if owner is None else owner.index
            if mark in self._variables:
                waiting.pop()
                continue
            ready = self.plan.variables[known]
            if isinstance(ready, ExpressionError):
                self._variables[mark] = ready
                continue
            needed = [self._placed(other, owner) for other in ready.variables.values()]
            missing = [
                one
                for one in needed
                if (one[0], -1 if one[1] is None else one[1].index) not in self._variables
            ]
            if missing:
                waiting.extend(missing)
                continue
            try:
                self._variables[mark] = self._value(ready, owner)
            except ExpressionError as error:
                self._variables[mark] = error
        value = self._variables[wanted[0], -1 if wanted[1] is None else wanted[1].index]
        if isinstance(value, ExpressionError):
            raise value
        return value

    def _placed(self, key: VariableKey, at: Occurrence | None) -> tuple[VariableKey, Occurrence | None]:
        """A variable with the occurrence of the item it is declared on."""
        owner = at if key[0] is not None else None
        while owner is not None and owner.layout.link_id != key[0]:
            owner = owner.scope.owner
        return key, owner

    def points(self, link_id: str) -> list[Decimal]:
        """What the answers to a question count in a score: their scores, or the numbers themselves."""
        points: list[Decimal] = []
        for occurrence in self.occurrences.by_link_id.get(link_id, ()):
            for answer in occurrence.effective if occurrence.enabled else ():
                weight = occurrence.layout.weigh(answer)
                if weight is None:
                    ((_, value),) = answer.items()
                    weight = decimal_of(value.get("value") if isinstance(value, Mapping) else value)
                if weight is not None:
                    points.append(weight)
        return points


@dataclass(slots=True)
class Standpoint:
    """The names that one expression sees on one occurrence."""

    sight: Sight
    ready: Ready
    at: Occurrence | None

    def start(self) -> Any:
        """Where an expression begins that does not say it: at its own item, or at the response."""
        if self.ready.own is None or self.at is None:
            return self.sight.whole()
        return item_node(item_of(self.at, self.sight.stand_ins) or {"linkId": self.ready.own})

    def __contains__(self, name: str) -> bool:
        return name.startswith("#") or name in self.ready.variables or name in _KNOWN or name in _VOCABULARIES

    def __getitem__(self, name: str) -> Any:
        if name.startswith("#"):
            return self._nodes(self.ready.lookups[int(name[1:])])
        key = self.ready.variables.get(name)
        if key is not None:
            return self.sight.variable(key, self.at)
        match name:
            case "resource" | "rootResource":
                return self.sight.whole()
            case "context":
                return self.start()
            case "questionnaire":
                return dict(self.sight.definition.source)
            case "qitem" | "qItem":
                return self.sight.plan.json_items.get(self.ready.own or "")
        return _VOCABULARIES[name]

    def _nodes(self, lookup: Lookup) -> list[Any]:
        found = (item_of(one, self.sight.stand_ins) for one in self.sight.found(lookup, self.at))
        items = [item for item in found if item is not None]
        if lookup.links is None:
            items = items or [{"linkId": self.ready.own}]
        if lookup.distinct and len(items) > 1:
            items = list({json.dumps(item, sort_keys=True, default=str): item for item in items}.values())
        return [item_node(item) for item in items]

    def answers(self, lookup: Lookup) -> list[tuple[AnswerValue, Decimal | None]]:
        """The answers that a direct calculation sees, with the score of each."""
        found = self.sight.found(lookup, self.at)
        if lookup.distinct and len(found) > len(lookup.links or ()):
            raise NotDirect  # equal instances count once there
        answers: list[tuple[AnswerValue, Decimal | None]] = []
        for one in found:
            stand_in = self.sight.stand_ins.get(one.layout.link_id)
            if stand_in is not None:
                answers.append(({"valueDecimal": stand_in}, stand_in))
                continue
            weigh = one.layout.weigh
            effective = one.effective if one.enabled else ()
            answers.extend((answer, weigh(answer)) for answer in effective)
        return answers

    def variable(self, name: str) -> list[Any]:
        """The value of a variable for a direct calculation, where it is simple."""
        if name not in self.ready.variables:
            raise NotDirect
        values = plain(self.sight.variable(self.ready.variables[name], self.at))
        if not all(isinstance(value, str | int | Decimal) for value in values):
            raise NotDirect
        return values


_KNOWN = frozenset({"resource", "rootResource", "context", "questionnaire", "qitem", "qItem"})
