"""Why a question is asked or not, in sentences with the questions' own words: for whoever builds and tries a form.

    »Hvor stærk er smerten?« vises, fordi »Har du smerter?« er »Ja«.
    »Hvor stærk er smerten?« vises ikke, fordi »Har du smerter?« er »Nej« og ikke »Ja«.

The decisions themselves are those of `settling`; nothing is decided here. An expression has no words that a nurse
would know: it is “en beregnet regel”.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .definition import AnswerValue, Behavior, Definition, EnableWhen, Item
from .display import display_value
from .enablement import answers_for
from .evaluation import Evaluation, occurrences_of
from .issues import Both
from .occurrences import Occurrence, Occurrences
from .plan import Condition, Plan, plan_of
from .vocabulary import Operator

LONGEST_NAME = 120
"""Characters of a question that a sentence repeats."""

_AMOUNTS: Mapping[Operator, tuple[Both, Both]] = {
    Operator.GREATER: (Both("mere end", "more than"), Both("efter", "after")),
    Operator.LESS: (Both("mindre end", "less than"), Both("før", "before")),
    Operator.GREATER_OR_EQUAL: (Both("mindst", "at least"), Both("tidligst", "no earlier than")),
    Operator.LESS_OR_EQUAL: (Both("højst", "at most"), Both("senest", "no later than")),
}
"""How two amounts, and two moments, are compared in words."""

_MOMENTS = frozenset({"valueDate", "valueDateTime", "valueTime"})


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition on the answers as they stand: was it met, and the part of a sentence that says so."""

    is_met: bool
    words: Both
    question: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one item is shown or not. `number`: which of several places it is in, 0 where there is one."""

    link_id: str
    name: str
    is_shown: bool
    reasons: tuple[Reason, ...]
    number: int = 0

    def text(self, language: str = "da") -> str:
        """The whole sentence, in Danish or in English."""
        return _sentence(self).text(language)


def explain(
    definition: Definition,
    response: Mapping[str, Any],
    evaluation: Evaluation,
    *,
    now: datetime | None = None,
) -> tuple[Explanation, ...]:
    """Every item with a condition of its own, in the questionnaire's order; `evaluation` is of this response."""
    occurrences = occurrences_of(definition, response, evaluation, now=now)
    plan = plan_of(definition)
    deciding = plan.conditions.keys() | plan.enabling.keys()
    found: list[Explanation] = []
    for one in occurrences.walk():
        link_id = one.layout.link_id
        if link_id not in deciding or one.item.is_concealed:
            continue
        places = occurrences.by_link_id[link_id]
        found.append(
            Explanation(
                link_id=link_id,
                name=name_of(one.item),
                is_shown=one.enabled,
                reasons=tuple(_reasons(plan, one, occurrences)),
                number=places.index(one) + 1 if len(places) > 1 else 0,
            )
        )
    return tuple(found)


def rule_in_words(definition: Definition, item: Item) -> Both | None:
    """The item's rule before anybody has answered: “Vises, når »Har du smerter?« er »Ja«.”; None without one."""
    if item.enable_when_expression is not None:
        return Both("Vises efter en beregnet regel.", "Shown by a calculated rule.")
    parts = [
        Both(
            f"»{name_of(asked)}« {_wanted(asked, condition, 'da')}",
            f"“{name_of(asked)}” {_wanted(asked, condition, 'en')}",
        )
        for condition in item.enable_when
        if (asked := definition.by_link_id.get(condition.question)) is not None
    ]
    if not parts:
        return None
    da, en = (" og ", " and ") if item.enable_behavior is Behavior.ALL else (" eller ", " or ")
    return Both(
        f"Vises, når {da.join(one.da for one in parts)}.", f"Shown when {en.join(one.en for one in parts)}."
    )


