"""Strategies for sound questionnaires of any shape, and for answers to them, right and wrong."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from questionnaires.engine import AnswerValue, Definition, Item, ItemType, compile_questionnaire
from questionnaires.engine.definition import VALUE_NAMES
from tests.engine.small_forms import calculated, extension, form

UCUM = "http://unitsofmeasure.org"
QUESTIONS = [one for one in ItemType if one.is_question]
OPERATORS = ["exists", "=", "!=", ">", "<", ">=", "<="]

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "valueBoolean": st.booleans(),
    "valueInteger": st.integers(-5, 15),
    "valueDecimal": st.decimals(-5, 15, places=2).map(float),
    "valueDate": st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2026", "2026-12"]),
    "valueDateTime": st.sampled_from(
        ["2026-11-23T10:00:00+01:00", "2026-11-23", "2026", "1999-12-31T23:59:59Z"]
    ),
    "valueTime": st.sampled_from(["08:30:00", "23:59:59", "00:00:00"]),
    "valueString": st.sampled_from(["x", "et svar", "12", "X", "en\nto", "langt svar " * 9]),
    "valueUri": st.sampled_from(["https://www.sundhed.dk", "urn:x"]),
    "valueCoding": st.sampled_from([{"system": "s", "code": code} for code in "abc"] + [{"code": "a"}]),
    "valueQuantity": st.builds(
        lambda value, code: {"value": value, **({"system": UCUM, "code": code} if code else {})},
        st.integers(-5, 15),
        st.sampled_from(["kg", "g", "m", ""]),
    ),
    "valueReference": st.sampled_from([{"reference": "Patient/1"}, {"reference": "Nix/1"}, {"display": "x"}]),
    "valueAttachment": st.sampled_from(
        [{"contentType": "image/png", "data": "aGVq"}, {"url": "x"}, {"data": "!"}]
    ),
}


class Filled:
    """A form and answers to some of its questions, in the form's order."""

    def __init__(self, definition: Definition, answers: Sequence[tuple[str, Sequence[AnswerValue]]]) -> None:
        self.definition = definition
        self.answers = dict(answers)

    def __repr__(self) -> str:
        return f"Filled(compiled(*{self.definition.source['item']}), {self.answers})"


@st.composite
def conditions(draw: st.DrawFn, earlier: list[tuple[str, str]]) -> dict[str, Any]:
    """EnableWhen on questions that come before."""
    found = []
    for link_id, type_ in draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []:
        operator = draw(st.sampled_from(OPERATORS))
        name = "valueBoolean" if operator == "exists" else VALUE_NAMES[ItemType(type_)]
        if name in ("valueAttachment", "valueUri"):
            continue
        value = draw(VALUES[name])
        found.append({"question": link_id, "operator": operator, name.replace("value", "answer"): value})
    return {"enableWhen": found, "enableBehavior": draw(st.sampled_from(["all", "any"]))} if found else {}


@st.composite
def limits(draw: st.DrawFn, type_: ItemType) -> list[dict[str, Any]]:
    """Extensions that a question of this type may have."""
    found = []
    if type_ in (ItemType.INTEGER, ItemType.DECIMAL) and draw(st.booleans()):
        found.append(extension("minValue", **{VALUE_NAMES[type_]: draw(st.integers(-3, 3))}))
        found.append(extension("maxValue", **{VALUE_NAMES[type_]: draw(st.integers(4, 12))}))
    if type_ in (ItemType.DECIMAL, ItemType.QUANTITY) and draw(st.booleans()):
        found.append(extension("maxDecimalPlaces", valueInteger=1))
    if type_ in (ItemType.STRING, ItemType.TEXT) and draw(st.booleans()):
        found.append(
            extension("regex", valueString=draw(st.sampled_from(["[a-z ]+", "matches('^x')", "(a+)+b"])))
        )
    if type_ is ItemType.QUANTITY and draw(st.booleans()):
        codes = draw(st.lists(st.sampled_from(["kg", "g"]), min_size=1, unique=True))
        found.extend(
            extension("questionnaire-unitOption", valueCoding={"system": UCUM, "code": code})
            for code in codes
        )
    if draw(st.booleans()) and draw(st.booleans()):
        found.append(extension("questionnaire-hidden", valueBoolean=True))
    return found


