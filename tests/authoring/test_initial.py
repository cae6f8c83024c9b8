"""What a question begins with: dates and times above all, as people write them and as FHIR does."""

from typing import Any

import pytest

from questionnaires.authoring import initial
from questionnaires.authoring.checks.logic import logic_hints
from questionnaires.authoring.differences import differences
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.engine import compile_questionnaire
from questionnaires.engine.extension_urls import MIN_VALUES


def item(kind: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    bare = {"linkId": "q", "type": kind, "text": "Hvornår?", **more}
    return {**bare, "initial": list(answers)} if answers else bare


@pytest.mark.parametrize(
    ("kind", "answer", "shown"),
    [
        ("dateTime", {"valueDateTime": "2026-12-31T14:30:00+01:00"}, "31-12-2026 14:30"),
        ("dateTime", {"valueDateTime": "2026-12-31T13:30:15Z"}, "31-12-2026 14:30"),
        ("dateTime", {"valueDateTime": "2026-12"}, "12-2026"),
        ("dateTime", {"valueDateTime": "i går"}, "i går"),
        ("time", {"valueTime": "08:30:00"}, "08:30"),
        ("time", {"valueTime": "08:30:15"}, "08:30:15"),
        ("date", {"valueDate": "2026-12"}, "2026-12"),
        ("date", {"valueString": "en anden gang"}, None),
    ],
)
def test_what_was_imported_is_shown_and_stays_as_it_was(
    kind: str, answer: dict[str, Any], shown: str | None
) -> None:
    known = item(kind, answer)
    assert initial.read_initial(known) == shown
    assert initial.write_initial(known, shown) == known


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31-12-2026 14:30", "2026-12-31T14:30:00+01:00"),
        ("1/7 2026 kl. 8", "2026-07-01T08:00:00+02:00"),
        ("31. december 2026", "2026-12-31"),
        ("31-12-26", None),
        ("31-2-2026 14:30", None),
        ("snart", None),
        ("2026", None),
    ],
)
def test_a_moment_is_read_as_the_citizens_is(text: str, expected: str | None) -> None:
    assert initial.moment_of(text) == expected
    if expected is None:
        with pytest.raises(CannotDo) as refusal:
            initial.write_initial(item("dateTime"), text)
        assert refusal.value.reason is Reason.DOES_NOT_FIT
    else:
        assert initial.write_initial(item("dateTime"), text)["initial"] == [{"valueDateTime": expected}]


def test_of_several_the_first_is_changed_and_the_others_stay() -> None:
    known = item("date", {"valueDate": "2026-01-01"}, {"valueDate": "2026-02-02"}, repeats=True)
    changed = initial.write_initial(known, "2026-03-03")
    assert changed["initial"] == [{"valueDate": "2026-03-03"}, {"valueDate": "2026-02-02"}]
    assert initial.write_initial(changed, "")["initial"] == [{"valueDate": "2026-02-02"}]


@pytest.mark.parametrize(
    ("kind", "before", "after", "danish", "english"),
    [
        (
            "date",
            (),
            ({"valueDate": "2026-12-31"},),
            "»31-12-2026« (før: ingenting)",
            "“31-12-2026” (before: nothing)",
        ),
        (
            "dateTime",
            ({"valueDateTime": "2026-12-31T14:30:00+01:00"},),
            (),
            "ingenting (før: »31-12-2026 14:30«)",
            "nothing (before: “31-12-2026 14:30”)",
        ),
        (
            "time",
            ({"valueTime": "08:30:00"},),
            ({"valueTime": "09:00:00"},),
            "»09:00« (før: »08:30«)",
            "“09:00” (before: “08:30”)",
        ),
        (
            "quantity",
            ({"valueQuantity": {"value": 2.5, "unit": "kg"}},),
            ({"valueQuantity": {"value": 3, "unit": "kg"}},),
            "»3 kg« (før: »2,5 kg«)",
            "“3 kg” (before: “2.5 kg”)",
        ),
        ("boolean", (), ({"valueBoolean": True},), "»Ja« (før: ingenting)", "“Yes” (before: nothing)"),
    ],
)
def test_the_difference_says_what_it_began_with_and_begins_with_now(
    kind: str, before: tuple[Any, ...], after: tuple[Any, ...], danish: str, english: str
) -> None:
    (found,) = differences({"item": [item(kind, *before)]}, {"item": [item(kind, *after)]})
    assert found.text() == f"»Hvornår?« begynder nu med {danish}."
    assert found.text("en") == f"“Hvornår?” now begins with {english}."


def test_a_difference_of_seconds_is_a_difference() -> None:
    one, other = ({"valueDateTime": f"2026-12-31T14:30:0{second}+01:00"} for second in (0, 1))
    (found,) = differences({"item": [item("dateTime", one)]}, {"item": [item("dateTime", other)]})
    assert found.text() == "Det, der står fra start i »Hvornår?«, er ændret."


@pytest.mark.parametrize(
    ("kind", "answer", "least", "is_outside"),
    [
        ("date", {"valueDate": "2026-01-01"}, {"valueDate": "2026-02-01"}, True),
        ("date", {"valueDate": "2026-03-01"}, {"valueDate": "2026-02-01"}, False),
        ("time", {"valueTime": "07:00:00"}, {"valueTime": "08:00:00"}, True),
        (
            "dateTime",
            {"valueDateTime": "2026-01-01T10:00:00+01:00"},
            {"valueDateTime": "2026-02-01T00:00:00+01:00"},
            True,
        ),
        ("integer", {"valueInteger": 3}, {"valueInteger": 5}, True),
    ],
)
def test_the_check_finds_a_beginning_that_may_not_be_answered(
    kind: str, answer: dict[str, Any], least: dict[str, Any], is_outside: bool
) -> None:
    question = item(kind, answer, extension=[{"url": MIN_VALUES[0], **least}])
    source = {"resourceType": "Questionnaire", "url": "urn:uuid:x", "item": [question]}
    definition = compile_questionnaire(source).definition
    assert definition is not None
    found = [(hint.key, hint.link_id) for hint in logic_hints(definition)]
    assert found == ([("logic.initial-outside", "q")] if is_outside else [])
