"""Rules between answers: written, read, held by the engine, said in words, told apart, and kept as they came."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from questionnaires import engine
from questionnaires.authoring import agreements, elements, moves, settings
from questionnaires.authoring.agreements import Agreement
from questionnaires.authoring.checks.rules import rule_hints
from questionnaires.authoring.conditions import Comparison, questions_for
from questionnaires.authoring.differences import differences
from questionnaires.authoring.reach import astray
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.authoring.tree import Source, find
from questionnaires.engine.extension_urls import CONSTRAINTS

TOLD = "Den anden dag skal ligge efter den første."
AFTER = Agreement(Comparison.GREATER, "a", None, TOLD)


def two(kind: str, other: str = "", **more: Any) -> Source:
    """A form with a question `a`, and after it `b`, which has the rules."""
    items = [
        {"linkId": "a", "type": other or kind, "text": "Første dag"},
        {"linkId": "b", "type": kind, "text": "Anden dag", **more},
    ]
    page = {"linkId": "p", "type": "group", "text": "Dage", "item": items}
    return {"resourceType": "Questionnaire", "url": "urn:uuid:x", "language": "da", "item": [page]}


def with_rules(source: Source, *rules: Agreement) -> Source:
    return agreements.with_agreements(source, "b", rules)


def found(source: Source) -> tuple[Agreement, ...]:
    return agreements.agreements_of(source, "b").found


def told(source: Source, a: str, b: str) -> list[str]:
    """What the citizen is told who writes these answers."""
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    response = engine.new_response(definition)
    for link_id, text in (("a", a), ("b", b)):
        reading = engine.read_form_values(definition.by_link_id[link_id], [text] if text else [])
        assert reading.is_readable
        response = engine.with_answers(definition, response, link_id, reading.answers)
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    finished = engine.finish(definition, response, now=at)
    issues = engine.validate(definition, finished, draft=False, now=at)
    assert {issue.link_id for issue in issues} <= {"b"}
    return [issue.text("da") for issue in issues]


@pytest.mark.parametrize(
    ("kind", "rule", "right", "wrong"),
    [
        ("date", Agreement(Comparison.GREATER, "a"), ("1-1-2026", "2-1-2026"), ("2-1-2026", "2-1-2026")),
        ("date", Agreement(Comparison.AT_LEAST, "a"), ("2-1-2026", "2-1-2026"), ("2-1-2026", "1-1-2026")),
        ("date", Agreement(Comparison.AT_MOST), ("", "27-11-2026"), ("", "28-11-2026")),
        ("date", Agreement(Comparison.LESS, "", "2026-06-01"), ("", "31-5-2026"), ("", "1-6-2026")),
        ("time", Agreement(Comparison.LESS, "a"), ("10:00", "9:00"), ("9:00", "9:00")),
        ("time", Agreement(Comparison.GREATER, "", "08:00:00"), ("", "8:01"), ("", "8:00")),
        (
            "dateTime",
            Agreement(Comparison.GREATER, "a"),
            ("1-1-2026 10:00", "1-1-2026 10:01"),
            ("1-1-2026 10:00", "1-1-2026 9:59"),
        ),
        ("integer", Agreement(Comparison.LESS, "a"), ("120", "80"), ("80", "120")),
        ("decimal", Agreement(Comparison.AT_LEAST, "", Decimal("-2.5")), ("", "-2,5"), ("", "-2,6")),
        ("integer", Agreement(Comparison.NOT_EQUALS, "", Decimal(13)), ("", "12"), ("", "13")),
        ("string", Agreement(Comparison.EQUALS, "a"), ("x", "x"), ("x", "y")),
    ],
)
def test_the_engine_holds_what_was_written_and_it_is_read_again(
    kind: str, rule: Agreement, right: tuple[str, str], wrong: tuple[str, str]
) -> None:
    given = Agreement(rule.comparison, rule.other, rule.value, TOLD)
    source = with_rules(two(kind), given)
    assert not [issue for issue in engine.compile_questionnaire(source).issues if "constraint" in issue.key]
    assert told(source, *right) == []
    assert told(source, *wrong) == [TOLD]
    if rule.other:
        assert told(source, wrong[0], "") == told(source, "", wrong[1]) == []
    (stored,) = found(source)
    assert stored == Agreement(given.comparison, given.other, given.value, TOLD, 0)
    assert with_rules(source, stored) == source
    assert with_rules(source) == two(kind)


def test_whole_numbers_and_decimals_go_together_and_nothing_else_of_two_kinds() -> None:
    assert told(with_rules(two("decimal", "integer"), AFTER), "3", "2,5") == [TOLD]
    assert agreements.questions_for(two("date", "time"), "b") == ()


def test_what_is_answered_several_times_or_stands_in_rows_is_not_offered() -> None:
    source = two("date")
    source["item"][0]["item"][0]["repeats"] = True
    assert agreements.questions_for(source, "b") == ()
    rows = two("date")
    rows["item"][0]["item"][0] = {
        "linkId": "g", "type": "group", "repeats": True, "item": [{"linkId": "a", "type": "date"}],
    }  # fmt: skip
    assert agreements.questions_for(rows, "b") == ()
    assert [one["linkId"] for one in agreements.questions_for(rows, "a")] == ["b"]


@pytest.mark.parametrize(
    "rule",
    [
        Agreement(Comparison.GREATER, "gone", None, TOLD),
        Agreement(Comparison.GREATER, "b", None, TOLD),
        Agreement(Comparison.EXISTS, "a", None, TOLD),
        Agreement(Comparison.GREATER, "", Decimal(3), TOLD),
        Agreement(Comparison.GREATER, "", "08:00:00", TOLD),
        Agreement(Comparison.GREATER, "a"),
    ],
    ids=["gone", "itself", "comparison", "a number", "a time", "no words"],
)
def test_a_rule_that_does_not_fit_is_refused(rule: Agreement) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        with_rules(two("date"), rule)


IMPORTED = {
    "url": CONSTRAINTS[0],
    "extension": [
        {"url": "key", "valueId": "k"},
        {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": "answer.value.toString().length() > 3"},
        {"url": "human", "valueString": "Skriv mere."},
    ],
}
WARNING = {
    "url": CONSTRAINTS[1],
    "extension": [
        {"url": "key", "valueId": "w"},
        {"url": "severity", "valueCode": "warning"},
        {
            "url": "expression",
            "valueExpression": {"language": "text/fhirpath", "expression": "answer.value > today()"},
        },
        {"url": "human", "valueString": "Er du sikker?"},
    ],
}


def test_imported_rules_stay_where_they_are_and_are_counted() -> None:
    source = two("date", extension=[WARNING, IMPORTED])
    assert agreements.agreements_of(source, "b") == agreements.Agreements((), 2)
    ours = with_rules(source, AFTER)
    assert find(ours, "b")["extension"][:2] == [WARNING, IMPORTED]
    assert found(ours)[0].place == 2
    assert with_rules(ours) == source


def test_a_changed_rule_keeps_its_key_its_place_and_the_translation_of_its_words() -> None:
    translated = {"url": "human", "valueString": TOLD, "_valueString": {"extension": [{"url": "urn:t"}]}}
    rule = {
        "url": CONSTRAINTS[1],
        "extension": [
            {"url": "key", "valueId": "k"},
            {"url": "severity", "valueCode": "error"},
            {
                "url": "expression",
                "valueExpression": {"language": "text/fhirpath", "expression": "answer.value > today()"},
            },
            translated,
        ],
    }
    source = two("date", extension=[rule, IMPORTED])
    (stored,) = found(source)
    changed = with_rules(source, Agreement(Comparison.LESS, "a", None, TOLD, stored.place))
    first, second = find(changed, "b")["extension"]
    assert second == IMPORTED
    assert first["extension"][2]["valueExpression"]["expression"].startswith("answer.value < %resource")
    assert first["extension"][3] == translated
    assert found(changed)[0].other == "a"


def test_a_question_that_a_rule_names_is_not_deleted_and_a_copy_names_the_copy() -> None:
    source = with_rules(two("date"), AFTER)
    with pytest.raises(CannotDo) as refusal:
        elements.deleted(source, "a")
    assert (refusal.value.reason, refusal.value.names) == (Reason.IN_USE, ("Anden dag",))
    assert "extension" not in find(elements.deleted(source, "a", with_uses=True), "b")
    copied, copy = elements.duplicated(source, "p")
    first, second = find(copied, copy)["item"]
    (rule,) = agreements.agreements_of(copied, second["linkId"]).found
    assert rule.other == first["linkId"] != "a"


def test_a_rule_decides_about_no_question_so_conditions_may_go_the_other_way() -> None:
    source = with_rules(two("date"), AFTER)
    assert [item["linkId"] for item, _after in questions_for(source, "a")] == ["b"]


def test_a_link_id_with_quotes_is_found() -> None:
    source = two("date")
    source["item"][0]["item"][0]["linkId"] = "d'a\\y"
    made = with_rules(source, Agreement(Comparison.GREATER, "d'a\\y", None, TOLD))
    assert found(made)[0].other == "d'a\\y"


@pytest.mark.parametrize(
    ("kind", "rule", "danish", "english"),
    [
        (
            "date",
            AFTER,
            "Svaret skal ligge efter svaret på »Første dag«.",
            "The answer has to be after the answer to “Første dag”.",
        ),
        (
            "date",
            Agreement(Comparison.AT_MOST),
            "Svaret må ikke ligge efter dagen i dag.",
            "The answer must not be after today.",
        ),
        (
            "date",
            Agreement(Comparison.LESS, "", "2026-06-01"),
            "Svaret skal ligge før 01-06-2026.",
            "The answer has to be before 01-06-2026.",
        ),
        (
            "decimal",
            Agreement(Comparison.GREATER, "", Decimal("2.5")),
            "Svaret skal være større end 2,5.",
            "The answer has to be more than 2.5.",
        ),
        (
            "time",
            Agreement(Comparison.AT_LEAST, "", "08:00:00"),
            "Svaret må ikke ligge før 08:00.",
            "The answer must not be before 08:00.",
        ),
    ],
)
def test_a_rule_is_a_sentence(kind: str, rule: Agreement, danish: str, english: str) -> None:
    source = two(kind)
    item, names = find(source, "b"), agreements.names_in(source)
    assert agreements.sentence_of(rule, item, names) == danish
    assert agreements.sentence_of(rule, item, names, "en") == english


def test_the_difference_says_the_rule_and_what_the_citizen_is_told() -> None:
    before = with_rules(two("date"), AFTER)
    (stored,) = found(before)
    after = with_rules(before, Agreement(Comparison.AT_MOST, "", None, "Ikke i fremtiden.", stored.place))
    assert [one.text() for one in differences(two("date"), before)] == [
        f"Ny regel for »Anden dag«: Svaret skal ligge efter svaret på »Første dag«. Borgeren får at vide: »{TOLD}«"
    ]
    assert [one.text() for one in differences(before, after)] == [
        "En regel for »Anden dag« er ændret. Nu: Svaret må ikke ligge efter dagen i dag. Borgeren får at vide: "
        f"»Ikke i fremtiden.« Før: Svaret skal ligge efter svaret på »Første dag«. Borgeren får at vide: »{TOLD}«"
    ]
    assert [one.text("en") for one in differences(after, two("date"))] == [
        "A rule for “Anden dag” was removed: The answer must not be after today. "
        "The citizen is told: “Ikke i fremtiden.”"
    ]
    imported = two("date", extension=[IMPORTED])
    assert [one.text() for one in differences(two("date"), imported)] == [
        "Ny regel for »Anden dag«: Borgeren får at vide: »Skriv mere.«"
    ]


def test_a_rule_saved_again_reaches_a_question_that_was_moved_below_an_answer() -> None:
    source = with_rules(two("date"), AFTER)
    first, second = source["item"][0]["item"]
    above = {"linkId": "c", "type": "boolean", "text": "Var du syg?", "item": [first]}
    moved = {**source, "item": [{**source["item"][0], "item": [above, second]}]}
    assert "descendants()" not in str(find(moved, "b"))
    assert "descendants()" in str(find(with_rules(moved, *found(moved)), "b"))


# --- where the other question stands ------------------------------------------------------------------------------


def beside(source: Source, *items: dict[str, Any]) -> Source:
    """The form with more at its end."""
    return {**source, "item": [*source["item"], *items]}


BELOW = {
    "linkId": "c",
    "type": "boolean",
    "text": "Var du syg?",
    "item": [{"linkId": "n", "type": "group", "text": "Om det", "item": [{"linkId": "x", "type": "string"}]}],
}
ROWS = {
    "linkId": "g",
    "type": "group",
    "text": "Forløb",
    "repeats": True,
    "item": [{"linkId": "x", "type": "string", "text": "Hvad?"}],
}


def test_a_question_moved_below_an_answer_is_still_found() -> None:
    source = with_rules(beside(two("integer"), BELOW), AFTER)
    moved = moves.moved_to(source, "a", by="n", side=moves.Side.INSIDE)
    assert told(moved, "3", "2") == [TOLD]
    assert told(moved, "2", "3") == []
    assert found(moved) == found(source)
    assert [one.text() for one in differences(source, moved) if "regel" in one.text()] == [
        "En regel for »Anden dag« er skrevet om og siger det samme: Svaret skal være større end svaret på "
        f"»Første dag«. Borgeren får at vide: »{TOLD}«"
    ]
    back = moves.moved_to(moved, "a", by="b", side=moves.Side.BEFORE)
    assert told(back, "3", "2") == [TOLD]
    assert moves.moved(source, "b", moves.Move.UP)["item"][0]["item"][0] == find(source, "b"), "nothing to do"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda one: moves.moved_to(one, "a", by="g", side=moves.Side.INSIDE), "into rows"),
        (lambda one: moves.moved_to(one, "p", by="g", side=moves.Side.INSIDE), "with what is around it"),
        (lambda one: settings.with_setting(one, "a", "repeats", True), "several answers"),
        (
            lambda one: settings.with_setting(one, "b", "repeats", True),
            "several answers that are held against it",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_rule_names_keeps_one_answer(act: Any, why: str) -> None:
    """A rule that finds several answers holds nobody to anything, or refuses everybody."""
    source = with_rules(beside(two("date"), ROWS), AFTER)
    with pytest.raises(CannotDo) as refusal:
        act(source)
    assert (refusal.value.reason, refusal.value.names) == (Reason.ONE_ANSWER_NEEDED, ("Anden dag",))
    act(with_rules(source))


def test_a_question_in_rows_may_be_held_against_one_outside() -> None:
    source = with_rules(beside(two("date"), ROWS), AFTER)
    moved = moves.moved_to(source, "b", by="g", side=moves.Side.INSIDE)
    assert found(moved) == found(source)
    assert not list(astray(moved))


def in_rows(source: Source) -> Source:
    """As an import may bring it: both questions may be answered many times."""
    return {**source, "item": [{**source["item"][0], "repeats": True}]}


def test_an_imported_rule_that_finds_several_answers_is_shown_checked_and_removed() -> None:
    source = in_rows(with_rules(two("date"), AFTER))
    assert [rule.other for rule in found(source)] == ["a"]
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    (hint,) = rule_hints(definition, source)
    assert (hint.key, hint.link_id) == ("rules.several-answers", "b")
    assert hint.text().startswith("En regel mellem svar bruger ét svar på »Første dag«, som kan få flere.")
    assert found(with_rules(source)) == ()


def test_why_a_rule_cannot_be_checked_is_said_in_words() -> None:
    source = in_rows(with_rules(two("integer"), AFTER))
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    response = engine.with_row(definition, engine.new_response(definition), "p", ("k1",))
    for row in (0, 1):
        for link_id in ("a", "b"):
            response = engine.with_answers(
                definition, response, link_id, [{"valueInteger": row}], within={"p": row}
            )
    issues = engine.validate(definition, engine.finish(definition, response), draft=False)
    assert {issue.key for issue in issues} == {"constraint.failed"}
    assert "there are 2 values to compare, not one" in issues[0].text("en")


def test_the_check_finds_a_rule_that_was_left_behind() -> None:
    """Older drafts have such rules, and files."""
    source = with_rules(two("date"), AFTER)
    first, second = source["item"][0]["item"]
    above = {"linkId": "c", "type": "boolean", "text": "Var du syg?", "item": [first]}
    moved = {**source, "item": [{**source["item"][0], "item": [above, second]}]}
    definition = engine.compile_questionnaire(moved).definition
    assert definition is not None
    (hint,) = rule_hints(definition, moved)
    assert (hint.key, hint.link_id) == ("rules.not-found", "b")
    assert not list(rule_hints(definition, with_rules(moved, *found(moved))))


def test_an_imported_rule_whose_other_question_is_not_there_is_shown_checked_and_removed() -> None:
    source = with_rules(two("date"), AFTER)
    alone = {**source, "item": [{**source["item"][0], "item": [source["item"][0]["item"][1]]}]}
    assert [rule.other for rule in found(alone)] == ["a"]
    assert (
        agreements.sentence_of(found(alone)[0], find(alone, "b"), {})
        == "Svaret skal ligge efter svaret på »a«."
    )
    definition = engine.compile_questionnaire(alone).definition
    assert definition is not None
    (hint,) = rule_hints(definition, alone)
    assert (hint.key, hint.link_id) == ("rules.gone", "b")
    assert hint.text().startswith("En regel mellem svar ser efter spørgsmålet »a«, som ikke findes")
    assert agreements.written_anew(alone, "b") == alone
    assert found(with_rules(alone)) == ()
