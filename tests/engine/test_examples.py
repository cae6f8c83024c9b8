"""The three example questionnaires of the demo: sound, scored rightly, and asked as they are meant."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kommunalpro
from questionnaires.engine import (
    Definition,
    ItemControl,
    compile_questionnaire,
    evaluate,
    finish,
    new_response,
    read_form_values,
    scores,
    validate,
    with_answers,
)

FOLDER = Path(kommunalpro.__file__).parent / "demo" / "questionnaires"


def load(name: str) -> Definition:
    compilation = compile_questionnaire(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
    assert compilation.issues == ()
    assert compilation.definition is not None
    return compilation.definition


def fill(definition: Definition, **raw: str | list[str]) -> dict[str, Any]:
    """Fill in as a citizen does: field texts by link id (with _ for .)."""
    draft = new_response(definition)
    for name, texts in raw.items():
        item = definition.by_link_id[name.replace("__", "-").replace("_", ".")]
        reading = read_form_values(item, [texts] if isinstance(texts, str) else texts)
        assert reading.issue is None
        draft = with_answers(definition, draft, item.link_id, reading.answers)
    return draft


@pytest.mark.parametrize("name", ["trivsel-5", "hverdagsliv-12", "smerte-funktion"])
def test_examples_are_sound(name: str) -> None:
    definition = load(name)
    assert definition.canonical == f"https://kommunalpro.dk/fhir/Questionnaire/{name}|1"
    assert definition.language == "da"
    assert definition.description
    assert all(page.title for page in definition.pages)
    empty = finish(definition, new_response(definition))
    assert {issue.key.partition("-")[0] for issue in validate(definition, empty, draft=False)} == {
        "answer.required"
    }


@pytest.mark.parametrize(
    ("key", "score"),
    [("hele-tiden", 100), ("naesten-hele-tiden", 80), ("over-halvdelen", 60), ("slet-ikke", 0)],
)
def test_well_being_is_the_sum_times_four(key: str, score: int) -> None:
    definition = load("trivsel-5")
    questions = [item for item in definition.walk() if item.is_asked]
    assert len(questions) == 5
    draft = new_response(definition)
    for item in questions:
        assert scores(definition, draft) == ()
        draft = with_answers(definition, draft, item.link_id, read_form_values(item, [key]).answers)
    (found,) = scores(definition, draft)
    assert (found.name, found.value, found.minimum, found.maximum) == (
        "Trivsel",
        Decimal(score),
        Decimal(0),
        Decimal(100),
    )
    done = finish(definition, draft)
    assert validate(definition, done, draft=False) == ()
    assert done["item"][-1]["answer"] == [{"valueDecimal": score}]


def test_daily_life_has_twelve_questions_on_three_pages_and_branches() -> None:
    definition = load("hverdagsliv-12")
    assert len([item for item in definition.walk() if item.is_asked]) == 12
    assert [len(list(page.walk())) for page in definition.pages] == [7, 5, 4]
    draft = fill(
        definition,
        hjem_bor="partner",
        hjem_hjaelp="nej",
        hjem_fald="nej",
        ude_gaa="45",
        ude_samvaer="dagligt",
    )
    draft = with_answers(definition, draft, "fremad.samtale", [{"valueBoolean": False}])
    assert evaluate(definition, draft).progress.asked == 7
    assert validate(definition, finish(definition, draft), draft=False) == ()
    harder = fill(
        definition,
        hjem_bor="alene",
        hjem_hjaelp="meget",
        hjem_hjaelp_hvad=["bad", "medicin"],
        hjem_fald="ja",
        hjem_fald_antal="2",
        hjem_fald_dato="3/10 2026",
        ude_gaa="5",
        ude_hjaelpemiddel="ja",
        ude_samvaer="sjaeldnere",
        ude_ensom="ofte",
        fremad_vigtigst="At kunne gå til købmanden",
        fremad_samtale="ja",
    )
    evaluation = evaluate(definition, harder)
    assert (evaluation.progress.answered, evaluation.progress.asked) == (12, 12)
    assert evaluation.is_enabled("fremad.tak")
    assert validate(definition, finish(definition, harder), draft=False) == ()


def test_pain_and_function() -> None:
    definition = load("smerte-funktion")
    line = definition.by_link_id["smerte.nu"]
    assert line.control is ItemControl.SLIDER
    assert (line.min_value, line.max_value, line.step) == (Decimal(0), Decimal(10), Decimal(1))
    assert (line.lower_label, line.upper_label) == ("Ingen smerter", "Værst tænkelige smerter")
    draft = fill(
        definition,
        smerte_nu="3",
        smerte_vaerst="8",
        smerte_hvor=["knae", "andet"],
        smerte_andet="Kæben",
        smerte_soevn="ja",
        smerte_medicin="dagligt",
        smerte_medicin_virker="lidt",
        funktion_traeder="meget",
        funktion_rejse="lidt",
        funktion_baere="ikke",
        funktion_staa="noget",
        funktion_sove="ikke",
    )
    assert evaluate(definition, draft).is_enabled("funktion.stoette")
    assert validate(definition, finish(definition, draft), draft=False) == ()
    assert {score.name: score.value for score in scores(definition, draft)} == {
        "Smerter": Decimal("5.5"),
        "Funktion": Decimal(70),
    }
    both = fill(definition, smerte_hvor=["knae", "ingen"], smerte_nu="1")
    assert [issue.key for issue in validate(definition, both, draft=True)] == ["answer.exclusive"]
    free = fill(definition, smerte_nu="0", smerte_vaerst="0", smerte_medicin="aldrig")
    evaluation = evaluate(definition, free)
    assert not any(map(evaluation.is_enabled, ("smerte.hvor", "smerte.soevn", "smerte.medicin.virker")))
