"""What can never happen, or never be got past, in a form that is right as FHIR: conditions, rows, scores, feedback."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from questionnaires.authoring.checks.hints import Hint, Level
from questionnaires.engine import Definition, Item, Operator, has_rows, in_own_unit
from questionnaires.engine.display import display_value, number_text
from questionnaires.engine.explaining import name_of
from questionnaires.engine.issues import Both
from questionnaires.engine.plan import plan_of
from questionnaires.engine.ranges import is_outside


def logic_hints(definition: Definition) -> Iterator[Hint]:
    """All of them, in the questionnaire's order."""
    for item in definition.walk():
        yield from _required_in_rows(definition, item)
        yield from _on_hidden(definition, item)
        yield from _score(definition, item)
        yield from _feedback(item)
        yield from _initial(item)
        yield from _units(definition, item)
        yield from _units_apart(item)


def _required_in_rows(definition: Definition, item: Item) -> Iterator[Hint]:
    if not (item.required and item.is_asked):
        return
    rows = next(
        (up for link in definition.ancestors(item.link_id) if has_rows(up := definition.by_link_id[link])),
        None,
    )
    if rows is not None and not rows.min_occurs:
        yield _hint(
            item,
            Level.KNOW,
            "logic.required-in-rows",
            f"Spørgsmålet skal besvares og står i »{name_of(rows)}«, som kan udfyldes flere gange. Det gælder for hver "
            "gang, også den første, som borgeren måske ikke har brug for.",
            f"The question has to be answered and stands in “{name_of(rows)}”, which can be filled in several times. "
            "That holds for each, also the first, which citizens may not need.",
        )


def _on_hidden(definition: Definition, item: Item) -> Iterator[Hint]:
    for condition in item.enable_when:
        asked = definition.by_link_id.get(condition.question)
        if asked is None or not _is_never_answered(definition, asked):
            continue
        waits_for_none = (
            condition.operator is Operator.EXISTS and condition.value.get("valueBoolean") is False
        ) or condition.operator is Operator.NOT_EQUALS
        words = (
            Both("Den er derfor altid opfyldt.", "It is therefore always met.")
            if waits_for_none
            else Both("Den bliver derfor aldrig opfyldt.", "It is therefore never met.")
        )
        yield _hint(
            item,
            Level.SHOULD,
            "logic.condition-on-hidden",
            f"Betingelsen ser på »{name_of(asked)}«, som borgeren aldrig får vist. {words.da}",
            f"The condition looks at “{name_of(asked)}”, which citizens are never shown. {words.en}",
        )


def _is_never_answered(definition: Definition, item: Item) -> bool:
    """Hidden, or inside something hidden, and without an answer of its own making."""
    if not item.type.is_question:
        return False
    if item.calculated is not None or item.initial or item.initial_expression is not None:
        return False
    above = (definition.by_link_id[link_id] for link_id in definition.ancestors(item.link_id))
    return item.is_concealed or any(one.is_concealed for one in above)


def _score(definition: Definition, item: Item) -> Iterator[Hint]:
    if item.calculated is None or not item.type.is_numeric:
        return
    plan = plan_of(definition)
    used = [
        definition.by_link_id[link]
        for link in plan.used_by.get(item.link_id, ())
        if link in definition.by_link_id
    ]
    if not used:
        return
    usable = [one for one in used if not _is_never_answered(definition, one)]
    rule = plan.score_rules.get(item.link_id)
    needed = rule.needed(len(used)) if rule is not None else 0
    if not usable or len(usable) < needed:
        yield _hint(
            item,
            Level.SHOULD,
            "logic.score-never",
            f"Scoren kan aldrig regnes ud: kun {len(usable)} af dens {len(used)} spørgsmål bliver stillet"
            + (f", og den kræver {needed}." if needed else "."),
            f"The score can never be calculated: only {len(usable)} of its {len(used)} questions are asked"
            + (f", and it needs {needed}." if needed else "."),
        )


def _feedback(item: Item) -> Iterator[Hint]:
    """Feedback outside all that the item's number can be."""
    low, high = _range(item)
    for feedback in item.feedback:
        is_below = low is not None and feedback.maximum < low
        is_above = high is not None and feedback.minimum > high
        if is_below or is_above:
            end = low if is_below else high
            interval = f"{number_text(feedback.minimum)}–{number_text(feedback.maximum)}"
            yield _hint(
                item,
                Level.SHOULD,
                "logic.feedback-never",
                f"Beskeden for {interval} får ingen: tallet er {'mindst' if is_below else 'højst'} "
                f"{number_text(end or Decimal(0))}.",
                f"Nobody gets the message for {interval}: the number is at {'least' if is_below else 'most'} "
                f"{number_text(end or Decimal(0), 'en')}.",
            )


