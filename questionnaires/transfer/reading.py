"""What kind of file it is, told by its content, and the reader for it."""

import csv
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from questionnaires.transfer import archives
from questionnaires.transfer.candidates import Candidate, FileRefused, shown_name
from questionnaires.transfer.fhir_reading import questionnaires_in_json
from questionnaires.transfer.qfdd_reading import questionnaire_in_qfdd
from questionnaires.transfer.sheet_reading import questionnaire_in_rows
from questionnaires.transfer.tables import csv_rows, xlsx_rows
from questionnaires.transfer.xml_reading import FHIR, HL7, parsed

QUICK_BYTES = 300_000
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def candidates_in(content: bytes, *, name: str) -> Iterator[Candidate]:
    """The questionnaires of a file of any kind that we read, one after the other and in the same order each time.

    Raises FileRefused, also on the way, where the whole file cannot be used.
    """
    if not content.strip():
        raise FileRefused(_("Filen er tom. Vælg en anden fil."))
    if archives.is_zip(content) and not archives.is_workbook(content):
        for entry in archives.entries(content):
            yield from _of_entry(entry)
        return
    yield from _of_one(content, shown_name(name))


def _of_entry(entry: archives.Entry) -> Iterator[Candidate]:
    name = shown_name(entry.name)
    if entry.refusal:
        yield Candidate(name, refusal=entry.refusal)
        return
    try:
        yield from _of_one(entry.content, name)
    except FileRefused as refusal:
        yield Candidate(name, refusal=refusal.sentence)


def _of_one(content: bytes, name: str) -> Iterator[Candidate]:
    begin = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    stem = PurePosixPath(name.replace("\\", "/")).stem
    if archives.is_zip(content):
        if not archives.is_workbook(content):
            raise FileRefused(
                _("En zip-fil i en zip-fil bliver ikke pakket ud. Læg filerne direkte i én zip-fil.")
            )
        yield questionnaire_in_rows(xlsx_rows(content), name=name, title=stem)
    elif content.startswith(_OLD_OFFICE):
        raise FileRefused(_("Det er en fil fra en ældre udgave af Office. Gem den som .xlsx eller CSV."))
    elif content.startswith(_WIDE):
        raise FileRefused(_("Filen er gemt med tegnkodningen UTF-16. Gem den som UTF-8, og prøv igen."))
    elif not begin:
        raise FileRefused(_("Filen er tom. Vælg en anden fil."))
    elif begin[:1] in (b"{", b"["):
        yield from questionnaires_in_json(content, name=name)
    elif begin[:1] == b"<":
        root = parsed(content)
        if root.tag == f"{HL7}ClinicalDocument":
            yield questionnaire_in_qfdd(root, name=name)
        elif root.tag.startswith(FHIR):
            raise FileRefused(_("Filen er FHIR som XML. Gem den som JSON, og prøv igen."))
        else:
            raise FileRefused(_("Filen er XML, men ikke et spørgeskema i QFDD-format (HL7 CDA)."))
    else:
        yield questionnaire_in_rows(_csv(content), name=name, title=stem)


def _csv(content: bytes) -> list[list[str]]:
    try:
        return csv_rows(content)
    except csv.Error:
        raise FileRefused(
            _("Filen kan ikke læses som et regneark i CSV-format. Er hele filen kommet med?")
        ) from None


def expected_in(content: bytes) -> int | None:
    """About how many questionnaires there are, for a progress bar: of a zip its files; None where it takes reading."""
    if archives.is_zip(content) and not archives.is_workbook(content):
        return archives.count(content)
    return None


def is_quickly_read(content: bytes) -> bool:
    """Small enough to be read while somebody waits for the page; never a zip, which may hold anything."""
    is_archive = archives.is_zip(content) and not archives.is_workbook(content)
    return not is_archive and len(content) <= QUICK_BYTES
