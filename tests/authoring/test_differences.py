"""What has changed from one version to the next, as a nurse reads it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.authoring.differences import by_element, differences
from questionnaires.engine import extension_urls as urls
from tests.engine.test_scoring import significance
from tests.factories import questionnaire_source

Json = dict[str, Any]


def form() -> Json:
    """The small form with two signs at the least in its text, and a choice at its end."""
    made = questionnaire_source()
    made["item"][0]["item"][2]["extension"] = [{"url": urls.MIN_LENGTH, "valueInteger": 2}]
    made["item"][0]["item"].append(
        {
            "linkId": "mood",
            "type": "choice",
            "text": "Hvordan går det?",
            "answerOption": [
                {"valueCoding": {"code": "good", "display": "Godt"}},
                {"valueCoding": {"code": "bad", "display": "Dårligt"}},
            ],
        }
    )
    return made


def items(source: Json) -> list[Json]:
    found: list[Json] = source["item"][0]["item"]
    return found


def set_(link_id: str, **more: Any) -> Callable[[Json], None]:
    def change(source: Json) -> None:
        next(one for one in items(source) if one["linkId"] == link_id).update(more)

    return change


def extended(link_id: str, extension: Json) -> Callable[[Json], None]:
    """With the extension in place of those with its address."""

    def change(source: Json) -> None:
        item = next(one for one in items(source) if one["linkId"] == link_id)
        others = [one for one in item.get("extension", ()) if one["url"] != extension["url"]]
        item["extension"] = [*others, extension]

    return change


def add(source: Json) -> None:
    items(source).insert(1, {"linkId": "sleep", "type": "boolean", "text": "Sover du godt?"})


def drop(source: Json) -> None:
    del items(source)[2]


def swap(source: Json) -> None:
    items(source).insert(0, items(source).pop(2))


def move_out(source: Json) -> None:
    source["item"].append(items(source).pop(2))


def option(source: Json) -> None:
    items(source)[3]["answerOption"][1]["valueCoding"]["display"] = "Skidt"
    items(source)[3]["answerOption"].append({"valueCoding": {"code": "so", "display": "Nogenlunde"}})


def turn_options(source: Json) -> None:
    items(source)[3]["answerOption"].reverse()


def weigh(source: Json) -> None:
    items(source)[3]["answerOption"][0]["extension"] = [{"url": urls.WEIGHTS[0], "valueDecimal": 2}]


def colour(source: Json) -> None:
    items(source)[1]["extension"] = [significance("red", (">", {"valueInteger": 5}))]


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        (lambda source: None, []),
        (lambda source: source.update(version="2", status="draft", url="x"), []),
        (lambda source: source.update(title="Ny"), ["Titlen er ændret fra »Om din dag« til »Ny«."]),
        (
            lambda source: source.update(contained=[{"id": "x"}]),
            ["Andre oplysninger om spørgeskemaet er ændret."],
        ),
        (
            set_("pain", text="Ondt?"),
            ["Teksten er ændret fra »Har du smerter?« til »Ondt?«."],
        ),
        (set_("pain", required=False), ["»Har du smerter?« skal ikke længere besvares."]),
        (set_("note", required=True), ["»Er der andet, du vil fortælle?« skal nu besvares."]),
        (
            set_("pain", type="integer"),
            ["»Har du smerter?« er nu et helt tal (før ja eller nej)."],
        ),
        (
            extended("how-much", {"url": urls.MAX_VALUES[0], "valueInteger": 5}),
            ["Den højeste værdi er nu »5« for »Hvor mange dage i denne uge?«."],
        ),
        (
            extended("note", {"url": urls.MIN_LENGTH, "valueInteger": 3}),
            [
                "Den korteste tekst, man kan skrive, er ændret fra »2« til »3« for »Er der andet, du vil fortælle?«."
            ],
        ),
        (
            extended("note", {"url": urls.REGEX, "valueString": "[A-Z]+"}),
            ["Reglen for, hvordan svaret skal se ud, er kommet til for »Er der andet, du vil fortælle?«."],
        ),
        (add, ["Spørgsmålet »Sover du godt?« er nyt under »Smerter«."]),
        (drop, ["Spørgsmålet »Er der andet, du vil fortælle?« er fjernet."]),
        (swap, ["Spørgsmålet »Er der andet, du vil fortælle?« er flyttet."]),
        (move_out, ["Spørgsmålet »Er der andet, du vil fortælle?« er flyttet."]),
        (
            option,
            [
                "Svaret »Dårligt« hedder nu »Skidt« i »Hvordan går det?«.",
                "Svaret »Nogenlunde« er nyt i »Hvordan går det?«.",
            ],
        ),
        (turn_options, ["Svarene i »Hvordan går det?« står i en anden rækkefølge."]),
        (weigh, ["Svaret »Godt« i »Hvordan går det?« tæller eller opfører sig anderledes."]),
        (colour, ["Reglerne for farver er kommet til for »Hvor mange dage i denne uge?«."]),
        (
            set_("how-much", enableWhen=[]),
            ["»Hvor mange dage i denne uge?« vises nu altid (før: når »Har du smerter?« er »Ja«)."],
        ),
        (
            set_(
                "note",
                enableBehavior="any",
                enableWhen=[
                    {"question": "how-much", "operator": ">=", "answerInteger": 3},
                    {"question": "pain", "operator": "exists", "answerBoolean": False},
                ],
            ),
            [
                "»Er der andet, du vil fortælle?« vises nu når »Hvor mange dage i denne uge?« er mindst »3«"
                " eller »Har du smerter?« ikke er besvaret (før: altid)."
            ],
        ),
        (
            set_("note", maxLength=50),
            ["Den længste tekst, man kan skrive, er ændret fra ingenting til »50«."],
        ),
        (
            set_("note", _text={"extension": []}),
            ["Andre indstillinger for »Er der andet, du vil fortælle?« er ændret, fx oversættelser."],
        ),
    ],
)
def test_changes_are_told(change: Callable[[Json], None], sentences: list[str]) -> None:
    after = form()
    change(after)
    assert [one.text() for one in differences(form(), after)] == sentences


def test_they_are_told_in_english_too() -> None:
    after = form()
    set_("pain", text="Ondt?")(after)
    [found] = differences(form(), after)
    assert found.text("en") == "The text has changed from “Har du smerter?” to “Ondt?”."


def test_sentences_stand_under_their_element() -> None:
    after = form()
    set_("pain", text="Ondt?", required=False)(after)
    after["title"] = "Ny"
    assert [(label, len(found)) for label, found in by_element(differences(form(), after))] == [
        ("", 1),
        ("Ondt?", 2),
    ]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the document at which something stands, except what says which version it is."""
    found: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        for name, part in value.items():
            if path or name not in {"url", "status", "resourceType"}:
                found += [(*path, name), *paths(part, (*path, name))]
    elif isinstance(value, list):
        for number, part in enumerate(value):
            found += [(*path, number), *paths(part, (*path, number))]
    return found


@given(path=st.sampled_from(paths(form())), new=st.sampled_from(["", "x", 7, None, [], {}, True]))
def test_nothing_changes_without_a_sentence_and_nothing_is_told_of_what_stayed(
    path: tuple[Any, ...], new: Any
) -> None:
    before, after = form(), form()
    at = after
    for step in path[:-1]:
        at = at[step]
    is_same = at[path[-1]] == new and type(at[path[-1]]) is type(new)
    at[path[-1]] = copy.deepcopy(new)
    assert bool(differences(before, after)) is not is_same
    assert bool(differences(after, before)) is not is_same
    assert not differences(after, after)
