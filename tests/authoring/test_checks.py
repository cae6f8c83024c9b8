"""Our own hints: each with a form that deserves it, and one that does not."""

from collections.abc import Iterator
from typing import Any

import pytest

from questionnaires.authoring.checks import Hint, Level, hints_of
from questionnaires.engine.issues import Both
from questionnaires.engine.score_rules import SCORE_MISSING
from tests.engine.small_forms import (
    CORE,
    calculated,
    choice,
    compiled,
    control,
    extension,
    form,
    group,
    question,
    when,
)

FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
HIDDEN = extension("questionnaire-hidden", valueBoolean=True)
LINE = [control("slider"), extension("minValue", valueInteger=0), extension("maxValue", valueInteger=10)]
AT_LEAST_ONE = extension("questionnaire-minOccurs", valueInteger=1)
LONG = "Beskriv venligst " + "hvordan det går " * 20 + "?"
HARD = (
    "Vurderer rehabiliteringsindsatsens koordinator, at funktionsevnevurderingen dokumenterer "
    "hverdagslivets aktivitetsbegrænsninger tilstrækkeligt fyldestgørende gennem hele kommunens forløb?"
)


def end(code: str, text: str) -> dict[str, Any]:
    return {"linkId": f"{code}-end", "type": "display", "text": text, "extension": [control(code)]}


def picture(**attachment: str) -> dict[str, Any]:
    media = {"contentType": "image/png", "data": "AAAA", **attachment}
    return {
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemMedia",
        "valueAttachment": media,
    }


def feedback(low: int, high: int) -> dict[str, Any]:
    return {
        "url": f"{FUT}ehealth-questionnaire-feedback",
        "extension": [
            {"url": "min", "valueInteger": low},
            {"url": "max", "valueInteger": high},
            {"url": "value", "valueString": "Godt"},
        ],
    }


def total(*items: dict[str, Any], needed: int = 0) -> dict[str, Any]:
    sum_of = "%resource.descendants().where(linkId='a').answer.value"
    rule = {"url": SCORE_MISSING, "extension": [{"url": "minimumAnswered", "valueInteger": needed}]}
    return question("sum", "decimal", extension=[calculated(sum_of), *([rule] if needed else []), *items])


def hints(*items: dict[str, Any], seconds: int | None = None) -> Iterator[Hint]:
    definition = compiled(*items)
    return hints_of(definition, form(*items), name_of_language=lambda code: Both(code, code), seconds=seconds)


def translated(text: str, **words: str) -> dict[str, Any]:
    parts = [
        {
            "url": f"{CORE}translation",
            "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": word}],
        }
        for code, word in words.items()
    ]
    return {"text": text, "_text": {"extension": parts}}


DESERVED: list[tuple[str, Level, str | None, list[dict[str, Any]]]] = [
    ("access.section", Level.SHOULD, "g", [group("g", question("a"), text="")]),
    ("access.picture", Level.SHOULD, "a", [question("a", extension=[picture()])]),
    ("access.colour", Level.SHOULD, "a", [question("a", text="Skriv i det røde felt")]),
    ("access.colour", Level.SHOULD, "a", [question("a", text="Svaret er markeret med grønt")]),
    ("access.options-alike", Level.KNOW, "a", [choice("a", "jeg har a", "jeg har b", "jeg har c")]),
    ("access.line-ends", Level.SHOULD, "a", [question("a", "integer", extension=LINE)]),
    ("access.line-ends", Level.SHOULD, "a", [question("a", "integer", extension=LINE, item=[end("lower", "Godt")])]),
    ("length.question", Level.SHOULD, "a", [question("a", text=LONG)]),
    ("length.questions", Level.KNOW, None, [question(f"q{number}") for number in range(61)]),
    ("reading.question", Level.SHOULD, "a", [question("a", text=HARD)]),
    ("reading.form", Level.SHOULD, None, [question(f"q{number}", text=HARD) for number in range(3)]),
    ("logic.required-in-rows", Level.KNOW, "a", [group("g", question("a", required=True), repeats=True)]),
    ("logic.condition-on-hidden", Level.SHOULD, "b", [
        question("a", "boolean", extension=[HIDDEN]),
        question("b", enableWhen=[when("a", "=", answerBoolean=True)]),
    ]),
    ("logic.condition-on-hidden", Level.SHOULD, "b", [
        group("g", question("a", "boolean"), extension=[HIDDEN]),
        question("b", enableWhen=[when("a", "=", answerBoolean=True)]),
    ]),
    ("logic.score-never", Level.SHOULD, "sum", [question("a", "integer", extension=[HIDDEN]), total()]),
    ("logic.score-never", Level.SHOULD, "sum", [question("a", "integer"), total(needed=2)]),
    ("logic.feedback-never", Level.SHOULD, "a", [
        question("a", "integer", extension=[extension("maxValue", valueInteger=10), feedback(11, 20)]),
    ]),
    ("language.missing", Level.SHOULD, None, [question("a", **translated("Ja", en="Yes")), question("b")]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "level", "link_id", "items"), DESERVED)
