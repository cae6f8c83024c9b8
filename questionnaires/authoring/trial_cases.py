"""Test cases of a form: answers, and what has to follow from them, whatever is changed in the form later.

    case = Case(items=…, scores={"sum": Decimal(12)}, shown=("where",), hidden=("why",), names=…, at=…)
    run_test(definition, case)        -> what differs, each in a sentence; () where the test is passed

A case belongs to the questionnaire, not to one version of it: it is run on each draft as that stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from questionnaires.engine import (
    Definition,
    Evaluation,
    evaluate,
    every_answer,
    occurrences_of,
    outer_rows,
    validate,
    with_answers,
)
from questionnaires.engine.display import number_text
from questionnaires.engine.explaining import name_of
from questionnaires.engine.issues import Both
from questionnaires.engine.plan import plan_of


@dataclass(frozen=True, slots=True)
class Case:
    """Answers and what is expected of them.

    `items` is the item tree of a QuestionnaireResponse. `scores`: by link id, None for one that must have no value.
    `shown` and `hidden`: link ids of questions that come and go. `names`: what each link id was called when the case
    was made, for the day it is gone. `at` (aware) is what `today()` means: a case is passed next year as well.
    """

    items: Sequence[Mapping[str, Any]]
    at: datetime
    scores: Mapping[str, Decimal | None] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be. `key` names the kind: gone, answer, score, shown, hidden."""

    key: str
    link_id: str
    words: Both

    def text(self, language: str = "da") -> str:
        """The sentence, in Danish or in English."""
        return self.words.text(language)


def case_of(definition: Definition, response: Mapping[str, Any], *, at: datetime) -> Case:
    """The case that says: as it is now, so it shall be."""
    evaluation = evaluate(definition, response, now=at)
    may_go = tuple(questions_that_come_and_go(definition))
    scores: dict[str, Decimal | None] = {score.link_id: score.value for score in evaluation.scores}
    scores.update(dict.fromkeys(one.link_id for one in evaluation.withheld_scores))
    named = {*scores, *may_go, *every_answer(response)}
    return Case(
        items=response.get("item", ()),
        at=at,
        scores=scores,
        shown=tuple(link_id for link_id in may_go if evaluation.is_enabled(link_id)),
        hidden=tuple(link_id for link_id in may_go if not evaluation.is_enabled(link_id)),
        names={link_id: name_of(item) for link_id, item in definition.by_link_id.items() if link_id in named},
    )


def questions_that_come_and_go(definition: Definition) -> Iterator[str]:
    """The link ids of questions with a condition of their own or above them, in the questionnaire's order."""
    plan = plan_of(definition)
    deciding = plan.conditions.keys() | plan.enabling.keys()
    for item in definition.walk():
        if item.is_asked and not deciding.isdisjoint((item.link_id, *definition.ancestors(item.link_id))):
            yield item.link_id


def run_test(definition: Definition, case: Case) -> tuple[Difference, ...]:
    """What differs from what the case expects, in the order gone, answers, scores, questions; () if it is passed."""
    answers = every_answer({"item": case.items})
    response = placed(definition, case)
    evaluation = evaluate(definition, response, now=case.at)
    return (
        *_gone(definition, case, answers),
        *_answers(definition, response, case),
        *_scores(definition, evaluation, case),
        *_questions(definition, evaluation, case),
    )


def placed(definition: Definition, case: Case) -> dict[str, Any]:
    """The case's answers as a draft; each where its question stands now, should some have been moved or be gone."""
    answers = every_answer({"item": case.items})
    head = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    response = {**head, "item": list(case.items)}
    laid = occurrences_of(definition, response, evaluate(definition, response, now=case.at), now=case.at)
    asked = [link_id for link_id, item in definition.by_link_id.items() if item.calculated is None]
    if all(
        link_id in definition.by_link_id
        and (link_id not in asked or any(one.answers for one in laid.by_link_id.get(link_id, ())))
        for link_id in answers
    ):
        return response
    response = {**head, "item": []}
    for link_id in asked:
        if link_id in answers and not outer_rows(definition, link_id):
            response = with_answers(definition, response, link_id, answers[link_id])
    return response


def _gone(definition: Definition, case: Case, answers: Mapping[str, Any]) -> Iterator[Difference]:
    for link_id in dict.fromkeys((*answers, *case.shown, *case.hidden)):
        if link_id not in definition.by_link_id:
            name = _name(definition, case, link_id)
            yield Difference(
                "gone",
                link_id,
                Both(
                    f"Spørgsmålet »{name}« findes ikke mere.",
                    f"The question “{name}” does not exist any more.",
                ),
            )


def _answers(definition: Definition, response: Mapping[str, Any], case: Case) -> Iterator[Difference]:
    """Answers that can no longer be given: an option that is gone, a number past a bound that was moved."""
    for issue in validate(definition, response, draft=True, now=case.at):
        if not issue.is_error or issue.link_id is None or issue.link_id not in definition.by_link_id:
            continue
        name = _name(definition, case, issue.link_id)
        yield Difference(
            "answer",
            issue.link_id,
            Both(
                f"Prøvens svar på »{name}« kan ikke gives mere: {issue.text_da}",
                f"The test's answer to “{name}” cannot be given any more: {issue.text_en}",
            ),
        )


def _scores(definition: Definition, evaluation: Evaluation, case: Case) -> Iterator[Difference]:
    found = {score.link_id: score.value for score in evaluation.scores}
    for link_id, wanted in case.scores.items():
        name = _name(definition, case, link_id)
        item = definition.by_link_id.get(link_id)
        value = found.get(link_id)
        if item is None or item.calculated is None:
            words = Both(f"Scoren »{name}« findes ikke mere.", f"The score “{name}” does not exist any more.")
        elif value == wanted:
            continue
        elif wanted is None and value is not None:
            words = Both(
                f"»{name}« skulle ikke have nogen værdi, men er {number_text(value)}.",
                f"“{name}” should have no value, but is {number_text(value, 'en')}.",
            )
        elif value is None and wanted is not None:
            words = Both(
                f"»{name}« skulle være {number_text(wanted)}, men har ingen værdi.",
                f"“{name}” should be {number_text(wanted, 'en')}, but has no value.",
            )
        else:
            words = Both(
                f"»{name}« skulle være {number_text(wanted or Decimal(0))}, men er {number_text(value or Decimal(0))}.",
                f"“{name}” should be {number_text(wanted or Decimal(0), 'en')}, "
                f"but is {number_text(value or Decimal(0), 'en')}.",
            )
        yield Difference("score", link_id, words)


def _questions(definition: Definition, evaluation: Evaluation, case: Case) -> Iterator[Difference]:
    for link_id in case.shown:
        if link_id in definition.by_link_id and not evaluation.is_enabled(link_id):
            name = _name(definition, case, link_id)
            yield Difference(
                "shown",
                link_id,
                Both(
                    f"»{name}« skulle vises, men vises ikke.", f"“{name}” should be shown, but is not shown."
                ),
            )
    for link_id in case.hidden:
        if link_id in definition.by_link_id and evaluation.is_enabled(link_id):
            name = _name(definition, case, link_id)
            yield Difference(
                "hidden",
                link_id,
                Both(
                    f"»{name}« skulle ikke vises, men vises.", f"“{name}” should not be shown, but is shown."
                ),
            )


def _name(definition: Definition, case: Case, link_id: str) -> str:
    item = definition.by_link_id.get(link_id)
    return name_of(item) if item is not None else case.names.get(link_id, link_id)
