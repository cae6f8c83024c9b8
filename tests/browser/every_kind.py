"""A questionnaire with every kind of question, as long words and many options make it hard to draw."""

import base64
from typing import Any

from tests.questionnaires.test_matrix import row, table
from tests.questionnaires.test_option_search import TOWNS, options
from tests.questionnaires.test_pictures import FUT_IMAGE, media, png
from tests.uploads import asks

CORE = "http://hl7.org/fhir/StructureDefinition/"
FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"


def control(code: str) -> dict[str, Any]:
    return {
        "url": f"{CORE}questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": code}]},
    }


def ends(least: int, most: int) -> list[dict[str, Any]]:
    return [
        {"url": f"{CORE}minValue", "valueInteger": least},
        {"url": f"{CORE}maxValue", "valueInteger": most},
    ]


def word(link_id: str, text: str, code: str) -> dict[str, Any]:
    return {"linkId": link_id, "type": "display", "text": text, "extension": [control(code)]}


def coded(*labels: str) -> list[dict[str, Any]]:
    return [{"valueCoding": {"code": f"c{n}", "display": label}} for n, label in enumerate(labels)]


def ask(link_id: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "text": text, **more}


NONE_OF_THESE = {
    "valueCoding": {"code": "none", "display": "Ingen af dem"},
    "extension": [{"url": f"{CORE}questionnaire-optionExclusive", "valueBoolean": True}],
}
HELP = {
    "url": f"{FUT}ehealth-questionnaire-helpText",
    "extension": [
        {"url": "text", "valueString": "Tænk på et almindeligt døgn i den sidste uge, ikke på det værste."}
    ],
}
FEEDBACK = {
    "url": f"{FUT}ehealth-questionnaire-feedback",
    "extension": [
        {"url": "value", "valueString": "Det er mange. Tal med din læge om det."},
        {"url": "min", "valueInteger": 5},
        {"url": "max", "valueInteger": 90},
    ],
}
UNIT = {"url": f"{CORE}questionnaire-unit", "valueCoding": {"code": "kg", "display": "kg"}}
LONGEST_WORD = "Speciallægepraksisplanlægningsstabiliseringsperiode"

CHOICES = {
    "linkId": "p1",
    "type": "group",
    "text": "Sådan har du det",
    "item": [
        word("intro", "Svar, som det passer bedst. Der er ingen rigtige eller forkerte svar.", "inline"),
        ask("pain", "boolean", "Har du smerter?", required=True, extension=[HELP]),
        ask(
            "where",
            "choice",
            "Hvor gør det mest ondt?",
            required=True,
            enableWhen=[{"question": "pain", "operator": "=", "answerBoolean": True}],
            answerOption=coded(
                "Ryg", "Hofte eller knæ, også når du sidder ned eller ligger og hviler", LONGEST_WORD
            ),
        ),
        ask(
            "trouble",
            "choice",
            "Hvad har du haft besvær med i den sidste uge?",
            repeats=True,
            required=True,
            answerOption=[*coded("Trapper", "At tage tøj på", "At gå ud og handle"), NONE_OF_THESE],
        ),
        ask("why", "open-choice", "Hvorfor det, tror du?", answerOption=coded("Kulde", "Arbejde")),
        ask(
            "month",
            "choice",
            "I hvilken måned begyndte det?",
            answerOption=coded(
                *("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september"),
                *("oktober", "november", "december", "Det husker jeg ikke"),
            ),
        ),
        {
            **ask("mood", "choice", "Hvilket ansigt ligner dit humør?"),
            "answerOption": [
                {**option, "extension": [media(png(colour, (120, 120)), which="itemAnswerMedia")]}
                for option, colour in zip(coded("Glad", "Trist"), ("green", "blue"), strict=True)
            ],
        },
        ask(
            "body",
            "boolean",
            "Er det her, det gør ondt?",
            extension=[
                {
                    "url": FUT_IMAGE,
                    "extension": [
                        {"url": "content", "valueReference": {"reference": "#1"}},
                        {"url": "terms", "valueString": "CC BY 4.0"},
                    ],
                }
            ],
        ),
    ],
}
NUMBERS = {
    "linkId": "p2",
    "type": "group",
    "text": "Tal og tid",
    "item": [
        ask(
            "line",
            "integer",
            "Hvor stærke er smerterne?",
            required=True,
            extension=[control("slider"), *ends(0, 10)],
        ),
        ask(
            "vas",
            "integer",
            "Hvor godt er dit helbred i dag?",
            extension=[control("slider"), *ends(0, 100)],
            item=[
                word("vas-low", "Det værste helbred, du kan forestille dig", "lower"),
                word("vas-high", "Det bedste helbred, du kan forestille dig", "upper"),
            ],
        ),
        ask("weight", "decimal", "Hvor meget vejer du?", required=True, extension=[UNIT, *ends(20, 300)]),
        ask("days", "integer", "Hvor mange dage har du haft ondt?", extension=[FEEDBACK, *ends(0, 90)]),
        ask("since", "date", "Siden hvilken dag?", required=True),
        ask("sleep", "time", "Hvornår går du i seng?"),
        ask("fell", "dateTime", "Hvornår faldt du sidst?"),
        {
            **ask("sum", "integer", "Sidste måneds tal", readOnly=True, initial=[{"valueInteger": 7}]),
        },
    ],
}
TEXTS = {
    "linkId": "p3",
    "type": "group",
    "text": "Med dine egne ord",
    "item": [
        ask("who", "string", "Hvem hjælper dig?", required=True),
        ask("note", "text", "Hvad er det sværeste?", maxLength=60),
        ask("town", "choice", "Hvilken by bor du i?", answerOption=options(*TOWNS, count=60)),
        ask("feel", "string", "Hvad mærker du?", repeats=True),
        ask("page", "url", "Har du en hjemmeside?"),
    ],
}
GROUPS = {
    "linkId": "p4",
    "type": "group",
    "text": "Uge, medicin og billeder",
    "item": [
        table(
            row("m1", text="Har du været nedtrykt eller ked af det?", required=True),
            row(
                "m2", text="Har du haft svært ved at falde i søvn om aftenen, eller er du vågnet for tidligt?"
            ),
            row("m3", text="Har du været glad?"),
        ),
        ask(
            "med",
            "group",
            "Din medicin",
            repeats=True,
            item=[
                ask("name", "string", "Hvad hedder den?"),
                ask("daily", "boolean", "Tager du den hver dag?"),
            ],
        ),
        asks("photo", "Tag et billede af såret", kinds=("image/jpeg", "image/png")),
    ],
}
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/every-kind",
    "status": "active",
    "title": "Dit helbred og din hverdag",
    "description": "Vi spørger, så din sygeplejerske kan følge med i, hvordan det går.",
    "contained": [
        {
            "resourceType": "Binary",
            "id": "1",
            "contentType": "image/png",
            "data": base64.b64encode(png(size=(300, 200))).decode(),
        }
    ],
    "item": [CHOICES, NUMBERS, TEXTS, GROUPS],
}