def name_of(item: Item) -> str:
    """What a sentence calls the item: its whole question, cut where that is long."""
    name = " ".join((item.text or item.label).split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


# --- reasons ------------------------------------------------------------------------------------------------------


def _reasons(plan: Plan, one: Occurrence, occurrences: Occurrences) -> Iterator[Reason]:
    """What decides it: what stands above it and is not shown, else those of its conditions that tipped the scale."""
    owner = one.scope.owner
    if owner is not None and not owner.enabled:
        name = name_of(owner.item)
        yield Reason(
            False, Both(f"»{name}«, som det hører til, ikke vises", f"“{name}”, above it, is not shown")
        )
        return
    link_id = one.layout.link_id
    if link_id in plan.enabling:
        yield Reason(
            one.holds,
            Both(
                "en beregnet regel er opfyldt" if one.holds else "en beregnet regel ikke er opfyldt",
                "a calculated rule is met" if one.holds else "a calculated rule is not met",
            ),
        )
        return
    every = [_reason(condition, one, occurrences) for condition in plan.conditions[link_id]]
    yield from (reason for reason in every if reason.is_met is one.holds)


def _reason(condition: Condition, one: Occurrence, occurrences: Occurrences) -> Reason:
    source = condition.source
    answers = answers_for(condition, one, occurrences)
    is_met = condition.test(answers)
    places = occurrences.by_link_id.get(source.question, ())
    item = places[0].item if places else None
    if item is None:
        return Reason(is_met, Both("en beregnet regel ikke er opfyldt", "a calculated rule is not met"))
    name = name_of(item)
    if not any(place.enabled for place in places):
        unseen = Both(f"»{name}« ikke vises", f"“{name}” is not shown")
        return Reason(is_met, unseen, source.question)
    return Reason(
        is_met,
        Both(
            f"»{name}« {_as_it_is(item, source, answers, is_met, 'da')}",
            f"“{name}” {_as_it_is(item, source, answers, is_met, 'en')}",
        ),
        source.question,
    )


def _as_it_is(
    item: Item, source: EnableWhen, answers: Sequence[AnswerValue], is_met: bool, language: str
) -> str:
    """What follows the question's name: “er »Nej« og ikke »Ja«”."""
    danish = language == "da"
    if not answers:
        return "ikke er besvaret" if danish else "is not answered"
    if source.operator is Operator.EXISTS:
        return "er besvaret" if danish else "is answered"
    given = _quoted([display_value(item, answer, language) for answer in answers], danish)
    wanted = _quoted([display_value(item, source.value, language)], danish)
    if source.operator in (Operator.EQUALS, Operator.NOT_EQUALS):
        is_equal = is_met is (source.operator is Operator.EQUALS)
        if is_equal:
            return f"er {wanted}" if danish else f"is {wanted}"
        return f"er {given} og ikke {wanted}" if danish else f"is {given} and not {wanted}"
    word = _comparison(source, language)
    if danish:
        return f"er {given}, og det er {'' if is_met else 'ikke '}{word} {wanted}"
    return f"is {given}, which is {'' if is_met else 'not '}{word} {wanted}"


def _wanted(item: Item, source: EnableWhen, language: str) -> str:
    """What a condition asks for: “er »Ja«”, “er mindst »5«”, “er besvaret”."""
    danish = language == "da"
    if source.operator is Operator.EXISTS:
        is_wanted = source.value.get("valueBoolean") is True
        if danish:
            return "er besvaret" if is_wanted else "ikke er besvaret"
        return "is answered" if is_wanted else "is not answered"
    wanted = _quoted([display_value(item, source.value, language)], danish)
    if source.operator is Operator.EQUALS:
        return f"er {wanted}" if danish else f"is {wanted}"
    if source.operator is Operator.NOT_EQUALS:
        return f"ikke er {wanted}" if danish else f"is not {wanted}"
    return f"{'er' if danish else 'is'} {_comparison(source, language)} {wanted}"


def _comparison(source: EnableWhen, language: str) -> str:
    amount, moment = _AMOUNTS[source.operator]
    both = moment if _MOMENTS & source.value.keys() else amount
    return both.text(language)


def _quoted(words: Sequence[str], danish: bool) -> str:
    marks = ("»", "«", " og ") if danish else ("“", "”", " and ")
    return marks[2].join(f"{marks[0]}{one}{marks[1]}" for one in words)


def _sentence(explanation: Explanation) -> Both:
    name, number = explanation.name, explanation.number
    da = f"»{name}«{f' (nr. {number})' if number else ''} {'vises' if explanation.is_shown else 'vises ikke'}"
    en = f"“{name}”{f' (no. {number})' if number else ''} {'is shown' if explanation.is_shown else 'is not shown'}"
    reasons = explanation.reasons
    if not reasons:
        return Both(f"{da}.", f"{en}.")
    return Both(
        f"{da}, fordi {' og '.join(reason.words.da for reason in reasons)}.",
        f"{en}, because {' and '.join(reason.words.en for reason in reasons)}.",
    )
