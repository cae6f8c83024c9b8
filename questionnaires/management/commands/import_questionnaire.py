"""`manage.py import_questionnaire`: store FHIR Questionnaires from files as drafts, as KAM's import page does."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from municipalities.models import Municipality
from municipalities.scope import Scope, within
from questionnaires.engine import Issue, operation_outcome
from questionnaires.engine.issues import make_issue
from questionnaires.importing import QuestionnaireRefused, import_questionnaire
from questionnaires.models import QuestionnaireVersion

from ._reports import add_report_options, report, unreadable


class Command(BaseCommand):
    help = (
        "Import FHIR R4 Questionnaires as drafts. What can be asked is imported, also where other files are refused. "
        "Exits 1 if any was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The questionnaires, whose they are, and how to tell."""
        parser.add_argument("questionnaires", nargs="+", metavar="FILE", help="JSON files.")
        parser.add_argument(
            "--municipality",
            metavar="CODE",
            help="The owner's four-digit code; without it they are national.",
        )
        add_report_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """One outcome a file; exits 1 if any was refused."""
        owner = _owner(options["municipality"])
        refused = False
        whose = Scope.national() if owner is None else Scope.municipality(owner.pk)
        with translation.override(options["language"]):
            for path in options["questionnaires"]:
                # A transaction a file: what can be asked is imported, also where another is refused.
                with within(whose):
                    version, issues = _import(path, owner)
                    self._tell(path, version, issues, format=options["format"], language=options["language"])
                refused = refused or version is None
        if refused:
            raise SystemExit(1)

    def _tell(
        self,
        path: str,
        version: QuestionnaireVersion | None,
        issues: tuple[Issue, ...],
        *,
        format: str,  # noqa: A002
        language: str,
    ) -> None:
        if format == "json":
            outcome: dict[str, Any] = {"file": path, **operation_outcome(issues, language)}
            if version is not None:
                outcome["imported"] = {
                    "id": str(version.pk),
                    "url": version.questionnaire.url,
                    "number": version.number,
                    "title": version.title,
                }
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
            return
        report(self.stdout, path, issues, format=format, language=language)
        if version is not None:
            words = "imported as draft" if language == "en" else "importeret som kladde"
            self.stdout.write(f"  {words}: {version.title} ({version.questionnaire.url}, {version.number})")


def _owner(code: str | None) -> Municipality | None:
    if code is None:
        return None
    owner = Municipality.objects.filter(code=code).first()
    if owner is None:
        raise CommandError(f"No municipality has the code “{code}”. Expected four digits, for example 0101.")
    return owner


def _import(path: str, owner: Municipality | None) -> tuple[QuestionnaireVersion | None, tuple[Issue, ...]]:
    """The new draft, or None and why the file was refused."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return None, (unreadable(error, what="questionnaire"),)
    try:
        imported = import_questionnaire(content=content, owner=owner)
    except QuestionnaireRefused as refusal:
        issues = refusal.issues or (
            make_issue("questionnaire.refused", "Questionnaire", reason=refusal.sentence),
        )
        return None, issues
    return imported.version, imported.issues
