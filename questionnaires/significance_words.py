"""What a colour rule says, in words: nobody sees a colour without its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.controls import name_of
from questionnaires.engine import (
    Colour,
    Definition,
    Feedback,
    Item,
    Operator,
    Significance,
    SignificanceCondition,
)


@dataclass(frozen=True, slots=True)
class ColouredAnswer:
    """An answer, or a figure that was worked out, with its colour and the rule in words."""

    link_id: str
    question: str
    answer: str
    colour: str
    rule: str


def coloured_answers(definition: Definition, document: Mapping[str, Any]) -> list[ColouredAnswer]:
    """The colours of a finished response, the most serious first, else in the questionnaire's order.

    None where the version has no decision support that is switched on: its definition has no rules then.
    """
    if not any(item.significance for item in definition.by_link_id.values()):
        return []
    language = get_language() or "da"
    found = [
        ColouredAnswer(
            link_id=one.link_id,
            question=name_of(definition.by_link_id[one.link_id]),
            answer=engine.display_value(definition.by_link_id[one.link_id], one.answer, language),
            colour=one.colour.value,
            rule=rule_sentence(definition.by_link_id[one.link_id], one.rule),
        )
        for one in engine.evaluate(definition, document).significance
    ]
    order = [colour.value for colour in (Colour.RED, Colour.YELLOW, Colour.GREEN)]
    return sorted(found, key=lambda one: order.index(one.colour))


def rules_in_words(definition: Definition) -> list[tuple[str, list[str]]]:
    """Every question and figure with rules for colours or words for the citizen, and what they say."""
    return [
        (
            name_of(item),
            [
                *(rule_sentence(item, rule) for rule in item.significance),
                *(_told(item, feedback) for feedback in item.feedback),
            ],
        )
        for item in definition.by_link_id.values()
        if item.significance or item.feedback
    ]


def _told(item: Item, feedback: Feedback) -> str:
    """“Borgeren får at vide: »Ring til os«, når svaret er fra 5 til 7.”"""
    language = get_language() or "da"
    least, most = (
        engine.display_value(item, {"valueDecimal": bound}, language)
        for bound in (feedback.minimum, feedback.maximum)
    )
    return _("Borgeren får at vide: »%(text)s«, når tallet er fra %(least)s til %(most)s.") % {
        "text": feedback.text,
        "least": least,
        "most": most,
    }


def rule_sentence(item: Item, rule: Significance) -> str:
    """“Rød, når svaret er mindst 4 og under 7.”"""
    parts = [_condition(item, condition) for condition in rule.conditions]
    words = {
        Colour.RED: _("Rød, når %(conditions)s."),
        Colour.YELLOW: _("Gul, når %(conditions)s."),
        Colour.GREEN: _("Grøn, når %(conditions)s."),
    }
    return words[rule.colour] % {"conditions": _(" og ").join(parts)}


def _condition(item: Item, condition: SignificanceCondition) -> str:
    value = engine.display_value(item, condition.value, get_language() or "da")
    match condition.operator:
        case Operator.EXISTS:
            if condition.value.get("valueBoolean") is True:
                return _("der er svaret")
            return _("der ikke er svaret")
        case Operator.EQUALS:
            return _("svaret er %(value)s") % {"value": value}
        case Operator.NOT_EQUALS:
            return _("svaret ikke er %(value)s") % {"value": value}
        case Operator.GREATER:
            return _("svaret er over %(value)s") % {"value": value}
        case Operator.GREATER_OR_EQUAL:
            return _("svaret er mindst %(value)s") % {"value": value}
        case Operator.LESS:
            return _("svaret er under %(value)s") % {"value": value}
    return _("svaret er højst %(value)s") % {"value": value}