def _initial(item: Item) -> Iterator[Hint]:
    """It begins with an answer that nobody may give."""
    if not item.is_asked:
        return
    for answer in item.initial:
        name, value = next(iter(answer.items()))
        if is_outside(item, name, value):
            words = [display_value(item, answer, language) for language in ("da", "en")]
            yield _hint(
                item,
                Level.SHOULD,
                "logic.initial-outside",
                f"Spørgsmålet begynder med »{words[0]}«, som ligger uden for det, der må svares.",
                f"The question begins with “{words[1]}”, which is outside what may be answered.",
            )


def _range(item: Item) -> tuple[Decimal | None, Decimal | None]:
    """Between what its number lies, as far as the form says so."""
    weights = [option.weight for option in item.options if option.weight is not None]
    if weights and not item.type.is_numeric:
        return min(weights), max(weights)
    low, high = item.min_value, item.max_value
    return low if isinstance(low, Decimal) else None, high if isinstance(high, Decimal) else None


def _hint(item: Item, level: Level, key: str, da: str, en: str) -> Hint:
    return Hint(level, key, Both(da, en), item.link_id, name_of(item))


def _units(definition: Definition, item: Item) -> Iterator[Hint]:
    """Citizens choose its unit, and a calculation takes the number as it is written: 154 lb would count as 154 kg."""
    if not item.unit_choices:
        return
    plan = plan_of(definition)
    for link_id, ready in plan.calculating.items():
        if ready.sees_all or item.link_id not in ready.links or link_id == item.link_id:
            continue
        score = definition.by_link_id[link_id]
        yield _hint(
            item,
            Level.SHOULD,
            "logic.units-in-calculation",
            f"Borgeren vælger selv enhed her, men »{name_of(score)}« regner med tallet, som det er skrevet. "
            "Behold kun én enhed, eller slet beregningen.",
            f"Citizens choose the unit here, but “{name_of(score)}” takes the number as it is written. "
            "Keep one unit only, or delete the calculation.",
        )


def _units_apart(item: Item) -> Iterator[Hint]:
    """Units that cannot be converted into its own: whatever is said of its number passes by answers in them.

    That a calculation takes the number as it is written goes for all further units (`_units`).
    """
    names = [_unit_name(one) for one in item.unit_choices if _is_apart(item, one)]
    lost = list(_said_of_its_number(item))
    if not (names and lost):
        return
    own = _unit_name(item.unit_choices[0])
    da = _listed([f"»{name}«" for name in names], "eller")
    en = _listed([f"“{name}”" for name in names], "or")
    them = Both("enheden", "the unit") if len(names) == 1 else Both("de enheder", "these units")
    yield _hint(
        item,
        Level.SHOULD,
        "logic.units-apart",
        f"Et svar i {da} kan ikke regnes om til »{own}«: {_listed([one.da for one in lost], 'og')}. "
        f"Fjern {them.da}, hvis det skal gælde alle svar.",
        f"An answer in {en} cannot be converted to “{own}”: {_listed([one.en for one in lost], 'and')}. "
        f"Remove {them.en} if that has to go for all answers.",
    )


def _said_of_its_number(item: Item) -> Iterator[Both]:
    """What an answer misses whose number is not in the question's own unit."""
    if isinstance(item.min_value, Decimal) or isinstance(item.max_value, Decimal):
        yield Both("grænserne gælder ikke", "the limits do not hold")
    if item.significance:
        yield Both("svaret får ingen farve", "the answer gets no colour")
    if item.feedback:
        yield Both("borgeren får ingen besked", "citizens get no message")


def _is_apart(item: Item, coding: Mapping[str, Any]) -> bool:
    named = {"unit": coding.get("display"), "system": coding.get("system"), "code": coding.get("code")}
    return in_own_unit(item, {"valueQuantity": {"value": 1, **named}}) is None


def _unit_name(coding: Mapping[str, Any]) -> str:
    return str(coding.get("display") or coding.get("code") or "")


def _listed(words: Sequence[str], last: str) -> str:
    """“a, b og c”."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