def test_a_form_that_deserves_it(
    key: str, level: Level, link_id: str | None, items: list[dict[str, Any]]
) -> None:
    found = [hint for hint in hints(*items) if hint.key == key]
    assert [(hint.level, hint.link_id) for hint in found] == [(level, link_id)]
    assert found[0].text("da") != found[0].text("en")


FINE: list[tuple[str, list[dict[str, Any]]]] = [
    ("access", [group("g", question("a"))]),
    ("access", [question("a", extension=[picture(title="En skala fra 0 til 10")])]),
    ("access", [question("a", text="Har du haft den gule feber?")]),
    ("access", [choice("a", "jeg har a", "jeg har b", "noget andet")]),
    ("access", [question("a", "integer", extension=LINE, item=[end("lower", "Godt"), end("upper", "Skidt")])]),
    ("reading", [question("a", text="Rehabiliteringsindsatsens aktivitetsbegrænsninger?")]),
    ("length", [question("a", text="Har du smerter?")]),
    ("logic", [group("g", question("a", required=True), repeats=True, extension=[AT_LEAST_ONE])]),
    ("logic", [group("g", question("a", required=True))]),
    ("logic", [
        question("a", "boolean", extension=[HIDDEN], initial=[{"valueBoolean": True}]),
        question("b", enableWhen=[when("a", "=", answerBoolean=True)]),
    ]),
    ("logic", [question("a", "integer"), total(needed=1)]),
    ("logic", [question("a", "integer", extension=[extension("maxValue", valueInteger=10), feedback(5, 20)])]),
    ("language", [question("a")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "items"), FINE)
def test_a_form_that_does_not(kind: str, items: list[dict[str, Any]]) -> None:
    assert [hint.key for hint in hints(*items) if hint.key.startswith(kind)] == []


@pytest.mark.parametrize(("seconds", "is_long"), [(None, False), (20 * 60, False), (26 * 60, True)])
def test_what_takes_long(seconds: int | None, is_long: bool) -> None:
    keys = [hint.key for hint in hints(question("a"), seconds=seconds)]
    assert ("length.minutes" in keys) is is_long


def test_what_was_changed_since_it_was_translated() -> None:
    item = question("a", **translated("Har du ondt?", en="Are you in pain?"))
    item["_text"]["extension"].append(
        {
            "url": "https://kommunalpro.dk/fhir/StructureDefinition/translated-from",
            "extension": [
                {"url": "lang", "valueCode": "en"},
                {"url": "content", "valueString": "Har du smerter?"},
            ],
        }
    )
    [hint] = [hint for hint in hints(item) if hint.key == "language.changed"]
    assert hint.words.da == "1 tekst er ændret, efter at den blev oversat til en."
