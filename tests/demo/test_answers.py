"""How people of the demo answer: every questionnaire to its end, and truer the worse or better they feel."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kommunalpro.demo import answers
from kommunalpro.demo.answers import HIGH_IS_GOOD, Respondent, filled_in
from kommunalpro.demo.history import DemoPlan
from questionnaires import engine
from questionnaires.engine import Definition

FOLDER = Path(answers.__file__).with_name("questionnaires")
LEVELS = [0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0]


def definition_of(plan: DemoPlan) -> Definition:
    compilation = engine.compile_questionnaire(json.loads((FOLDER / f"{plan}.json").read_text("utf-8")))
    assert compilation.definition is not None
    return compilation.definition


def somebody(plan: DemoPlan, level: float, person: str = "aalborg-borger-07") -> Respondent:
    return Respondent(person=person, level=level, day=date(2026, 11, 2), high_is_good=HIGH_IS_GOOD[plan])


@pytest.mark.parametrize("plan", DemoPlan)
@pytest.mark.parametrize("level", LEVELS)
def test_whoever_answers_gets_through_to_the_end(plan: DemoPlan, level: float):
    definition = definition_of(plan)
    for person in ("a", "b", "c"):
        draft = filled_in(definition, somebody(plan, level, person))
        assert not engine.has_errors(engine.validate(definition, draft, draft=False))
        evaluation = engine.evaluate(definition, draft)
        reached = {
            item.link_id
            for item in definition.walk()
            if item.is_asked and evaluation.is_enabled(item.link_id)
        }
        answered = {link_id for link_id in definition.by_link_id if engine.answers_of(draft, link_id)}
        assert answered <= reached


@pytest.mark.parametrize(
    ("plan", "score", "better"),
    [
        (DemoPlan.WELL_BEING, "trivsel.score", 1),
        (DemoPlan.PAIN, "smerte.score", -1),
        (DemoPlan.PAIN, "funktion.score", 1),
    ],
    ids=["well-being rises", "pain falls", "function rises"],
)
def test_feeling_better_shows_in_the_score(plan: DemoPlan, score: str, better: int):
    definition = definition_of(plan)

    def scored(level: float) -> float:
        finished = engine.finish(definition, filled_in(definition, somebody(plan, level)))
        return next(
            float(each.value) for each in engine.scores(definition, finished) if each.link_id == score
        )

    worst, middle, best = scored(0.1), scored(0.5), scored(0.9)
    assert better * worst < better * middle < better * best


def test_the_same_person_answers_the_same_on_the_same_day_and_lives_with_the_same_people_later():
    definition = definition_of(DemoPlan.DAILY_LIFE)
    first = somebody(DemoPlan.DAILY_LIFE, 0.5)
    assert filled_in(definition, first) == filled_in(definition, first)
    later = filled_in(definition, replace(first, day=date(2027, 3, 1), level=0.1))
    assert engine.answers_of(later, "hjem.bor") == engine.answers_of(filled_in(definition, first), "hjem.bor")


def test_a_type_without_answers_is_named():
    definition = engine.compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "status": "active",
            "item": [{"linkId": "clock", "type": "time", "text": "Hvornår står du op?"}],
        }
    ).definition
    assert definition is not None
    with pytest.raises(ValueError, match="no answers of type time"):
        filled_in(definition, somebody(DemoPlan.WELL_BEING, 0.5))
