"""Questionnaires answered at random on the citizen's own pages, until they can be submitted.

First a form of our own with every type of item; then other people's, where they are on this machine: a sample of
them, all with KOMMUNALPRO_ALL_FORMS=1. Each form is imported as KAM would import it.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans.models import Task
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.importing import QuestionnaireRefused, import_questionnaire
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response
from tests.answering_at_random import RandomCitizen, Stuck, Walk
from tests.conformance.corpora import CORPORA, say, with_corpora
from tests.factories import CitizenFactory, PlanFactory, open_task

pytestmark = pytest.mark.django_db

FORMS = sorted((CORPORA / "questionnaires").rglob("*.json"))
SAMPLE = 20
ALL = os.environ.get("KOMMUNALPRO_ALL_FORMS") == "1"

OPTIONS = [{"valueCoding": {"code": code, "display": code.upper()}} for code in "abc"]
HL7 = "http://hl7.org/fhir/StructureDefinition"


def control(code: str) -> dict[str, Any]:
    coding = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}
    return {"url": f"{HL7}/questionnaire-itemControl", "valueCodeableConcept": {"coding": [coding]}}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{HL7}/{name}", **value}


EVERY_TYPE: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/every-type",
    "status": "active",
    "title": "Alle slags spørgsmål",
    "item": [
        {
            "linkId": "chosen",
            "type": "group",
            "text": "At vælge",
            "item": [
                {"linkId": "read", "type": "display", "text": "Læs det her først."},
                {"linkId": "picture", "type": "attachment", "text": "Et billede?", "required": True},
                {"linkId": "boolean", "type": "boolean", "text": "Ja eller nej?", "required": True},
                {
                    "linkId": "choice",
                    "type": "choice",
                    "text": "Hvilken?",
                    "required": True,
                    "answerOption": OPTIONS,
                    "enableWhen": [{"question": "boolean", "operator": "=", "answerBoolean": True}],
                },
                {
                    "linkId": "several",
                    "type": "choice",
                    "text": "Hvilke?",
                    "required": True,
                    "repeats": True,
                    "answerOption": [
                        *OPTIONS,
                        {
                            "valueCoding": {"code": "none", "display": "Ingen"},
                            "extension": [
                                extension("questionnaire-optionExclusive", valueBoolean=True),
                            ],
                        },
                    ],
                },
                {
                    "linkId": "list",
                    "type": "choice",
                    "text": "Hvilken på listen?",
                    "required": True,
                    "answerOption": [
                        {"valueCoding": {"code": f"c{n}", "display": f"Nummer {n}"}} for n in range(30)
                    ],
                },
                {
                    "linkId": "open",
                    "type": "open-choice",
                    "text": "Hvilken, eller dine egne ord?",
                    "required": True,
                    "answerOption": OPTIONS,
                },
                {
                    "linkId": "number-list",
                    "type": "integer",
                    "text": "Hvilket tal?",
                    "required": True,
                    "answerOption": [{"valueInteger": n} for n in (0, 5, 10)],
                },
            ],
        },
        {
            "linkId": "written",
            "type": "group",
            "text": "At skrive",
            "item": [
                {
                    "linkId": "integer",
                    "type": "integer",
                    "text": "Hvor mange?",
                    "required": True,
                    "extension": [
                        extension("minValue", valueInteger=2),
                        extension("maxValue", valueInteger=7),
                    ],
                },
                {
                    "linkId": "decimal",
                    "type": "decimal",
                    "text": "Hvor meget?",
                    "required": True,
                    "extension": [extension("maxDecimalPlaces", valueInteger=1)],
                },
                {
                    "linkId": "quantity",
                    "type": "quantity",
                    "text": "Hvad vejer du?",
                    "required": True,
                    "extension": [
                        extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kg"})
                    ],
                },
                {
                    "linkId": "line",
                    "type": "integer",
                    "text": "Hvor stærkt?",
                    "required": True,
                    "extension": [
                        control("slider"),
                        extension("minValue", valueInteger=0),
                        extension("maxValue", valueInteger=10),
                    ],
                },
                {"linkId": "date", "type": "date", "text": "Hvornår?", "required": True},
                {"linkId": "moment", "type": "dateTime", "text": "Præcis hvornår?", "required": True},
                {"linkId": "time", "type": "time", "text": "Hvad er klokken?", "required": True},
                {
                    "linkId": "string",
                    "type": "string",
                    "text": "Hvad er dit postnummer?",
                    "required": True,
                    "maxLength": 4,
                    "extension": [extension("regex", valueString="[0-9]{4}")],
                },
                {"linkId": "text", "type": "text", "text": "Hvad vil du fortælle?", "required": True},
                {"linkId": "url", "type": "url", "text": "Hvilken side?", "required": True},
                {"linkId": "photo", "type": "attachment", "text": "Vil du vise et billede?"},
                {"linkId": "whom", "type": "reference", "text": "Hvem?"},
            ],
        },
        {
            "linkId": "repeated",
            "type": "group",
            "text": "Din medicin",
            "repeats": True,
            "required": True,
            "item": [{"linkId": "medicine", "type": "string", "text": "Hvad tager du?", "required": True}],
        },
        {
            "linkId": "sum",
            "type": "decimal",
            "text": "I alt",
            "readOnly": True,
            "extension": [
                {
                    "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
                    "valueExpression": {
                        "language": "text/fhirpath",
                        "expression": "%resource.item.item.where(linkId='integer').answer.value",
                    },
                }
            ],
        },
    ],
}

Answered = Callable[[dict[str, Any], str], tuple[Walk, Response]]


@pytest.fixture
def answered(client_as: Callable[[CitizenActor], Client]) -> Answered:
    """Import a form, give it to a citizen, and let them answer it to the end."""

    def answer(source: dict[str, Any], seed: str) -> tuple[Walk, Response]:
        citizen: Citizen = CitizenFactory()
        task = given(source, citizen)
        client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
        walk = RandomCitizen(client, task, seed=seed).answer_everything()
        return walk, Response.objects.get(task=task)

    return answer


def given(source: dict[str, Any], citizen: Citizen) -> Task:
    """The form as a task of the citizen's. Raises QuestionnaireRefused."""
    version: QuestionnaireVersion = import_questionnaire(
        content=json.dumps(source).encode(), owner=None
    ).version
    version.status, version.published_at = PublicationStatus.ACTIVE, timezone.now()
    version.save()
    return open_task(citizen, plan=PlanFactory(weekly__version=version))


