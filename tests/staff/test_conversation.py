"""What has changed, in sentences, and what there is to talk about: by the size of the change alone."""

from decimal import Decimal
from typing import Any

from questionnaires.engine import compile_questionnaire
from staff.conversation import Difference, differences, to_talk_about
from tests.banded_form import banded_source

URL = "https://example.org/q"


def both(now: dict[str, Any], before: dict[str, Any]) -> list[Difference]:
    form = compile_questionnaire(banded_source(URL)).definition
    assert form is not None

    def document(given: dict[str, Any]) -> dict[str, Any]:
        return {"item": [{"linkId": link_id, "answer": [value]} for link_id, value in given.items()]}

    return differences((form, document(now)), (form, document(before)))


def whole(number: int) -> dict[str, Any]:
    return {"valueInteger": number}


def test_sentences_say_now_and_last_time() -> None:
    found = both({"pain": whole(7), "sleep": whole(3)}, {"pain": whole(4), "sleep": whole(3)})

    assert [one.sentence for one in found] == ["Dine smerter: 7 nu, 4 sidst"]
    assert found[0].size == Decimal("0.3")


def test_unanswered_is_said_so() -> None:
    found = both({"pain": whole(7)}, {"sleep": whole(3)})

    assert [one.sentence for one in found] == [
        "Dine smerter: 7 nu, ikke besvaret sidst",
        "Din søvn: ikke besvaret nu, 3 sidst",
    ]


def test_own_words_are_no_difference_to_count() -> None:
    assert both({"note": {"valueString": "Ro"}}, {"note": {"valueString": "Uro"}}) == []


def test_the_largest_change_comes_first_and_what_has_no_measure_last() -> None:
    kilograms = {"valueQuantity": {"value": 70, "unit": "kg"}}
    found = both(
        {"weight": kilograms, "pain": whole(5), "sleep": whole(9)}, {"pain": whole(4), "sleep": whole(2)}
    )

    assert [one.question for one in to_talk_about(found)] == ["Din søvn", "Dine smerter", "Din vægt"]
