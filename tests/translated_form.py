"""A questionnaire of two pages in Danish, English and Arabic, and one text that is in Danish and Ukrainian only."""

from collections.abc import Mapping
from typing import Any

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
CORE = "http://hl7.org/fhir/StructureDefinition/"


def shadow(words: Mapping[str, str]) -> dict[str, Any]:
    """`_text` beside `text`: what it is called in other languages."""
    return {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": language},
                    {"url": "content", "valueString": text},
                ],
            }
            for language, text in words.items()
        ]
    }


def item(link_id: str, kind: str, danish: str, english: str, arabic: str, **more: Any) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "type": kind,
        "text": danish,
        "_text": shadow({"en": english, "ar": arabic}),
        **more,
    }


def option(code: str, danish: str, english: str, arabic: str) -> dict[str, Any]:
    return {
        "valueCoding": {
            "code": code,
            "display": danish,
            "_display": shadow({"en": english, "ar": arabic}),
        }
    }


WHEN_IN_PAIN = [{"question": "pain", "operator": "=", "answerBoolean": True}]
SLIDER = {
    "url": f"{CORE}questionnaire-itemControl",
    "valueCodeableConcept": {"coding": [{"code": "slider"}]},
}
TRANSLATED: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/translated",
    "status": "active",
    "language": "da",
    "title": "Om din dag",
    "_title": shadow({"en": "About your day", "ar": "عن يومك", "uk": "Про ваш день"}),
    "item": [
        item(
            "p1",
            "group",
            "Smerter",
            "Pain",
            "الألم",
            item=[
                item(
                    "pain", "boolean", "Har du smerter?", "Are you in pain?", "هل تشعر بألم؟", required=True
                ),
                item(
                    "where",
                    "choice",
                    "Hvor gør det ondt?",
                    "Where does it hurt?",
                    "أين تشعر بالألم؟",
                    enableWhen=WHEN_IN_PAIN,
                    answerOption=[
                        option("back", "Ryg", "Back", "الظهر"),
                        option("hip", "Hofte", "Hip", "الورك"),
                    ],
                ),
                item(
                    "line",
                    "integer",
                    "Hvor stærke er de?",
                    "How strong is it?",
                    "ما مدى قوته؟",
                    enableWhen=WHEN_IN_PAIN,
                    extension=[
                        SLIDER,
                        {"url": f"{CORE}minValue", "valueInteger": 0},
                        {"url": f"{CORE}maxValue", "valueInteger": 10},
                    ],
                ),
            ],
        ),
        item(
            "p2",
            "group",
            "Til sidst",
            "Finally",
            "أخيرًا",
            item=[
                item("since", "date", "Siden hvornår?", "Since when?", "منذ متى؟"),
                item("note", "text", "Er der andet?", "Anything else?", "هل هناك شيء آخر؟"),
            ],
        ),
    ],
}
