"""How the commands that check files read them and tell what they found: for people, or as a line of JSON each."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from questionnaires.engine import Issue, Severity, operation_outcome
from questionnaires.engine.issues import make_issue
from questionnaires.engine.json_reading import read_json

_WORDS = {
    "da": {
        Severity.ERROR: "fejl",
        Severity.WARNING: "advarsel",
        Severity.INFORMATION: "bemærk",
        None: "i orden",
    },
    "en": {
        Severity.ERROR: "error",
        Severity.WARNING: "warning",
        Severity.INFORMATION: "note",
        None: "in order",
    },
}


class Output(Protocol):
    """Where lines are written: Django's OutputWrapper."""

    def write(self, msg: str, /) -> object: ...


def add_report_options(parser: ArgumentParser) -> None:
    """--format and --language."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="For people, or one JSON object a line."
    )
    parser.add_argument(
        "--language", choices=("da", "en"), default="da", help="The language of the sentences."
    )


def read_file(path: str, *, what: str) -> tuple[Any, Issue | None]:
    """The JSON of a file, or the issue of why there is none. `what`: questionnaire or response."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return None, unreadable(error, what=what)
    return read_json(content, what=what)


def unreadable(error: OSError, *, what: str) -> Issue:
    """The issue of a file that cannot be opened."""
    root = "Questionnaire" if what == "questionnaire" else "QuestionnaireResponse"
    return make_issue("file.unreadable", root, reason=error.strerror or type(error).__name__)


def add_value_set_option(parser: ArgumentParser) -> None:
    """--value-set."""
    parser.add_argument(
        "--value-set",
        action="append",
        default=[],
        metavar="FILE",
        help="A FHIR ValueSet or CodeSystem (JSON) the questionnaire refers to; may be given several times.",
    )


def read_value_sets(paths: Iterable[str], err: Output, *, format: str, language: str) -> dict[str, Any]:  # noqa: A002
    """The value sets of these files by their urls; what cannot be read is told on `err`."""
    value_sets: dict[str, Any] = {}
    for path in paths:
        resource, refusal = read_file(path, what="questionnaire")
        if refusal is not None:
            report(err, path, [refusal], format=format, language=language)
        elif isinstance(resource, dict) and isinstance(resource.get("url"), str):
            value_sets[resource["url"]] = resource
        else:
            refusal = make_issue("file.no-value-set", "ValueSet")
            report(err, path, [refusal], format=format, language=language)
    return value_sets


def report(out: Output, path: str, issues: Sequence[Issue], *, format: str, language: str) -> None:  # noqa: A002
    """Tell what was found in one file."""
    if format == "json":
        found = {"file": path, **operation_outcome(issues, language)}
        out.write(json.dumps(found, ensure_ascii=False))
        return
    words = _WORDS[language]
    counts = [
        f"{sum(issue.severity is severity for issue in issues)} {words[severity]}"
        for severity in Severity
        if any(issue.severity is severity for issue in issues)
    ]
    out.write(f"{path}: {', '.join(counts) or words[None]}")
    for line in _lines(issues, words, language):
        out.write(line)


def _lines(issues: Iterable[Issue], words: dict[Any, str], language: str) -> Iterable[str]:
    for issue in issues:
        label = " ".join(issue.label.split())
        yield f"  {words[issue.severity]}: {label + ': ' if label else ''}{issue.text(language)}"
        yield f"    {issue.expression} ({issue.key})"
