"""The head of a response: which questionnaire it answers, its status, and when it was given."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .definition import Definition
from .display import date_time_text
from .issues import Both, Issue, make_issue
from .ranges import span_of
from .references import RESOURCE_TYPES
from .response_shape import ROOT

STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
"""http://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html"""

_TYPE_AND_ID = re.compile(r".*/([A-Z][A-Za-z]+)/[^/|]+(?:\|.*)?", re.ASCII | re.DOTALL)


def head_issues(
    definition: Definition | None, response: Mapping[str, Any], *, draft: bool
) -> Iterator[Issue]:
    """What is wrong with all that stands above the answers. `definition` is None where it is not at hand."""
    yield from _questionnaire_issues(definition, response.get("questionnaire"))
    status = response.get("status")
    if status is None:
        if not draft:
            yield make_issue("response.no-status", ROOT)
    elif not (isinstance(status, str) and status in STATUSES):
        yield make_issue("response.status", f"{ROOT}.status", found=status)
    authored = response.get("authored")
    if authored is not None and span_of(authored) is None:
        yield make_issue("response.authored", f"{ROOT}.authored", found=authored)
    if definition is None:
        return
    if definition.source.get("status") == "retired":
        yield make_issue("response.questionnaire-retired", f"{ROOT}.questionnaire")
    yield from _period_issues(definition.source.get("effectivePeriod"), authored)


def _questionnaire_issues(definition: Definition | None, named: object) -> Iterator[Issue]:
    if not isinstance(named, str):
        if definition is None:
            yield make_issue("response.unknown-questionnaire", f"{ROOT}.questionnaire", found="?")
        return
    match = _TYPE_AND_ID.fullmatch(named)
    if match is not None and match[1] in RESOURCE_TYPES and match[1] != "Questionnaire":
        yield make_issue("response.not-questionnaire", f"{ROOT}.questionnaire", found=named)
        return
    if definition is None:
        yield make_issue("response.unknown-questionnaire", f"{ROOT}.questionnaire", found=named)
        return
    # Only a canonical url can be compared; relative references depend on a server's address.
    if ":" in named and definition.url:
        url, _, version = named.partition("|")
        if url != definition.url or (version and definition.version and version != definition.version):
            yield make_issue("response.other-questionnaire", f"{ROOT}.questionnaire", found=named)


def _period_issues(period: object, authored: object) -> Iterator[Issue]:
    """An answer from before or after the time the questionnaire was meant to be used in (effectivePeriod)."""
    given = span_of(authored)
    if given is None or not isinstance(period, Mapping):
        return
    start, end = span_of(period.get("start")), span_of(period.get("end"))
    if (start is not None and given[1] < start[0]) or (end is not None and given[0] > end[1]):
        always = Both("altid", "always")
        yield make_issue(
            "response.outside-period",
            f"{ROOT}.authored",
            found=date_time_text(str(authored)),
            start=date_time_text(str(period["start"])) if start is not None else always,
            end=date_time_text(str(period["end"])) if end is not None else always,
        )
