"""Rules between answers, and scores, that miss a question they name.

An import brought them, or they are older than `authoring.reach`, which keeps them right.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.authoring.checks.hints import Hint, Level
from questionnaires.authoring.reach import Astray, Why, astray
from questionnaires.engine import Definition
from questionnaires.engine.explaining import name_of
from questionnaires.engine.issues import Both


def rule_hints(definition: Definition, source: Mapping[str, Any]) -> Iterator[Hint]:
    """One for each question that is missed."""
    for one in astray(source):
        item, asked = definition.by_link_id.get(one.link_id), definition.by_link_id.get(one.asked)
        if item is not None:
            words = _words(one, name_of(asked) if asked is not None else one.asked)
            yield Hint(Level.SHOULD, f"rules.{one.why}", words, item.link_id, name_of(item))


def _words(one: Astray, asked: str) -> Both:
    match one.why, one.is_score:
        case Why.GONE, _:
            return Both(
                f"En regel mellem svar ser efter spørgsmålet »{asked}«, som ikke findes, og virker derfor aldrig. Åbn "
                "»Regler mellem svar«, og vælg et andet spørgsmål, eller fjern reglen.",
                f"A rule between answers looks for the question “{asked}”, which is not there, and so never works. "
                "Open “Rules between answers” and choose another question, or remove the rule.",
            )
        case Why.NOT_FOUND, False:
            return Both(
                f"En regel mellem svar finder ikke »{asked}«, som står under et andet spørgsmål, og virker derfor "
                "aldrig. Åbn »Regler mellem svar«, og gem igen.",
                f"A rule between answers does not find “{asked}”, which stands below another question, and so never "
                "works. Open “Rules between answers” and save again.",
            )
        case Why.NOT_FOUND, True:
            return Both(
                f"Scoren finder ikke »{asked}«, som står under et andet spørgsmål, og bliver forkert. Åbn »Score«, og "
                "gem igen.",
                f"The score does not find “{asked}”, which stands below another question, and comes out wrong. Open "
                "“Score” and save again.",
            )
        case Why.SEVERAL_ANSWERS, True:
            return Both(
                f"Scoren bruger ét svar på »{asked}«, som kan få flere. Så bliver den forkert.",
                f"The score uses one answer to “{asked}”, which can have several. Then it comes out wrong.",
            )
    return Both(
        f"En regel mellem svar bruger ét svar på »{asked}«, som kan få flere. Så kan den ikke holdes, og borgeren kan "
        "blive afvist. Fjern reglen, eller lad spørgsmålet få ét svar.",
        f"A rule between answers uses one answer to “{asked}”, which can have several. Then it cannot be kept, and "
        "citizens may be refused. Remove the rule, or let the question have one answer.",
    )
