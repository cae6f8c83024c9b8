"""FHIR R4 JSON: one Questionnaire, a Bundle of them, or one a line (ndjson)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.engine import Issue
from questionnaires.transfer.candidates import Candidate

MOST_IN_A_FILE = 1_000


def questionnaires_in_json(content: bytes, *, name: str) -> Iterator[Candidate]:
    """What the file holds; a line or an entry that cannot be read is refused by itself."""
    resource, unreadable = engine.read_json(content, what="questionnaire")
    if unreadable is None:
        yield from _in_resource(resource, name)
        return
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if len(lines) < 2 or not _is_resource(engine.read_json(lines[0], what="questionnaire")[0]):
        yield _refused(name, unreadable)
        return
    for number, line in enumerate(lines[:MOST_IN_A_FILE], 1):
        named = _("%(file)s, linje %(number)s") % {"file": name, "number": number}
        resource, unreadable = engine.read_json(line, what="questionnaire")
        if unreadable is not None:
            yield _refused(named, unreadable)
        else:
            yield from _in_resource(resource, named)
    if len(lines) > MOST_IN_A_FILE:
        yield Candidate(name, refusal=_too_many(len(lines)))


def _in_resource(resource: Any, name: str) -> Iterator[Candidate]:
    if not (isinstance(resource, dict) and resource.get("resourceType") == "Bundle"):
        yield Candidate(name, document=resource)
        return
    entries = resource.get("entry")
    found = [
        (number, entry["resource"])
        for number, entry in enumerate(entries if isinstance(entries, list) else [], 1)
        if isinstance(entry, dict)
        and isinstance(entry.get("resource"), dict)
        and entry["resource"].get("resourceType") == "Questionnaire"
    ]
    if not found:
        yield Candidate(name, refusal=_("Der er intet spørgeskema (Questionnaire) i filens Bundle."))
    for number, questionnaire in found[:MOST_IN_A_FILE]:
        named = _("%(file)s, nummer %(number)s") % {"file": name, "number": number}
        yield Candidate(named, document=questionnaire)
    if len(found) > MOST_IN_A_FILE:
        yield Candidate(name, refusal=_too_many(len(found)))


def _is_resource(value: Any) -> bool:
    return isinstance(value, dict) and "resourceType" in value


def _refused(name: str, issue: Issue) -> Candidate:
    sentence = _("Filen kan ikke læses som JSON. Vælg en fil med et FHIR R4-spørgeskema i JSON-format.")
    return Candidate(name, refusal=sentence, issues=(issue,))


def _too_many(count: int) -> str:
    return _("Der er %(count)s spørgeskemaer i filen. Kun de første %(most)s er læst.") % {
        "count": count,
        "most": MOST_IN_A_FILE,
    }
