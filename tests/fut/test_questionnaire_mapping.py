"""A form on its way: what FHIR and SDC say in other ways is said in the platform's, and nothing asked is lost."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fut import mapping
from fut import terminology as t
from fut.errors import MappingInvalid
from fut.profiles import extensions, values_at
from fut.validation import problems

from .conftest import ROOT
from .people import ORGANIZATION, a_questionnaire

Json = dict[str, Any]


def travelling(*items: Json, **elements: Any) -> Json:
    """The form as the platform gets it; it keeps the profile."""
    source = {"resourceType": "Questionnaire", "status": "draft", "item": list(items), **elements}
    resource = mapping.definition(a_questionnaire(source=source), owner=ORGANIZATION)
    assert problems(resource) == []
    return resource


def question(*extensions: Json, **elements: Any) -> Json:
    given = {"linkId": "1", "type": "integer", "text": "Hvor ondt gør det?", **elements}
    return {**given, "extension": list(extensions)} if extensions else given


def shown_as(code: str) -> Json:
    coding = {"system": t.CS_ITEM_CONTROL, "code": code}
    return {"url": t.EXT_ITEM_CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def beside(code: str, text: str, link_id: str = "1.hjælp", **elements: Any) -> Json:
    return {
        "linkId": link_id,
        "type": "display",
        "text": text,
        "extension": [shown_as(code)],
        **elements,
    }


def parts(found: Mapping[str, Any]) -> dict[str, str]:
    return {part["url"]: part["valueString"] for part in found["extension"]}


@pytest.mark.parametrize("code", ["help", "flyover"])
def test_help_beside_a_question_becomes_its_help_text(code: str) -> None:
    xhtml = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Tag et tal.</p></div>'
    shadow = {"extension": [{"url": t.EXT_XHTML, "valueString": xhtml}]}

    resource = travelling(question(item=[beside(code, "Tag et tal.", _text=shadow)]))

    (item,) = resource["item"]
    (found,) = extensions(item, t.EXT_HELP_TEXT)
    assert parts(found) == {"text": "Tag et tal.", "xhtml": xhtml}
    assert "item" not in item


def test_a_help_text_of_the_platforms_own_stays() -> None:
    own = {"url": t.EXT_HELP_TEXT, "extension": [{"url": "text", "valueString": "Kort"}]}

    (item,) = travelling(question(own, item=[beside("help", "Langt")]))["item"]

    assert [parts(one) for one in extensions(item, t.EXT_HELP_TEXT)] == [{"text": "Kort"}]


def test_what_a_slider_says_at_its_ends_is_still_there() -> None:
    ends = [beside("lower", "Ingen smerter", "1.lav"), beside("upper", "Værst tænkelige", "1.høj")]

    (item,) = travelling(question(shown_as("slider"), item=ends))["item"]

    assert [one["text"] for one in item["item"]] == ["Ingen smerter", "Værst tænkelige"]
    assert values_at(item["item"], "extension") == []
    assert extensions(item, t.EXT_ITEM_CONTROL) == [shown_as("slider")]


@pytest.mark.parametrize(
    ("url", "number", "repeats", "kept"),
    [
        (t.EXT_MIN_OCCURS, 2, True, True),
        (t.EXT_MAX_OCCURS, 3, True, True),
        (t.EXT_MIN_OCCURS, 1, True, False),
        (t.EXT_MAX_OCCURS, 1, False, False),
        (t.EXT_MAX_OCCURS, 2, False, False),
    ],
)
def test_counts_are_said_above_one_only(url: str, number: int, repeats: bool, kept: bool) -> None:
    count = {"url": url, "valueInteger": number}

    (item,) = travelling(question(count, repeats=repeats))["item"]

    assert extensions(item, url) == ([count] if kept else [])


@pytest.mark.parametrize("place", ["item", "text"])
@pytest.mark.parametrize("url", [t.EXT_SDC_SHORT_TEXT, t.EXT_SHORT_TEXT])
def test_a_short_text_is_the_platforms(place: str, url: str) -> None:
    short = {"url": url, "valueString": "Smerter nu"}
    asked = question(short) if place == "item" else question(_text={"extension": [short]})

    (item,) = travelling(asked)["item"]

    assert [one["valueString"] for one in extensions(item, t.EXT_SHORT_TEXT)] == ["Smerter nu"]


def picture(**attachment: str) -> Json:
    return {"url": t.EXT_SDC_MEDIA[0], "valueAttachment": {"contentType": "image/png", **attachment}}


def test_a_picture_is_contained_as_a_binary() -> None:
    option = {"valueString": "Knæ", "extension": [picture(data="b3B0aW9u")]}

    resource = travelling(question(picture(data="aXRl\nbQ=="), type="choice", answerOption=[option]))

    (item,) = resource["item"]
    contained = {f"#{one['id']}": one for one in resource["contained"]}
    for node, data in ((item, "aXRlbQ=="), (item["answerOption"][0], "b3B0aW9u")):
        (found,) = extensions(node, t.EXT_IMAGE)
        (reference,) = values_at(found, "extension.valueReference.reference")
        assert contained[reference] == {
            "resourceType": "Binary",
            "id": reference.removeprefix("#"),
            "contentType": "image/png",
            "data": data,
        }


def test_a_picture_elsewhere_stays_elsewhere() -> None:
    there = picture(url="https://example.org/knee.png")

    resource = travelling(question(there))

    assert "contained" not in resource
    assert resource["item"][0]["extension"] == [there]


def test_the_guides_name_of_a_condition_is_its_address() -> None:
    condition = [{"url": "operator", "valueCode": ">="}, {"url": "value", "valueInteger": 8}]
    colour = {"system": t.CS_SIGNIFICANCE, "code": "red"}
    meaning = {
        "url": t.EXT_ANSWER_SIGNIFICANCE,
        "extension": [
            {"url": "answerCondition", "extension": condition},
            {"url": "significance", "valueCoding": colour},
        ],
    }

    (item,) = travelling(question(meaning))["item"]

    assert [one["url"] for one in item["extension"][0]["extension"]] == [
        t.EXT_ANSWER_CONDITION,
        "significance",
    ]


def test_a_meaning_that_the_platform_does_not_know_does_not_leave() -> None:
    meaning = {
        "url": t.EXT_ANSWER_SIGNIFICANCE,
        "extension": [{"url": "significance", "valueCoding": {"system": t.CS_SIGNIFICANCE, "code": "blue"}}],
    }

    with pytest.raises(MappingInvalid, match="answerSignificance"):
        travelling(question(meaning))


def questions(node: Json) -> Iterator[str]:
    for item in node.get("item", ()):
        if item["type"] not in {"group", "display"}:
            yield item["linkId"]
        yield from questions(item)


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "kommunalpro" / "demo" / "questionnaires").glob("*.json")),
    ids=lambda path: path.stem,
)
def test_our_own_forms_travel_with_every_question(path: Path) -> None:
    source = json.loads(path.read_text())

    resource = mapping.definition(a_questionnaire(source=source), owner=ORGANIZATION)

    assert problems(resource) == []
    assert list(questions(resource)) == list(questions(source))
