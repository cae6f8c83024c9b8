"""DK-QFDD in and out: FUT's own documents and its own mapping of them are what ours is held against."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from questionnaires.engine import Definition, compile_questionnaire
from questionnaires.transfer.qfdd_writing import as_qfdd
from questionnaires.transfer.reading import candidates_in
from tests.engine.small_forms import calculated, choice, compiled, extension, group, question, when
from tests.questionnaires.transfer.files import CORPORA

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
RECORDED = CORPORA / "fut-exchanges" / "POST_transform-to-QRD.json"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="FUT's recorded exchanges are not here.")


def entries() -> list[dict[str, Any]]:
    body = json.loads(RECORDED.read_text())["body"]
    return [entry["resource"] for entry in body["parameter"][0]["resource"]["entry"]]


def recorded_document() -> bytes:
    """FUT's QFDD that stands beside its own questionnaire of it."""
    for entry in entries():
        for content in entry.get("content", ()) if entry["resourceType"] == "DocumentReference" else ():
            document = b64decode(content["attachment"]["data"])
            if b"74468-0" in document[:6000]:
                return document
    raise LookupError("no QFDD recorded")


def read(content: bytes) -> dict[str, Any]:
    [only] = candidates_in(content, name="skema.xml")
    assert only.refusal == ""
    document: dict[str, Any] = only.document
    return document


def questions(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if item["type"] not in ("group", "display"):
            yield item
        yield from questions(item.get("item", []))


def shape(items: list[dict[str, Any]]) -> list[Any]:
    """Groups and texts to read, without the texts: FUT keeps mark-up in them."""
    return [
        (one["type"], one.get("text") if one["type"] == "group" else "", shape(one.get("item", [])))
        for one in items
        if one["type"] in ("group", "display")
    ]


def of_decimals(value: object) -> str:
    return json.dumps(value, sort_keys=True).replace("Integer", "Decimal")


def written(definition: Definition) -> bytes:
    return as_qfdd(definition, version=1, owner="Testby Kommune", at=AT).content


@recorded
def test_fut_s_document_becomes_the_questionnaire_that_fut_makes_of_it() -> None:
    ours = read(recorded_document())
    theirs = next(entry for entry in entries() if entry["resourceType"] == "Questionnaire")

    assert ours["identifier"] == theirs["identifier"]
    assert shape(ours["item"]) == shape(theirs["item"])
    pairs = list(zip(questions(ours["item"]), questions(theirs["item"]), strict=True))
    assert len(pairs) == 10
    for our, their in pairs:
        for name in ("linkId", "code", "text", "required", "repeats", "answerOption"):
            assert (our.get(name) or None) == (their.get(name) or None), (name, our["linkId"])
        # FUT makes a decimal also of an interval of whole numbers.
        assert our["type"] == ("integer" if our["type"] == "integer" else their["type"])
        assert {of_decimals(one) for one in our["extension"]} == {
            of_decimals(one) for one in their["extension"]
        }
        assert of_decimals(our.get("enableWhen")) == of_decimals(their.get("enableWhen"))


@recorded
def test_fut_s_document_goes_out_and_comes_in_as_the_same_questionnaire() -> None:
    first = read(recorded_document())
    compilation = compile_questionnaire(first)
    assert compilation.is_usable, compilation.issues
    assert compilation.definition is not None
    again = read(written(compilation.definition))
    assert list(questions(again["item"])) == list(questions(first["item"]))
    for name in ("url", "identifier", "title", "language", "copyright", "contained"):
        assert again.get(name) == first.get(name), name


def test_what_we_build_goes_out_and_comes_in() -> None:
    definition = compiled(
        group(
            "g",
            question("yes", "boolean", required=True),
            choice("often", "a", "b", enableWhen=[when("yes", "=", answerBoolean=True)]),
            question("number", "integer", extension=[extension("minValue", valueInteger=0)]),
            question(
                "when",
                "text",
                enableWhen=[when("number", ">", answerInteger=3), when("number", "<=", answerInteger=8)],
                enableBehavior="all",
            ),
        ),
        question("last", "string"),
        copyright="© Testby",
    )
    again = read(written(definition))
    assert again["copyright"] == "© Testby"
    yes, often, number, then, last = questions(again["item"])
    assert [one["linkId"] for one in (yes, often, number, then, last)] == [
        "yes",
        "often",
        "number",
        "when",
        "last",
    ]
    assert (yes["type"], [one["valueCoding"]["display"] for one in yes["answerOption"]]) == (
        "choice",
        ["Ja", "Nej"],
    )
    assert often["enableWhen"][0]["question"] == "yes"
    assert often["enableWhen"][0]["answerCoding"]["code"] == "true"
    assert then["enableWhen"] == [
        {"question": "number", "operator": ">", "answerInteger": 3},
        {"question": "number", "operator": "<=", "answerInteger": 8},
    ]
    assert compile_questionnaire(again).is_usable


def test_what_the_format_has_no_place_for_is_told() -> None:
    definition = compiled(
        question("a", "integer"),
        question("sum", "integer", extension=[calculated("1")]),
        choice("c", "x", "y", weights=(1, 2)),
        question("d", "date", enableWhen=[when("a", "exists", answerBoolean=True)]),
        group("rows", question("r"), repeats=True),
    )
    losses = " ".join(as_qfdd(definition, version=1, owner="x", at=AT).losses)
    for word in ("Beregninger", "Point", "Datoer", "betingelse", "flere gange"):
        assert word in losses


def test_a_file_with_a_condition_on_nothing_says_so() -> None:
    definition = compiled(
        question("a", "integer"), question("b", enableWhen=[when("a", "=", answerInteger=2)])
    )
    before, criterion, after = written(definition).partition(b"<criterion")
    [only] = candidates_in(before + criterion + after.replace(b'code="a"', b'code="zz"'), name="x")
    assert "enableWhen" not in list(questions(only.document["item"]))[1]
    assert "»zz«" in only.notes[0]
