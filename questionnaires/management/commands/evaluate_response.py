"""`manage.py evaluate_response`: the finished QuestionnaireResponse with all that follows from it, from files alone."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from questionnaires.engine import (
    AnswerSignificance,
    Definition,
    GivenFeedback,
    Result,
    Score,
    WithheldScore,
    compile_questionnaire,
    conclude,
    operation_outcome,
)
from questionnaires.engine.bounds import Bounds
from questionnaires.engine.validation import refuse
from questionnaires.engine.values import json_number

from ._reports import add_value_set_option, read_file, read_value_sets, report


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write the time like this: 2026-11-23T12:00:00+01:00") from None
    return moment if moment.tzinfo is not None else timezone.make_aware(moment)


class Command(BaseCommand):
    help = (
        "Finish a FHIR QuestionnaireResponse: what is not asked is left out, what is calculated filled in; "
        "with scores, colours and feedback beside it, as one JSON object."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The questionnaire, the response, and the time that expressions may ask for."""
        parser.add_argument("response", metavar="RESPONSE", help="The QuestionnaireResponse (JSON file).")
        parser.add_argument(
            "--questionnaire", metavar="FILE", required=True, help="The FHIR Questionnaire (JSON) it answers."
        )
        add_value_set_option(parser)
        parser.add_argument(
            "--now",
            type=_moment,
            help="What today() and now() mean in expressions; the present if not given.",
        )
        parser.add_argument(
            "--language", choices=("da", "en"), default="da", help="The language of the sentences."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the outcome; exits 1 where there is none, with the reason on stderr."""
        telling = {"format": "text", "language": options["language"]}
        definition = self._definition(options, telling)
        found, refusal = read_file(options["response"], what="response")
        refusal = refusal or refuse(found, Bounds())
        if refusal is not None:
            report(self.stderr, options["response"], [refusal], **telling)
        if definition is None or refusal is not None:
            raise SystemExit(1)
        result = conclude(definition, found, now=options["now"] or timezone.now())
        self.stdout.write(json.dumps(told(result, options["language"]), ensure_ascii=False, indent=2))

    def _definition(self, options: dict[str, Any], telling: dict[str, Any]) -> Definition | None:
        path = options["questionnaire"]
        value_sets = read_value_sets(options["value_set"], self.stderr, **telling)
        resource, refusal = read_file(path, what="questionnaire")
        if refusal is not None:
            report(self.stderr, path, [refusal], **telling)
            return None
        compilation = compile_questionnaire(resource, value_sets=value_sets)
        if compilation.definition is None:
            report(self.stderr, path, compilation.issues, **telling)
        return compilation.definition


def told(result: Result, language: str) -> dict[str, Any]:
    """The result as JSON: the response, and beside it what follows from it."""
    told: dict[str, Any] = {
        "questionnaireResponse": result.response,
        "scores": [_score(score) for score in result.scores],
        "significance": [_significance(one) for one in result.significance],
        "feedback": [_feedback(one, language) for one in result.feedback],
    }
    if result.withheld_scores:
        told["withheldScores"] = [_withheld(one, language) for one in result.withheld_scores]
    if result.evaluation.issues:
        told["issue"] = operation_outcome(result.evaluation.issues, language)["issue"]
    return told


def _number(number: Decimal | None) -> int | float | None:
    return None if number is None else json_number(number)


def _score(score: Score) -> dict[str, Any]:
    return {
        "linkId": score.link_id,
        "name": score.name,
        "value": json_number(score.value),
        "unit": score.unit or None,
        "minimum": _number(score.minimum),
        "maximum": _number(score.maximum),
        "items": list(score.items),
        "unanswered": list(score.unanswered),
        "estimated": score.is_estimated,
    }


def _withheld(score: WithheldScore, language: str) -> dict[str, Any]:
    return {"linkId": score.link_id, "name": score.name, "reason": score.reason.text(language)}


def _significance(one: AnswerSignificance) -> dict[str, Any]:
    return {"linkId": one.link_id, "answer": dict(one.answer), "significance": one.colour.value}


def _feedback(one: GivenFeedback, language: str) -> dict[str, Any]:
    return {"linkId": one.link_id, "text": one.feedback.text_in(language)}