@st.composite
def items(draw: st.DrawFn, prefix: str, depth: int, earlier: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Sibling items, with what stands below them."""
    made = []
    for number in range(draw(st.integers(1, 4 if depth else 3))):
        link_id = f"{prefix}{number}"
        made.append(draw(item(link_id, depth, earlier)))
    return made


@st.composite
def item(draw: st.DrawFn, link_id: str, depth: int, earlier: list[tuple[str, str]]) -> dict[str, Any]:
    """A question or a group."""
    kind = draw(st.sampled_from(["group", "display", *QUESTIONS, *QUESTIONS]))
    type_ = ItemType(kind)
    made: dict[str, Any] = {"linkId": link_id, "type": str(kind), "text": f"Spørgsmål {link_id}"}
    made.update(draw(conditions(list(earlier))))
    if type_ is not ItemType.DISPLAY:
        made["required"], made["repeats"] = draw(st.booleans()), draw(st.booleans())
        found = draw(limits(type_)) if type_.is_question else []
        if made["repeats"] and draw(st.booleans()):
            found.append(extension("questionnaire-minOccurs", valueInteger=2))
            found.append(extension("questionnaire-maxOccurs", valueInteger=3))
        if type_ in (ItemType.INTEGER, ItemType.DECIMAL) and earlier and draw(st.integers(0, 4)) == 0:
            source = draw(st.sampled_from(earlier))[0]
            found.append(calculated(f"%resource.repeat(item).where(linkId = '{source}').answer.count()"))
        made["extension"] = found
    if type_.is_choice:
        made["answerOption"] = [
            {"valueCoding": {"system": "s", "code": code, "display": code.upper()}} for code in "abc"
        ]
        if made["repeats"] and draw(st.booleans()):
            exclusive = extension("questionnaire-optionExclusive", valueBoolean=True)
            made["answerOption"][-1]["extension"] = [exclusive]
    if type_.is_question:
        earlier.append((link_id, kind))
    if (
        type_ is not ItemType.DISPLAY
        and depth < 3
        and (type_ is ItemType.GROUP or draw(st.integers(0, 3)) == 0)
    ):
        made["item"] = draw(items(f"{link_id}.", depth + 1, earlier))
    return made


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """A sound questionnaire."""
    definition = compile_questionnaire(form(*draw(items("q", 0, [])))).definition
    assert definition is not None
    return definition


def answer_to(asked: Item) -> st.SearchStrategy[AnswerValue]:
    """Answers that mostly fit: of the right type, or an option; now and then of another type."""
    name = VALUE_NAMES[asked.type]
    fitting: st.SearchStrategy[AnswerValue] = VALUES[name].map(lambda value: {name: value})
    if asked.options:
        chosen = st.sampled_from(asked.options).map(lambda option: option.value)
        fitting = (
            chosen
            if asked.type is ItemType.CHOICE
            else chosen | VALUES["valueString"].map(lambda text: {"valueString": text})
        )
    stray = st.sampled_from(sorted(VALUES)).flatmap(
        lambda other: VALUES[other].map(lambda value: {other: value})
    )
    return st.integers(0, 15).flatmap(lambda number: stray if number == 0 else fitting)


@st.composite
def filled(draw: st.DrawFn) -> Filled:
    """A questionnaire, and answers to most of its questions."""
    definition = draw(definitions())
    answers = []
    for asked in definition.walk():
        if asked.type.is_question and asked.calculated is None and draw(st.integers(0, 3)):
            given = draw(st.lists(answer_to(asked), min_size=1, max_size=3 if asked.repeats else 1))
            answers.append((asked.link_id, tuple(given)))
    return Filled(definition, answers)