def mistakes(response: Response) -> list[engine.Issue]:
    """What the engine finds wrong with the stored response."""
    found = engine.validate(definition_of(response.version), response.document, draft=False)
    return [issue for issue in found if issue.is_error]


@pytest.mark.parametrize("seed", range(8))
def test_every_type_of_item_can_be_answered(seed: int, answered: Answered) -> None:
    walk, response = answered(EVERY_TYPE, str(seed))
    assert response.is_completed
    assert mistakes(response) == []
    definition = definition_of(response.version)
    asked = {item.link_id for item in definition.walk() if item.is_asked} - {"choice"}
    assert asked <= {name.removeprefix("a:") for name in walk.questions}
    required = {item.link_id for item in definition.walk() if item.is_asked and item.required} - {"choice"}
    assert all(engine.answers_of(response.document, link_id) for link_id in required)
    yes = engine.answers_of(response.document, "boolean") == ({"valueBoolean": True},)
    assert bool(engine.answers_of(response.document, "choice")) is yes


def test_one_that_nobody_can_answer_is_found_out(answered: Answered) -> None:
    """The test's own eyes: without them the counts below would say nothing."""
    impossible = {
        "linkId": "impossible",
        "type": "string",
        "text": "Skriv noget, der ikke findes",
        "required": True,
        "extension": [extension("regex", valueString="(?!.)x")],
    }
    source = EVERY_TYPE | {"item": [{"linkId": "p", "type": "group", "text": "P", "item": [impossible]}]}
    with pytest.raises(Stuck, match="side/1/ cannot be left"):
        answered(source, "0")


def chosen() -> list[Path]:
    """All forms, or the same few each time."""
    few = sorted(random.Random("forms").sample(FORMS, min(SAMPLE, len(FORMS))))
    return FORMS if ALL else few


@with_corpora
def test_other_peoples_questionnaires_can_be_answered(
    answered: Answered, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    stuck: dict[str, str] = {}
    pages = questions = 0
    for path in chosen():
        name = str(path.relative_to(CORPORA / "questionnaires"))
        source = json.loads(path.read_text("utf-8"))
        # Each by itself: several files hold versions of the same form.
        source["url"] = f"https://example.org/corpora/{name}"
        try:
            walk, response = answered(source, name)
        except QuestionnaireRefused as refusal:
            keys = {issue.key for issue in refusal.issues if issue.is_error} or {refusal.sentence}
            left_out[", ".join(sorted(keys))] += 1
            continue
        except Exception as fault:  # each is told below; none keeps the others from being tried
            stuck[name] = f"{type(fault).__name__}: {fault}"
            continue
        outcomes["submitted"] += 1
        pages += walk.pages
        questions += len(walk.questions)
        if found := mistakes(response):
            stuck[name] = f"the stored response has mistakes: {[issue.key for issue in found]}"
    lines = [
        f"answered at random: {len(chosen())} of {len(FORMS)} questionnaires, {outcomes['submitted']} submitted"
        f" and valid ({questions} questions on {pages} pages), {sum(left_out.values())} left out,"
        f" {len(stuck)} stuck",
        *(f"  left out for {reason}: {count} forms" for reason, count in left_out.most_common()),
        *(f"  stuck: {name}: {why}" for name, why in stuck.items()),
    ]
    say(capsys, "\n".join(lines))
    assert not stuck
    assert outcomes["submitted"] >= (49 if ALL else 10)
