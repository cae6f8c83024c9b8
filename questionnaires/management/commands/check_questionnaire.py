"""`manage.py check_questionnaire`: can these FHIR Questionnaires be asked? From files alone, without a database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from questionnaires.engine import Issue, compile_questionnaire, has_errors

from ._reports import add_report_options, add_value_set_option, read_file, read_value_sets, report


class Command(BaseCommand):
    help = "Check FHIR R4 Questionnaires. Exits 1 if any has an error and so cannot be imported."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The questionnaires, and how to tell."""
        parser.add_argument("questionnaires", nargs="+", metavar="FILE", help="JSON files.")
        add_value_set_option(parser)
        add_report_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """One outcome a file; exits 1 if any has an error."""
        telling = {"format": options["format"], "language": options["language"]}
        value_sets = read_value_sets(options["value_set"], self.stderr, **telling)
        failed = False
        for path in options["questionnaires"]:
            resource, refusal = read_file(path, what="questionnaire")
            issues: tuple[Issue, ...] = () if refusal is None else (refusal,)
            if refusal is None:
                issues = compile_questionnaire(resource, value_sets=value_sets).issues
            report(self.stdout, path, issues, **telling)
            failed = failed or has_errors(issues)
        if failed:
            raise SystemExit(1)
