"""`manage.py check_response`: hold FHIR QuestionnaireResponses against their questionnaire, from files alone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from questionnaires.engine import Definition, Issue, compile_questionnaire, has_errors, validate
from questionnaires.engine.issues import make_issue
from questionnaires.engine.validation import validate_without_questionnaire

from ._reports import add_report_options, add_value_set_option, read_file, read_value_sets, report


class Command(BaseCommand):
    help = "Check FHIR QuestionnaireResponses against their questionnaire. Exits 1 if any has an error."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The questionnaire, the responses, and how to judge and tell."""
        parser.add_argument("responses", nargs="+", metavar="RESPONSE", help="JSON files.")
        parser.add_argument(
            "--questionnaire",
            metavar="FILE",
            help="The FHIR Questionnaire (JSON) they answer. Without it only what stands above the answers is judged.",
        )
        add_value_set_option(parser)
        parser.add_argument("--draft", action="store_true", help="Nothing is required yet.")
        add_report_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """One outcome a response; exits 1 if any has an error."""
        telling = {"format": options["format"], "language": options["language"]}
        definition, unusable = self._definition(options, telling)
        failed = False
        for path in options["responses"]:
            issues = self._judge(path, definition, unusable, draft=options["draft"])
            report(self.stdout, path, issues, **telling)
            failed = failed or has_errors(issues)
        if failed:
            raise SystemExit(1)

    def _definition(
        self, options: dict[str, Any], telling: dict[str, Any]
    ) -> tuple[Definition | None, Issue | None]:
        """The compiled questionnaire, or the issue that each response gets for the lack of it."""
        path = options["questionnaire"]
        if path is None:
            return None, None
        value_sets = read_value_sets(options["value_set"], self.stderr, **telling)
        resource, refusal = read_file(path, what="questionnaire")
        if refusal is not None:
            issues: tuple[Issue, ...] = (refusal,)
            definition = None
        else:
            compilation = compile_questionnaire(resource, value_sets=value_sets)
            issues, definition = compilation.issues, compilation.definition
        if definition is None:
            report(self.stderr, path, issues, **telling)
            return None, make_issue("response.questionnaire-unusable", "QuestionnaireResponse.questionnaire")
        return definition, None

    def _judge(
        self, path: str, definition: Definition | None, unusable: Issue | None, *, draft: bool
    ) -> tuple[Issue, ...]:
        found, refusal = read_file(path, what="response")
        if refusal is not None:
            return (refusal,)
        if definition is not None:
            return validate(definition, found, draft=draft)
        if unusable is not None:
            return (unusable,)
        return validate_without_questionnaire(found, draft=draft)
