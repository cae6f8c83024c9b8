"""Pictures and files as answers: what a form sent is judged, made harmless, stored, and named in the response.

    sent = uploads.sent_with(definition, page, request.POST, request.FILES)   before anything is locked
    saved = uploads.with_files(save_answers(…), sent, at=now)

The answer is a FHIR Attachment that names the upload; its bytes stand in a table of their own (`Upload`), so that
drafts are as quick to save as without.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.engine import Definition, Issue, Item, ItemType, Page, Severity
from questionnaires.files import Made, NotTaken, made_harmless, too_large
from questionnaires.form_reading import RowChange
from questionnaires.models import Response, Upload
from questionnaires.places import FIELD_PREFIX, Place, answers_at, item_at, place_at, with_answers_at
from questionnaires.scanning import ScannerUnavailable, found_in
from questionnaires.services import Saved, locked, require_draft
from questionnaires.upload_store import forget_unnamed, upload_id

# “id of the upload, space, address of the question”.
REMOVE_FILE = "remove-file"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form brings: files by their question's place, uploads to take away, and why the others are refused."""

    files: tuple[tuple[Place, Made], ...] = ()
    removed: tuple[tuple[Place, UUID], ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def changes_something(self) -> bool:
        return bool(self.files or self.removed)


def brings_files(post: QueryDict, files: "MultiValueDict[str, UploadedFile[bytes]]") -> bool:
    """Is there any file in a form, or one to take away?"""
    return bool(files) or REMOVE_FILE in post


def sent_with(
    definition: Definition, page: Page, post: QueryDict, files: "MultiValueDict[str, UploadedFile[bytes]]"
) -> Sent:
    """Read and judge the files of the page's questions; those of other questions are not even looked at.

    Asks the scanner and draws pictures anew, which takes a moment: nothing is stored or locked yet.
    """
    if not brings_files(post, files):
        return Sent()
    here = {item.link_id for item in page.walk() if item.is_asked and item.type is ItemType.ATTACHMENT}
    taken: list[tuple[Place, Made]] = []
    issues: list[Issue] = []
    for name in files:
        place = (
            place_at(definition, name.removeprefix(FIELD_PREFIX)) if name.startswith(FIELD_PREFIX) else None
        )
        if place is None or place.link_id not in here:
            continue
        item = item_at(definition, place)
        for file in files.getlist(name)[: settings.UPLOAD_MOST_FILES]:
            try:
                taken.append((place, _judged(file, item)))
            except (NotTaken, ScannerUnavailable) as refusal:
                issues.append(_refused(item, place, refusal.sentence))
    removed = [found for each in post.getlist(REMOVE_FILE) if (found := _to_remove(definition, each, here))]
    return Sent(files=tuple(taken), removed=tuple(removed), issues=tuple(issues))


def _judged(file: "UploadedFile[bytes]", item: Item) -> Made:
    """Raises NotTaken or ScannerUnavailable."""
    if file.size is None or file.size > settings.UPLOAD_LARGEST_BYTES:
        raise NotTaken(too_large(settings.UPLOAD_LARGEST_BYTES))
    content = file.read()
    if found_in(content):
        raise NotTaken(_("Filen indeholder noget skadeligt og er ikke gemt. Vælg en anden fil."))
    return made_harmless(content, name=file.name or "", kinds=item.file_kinds, most=item.max_size)


def _to_remove(definition: Definition, said: str, here: Iterable[str]) -> tuple[Place, UUID] | None:
    identity, _space, address = said.partition(" ")
    place = place_at(definition, address)
    if place is None or place.link_id not in here:
        return None
    try:
        return place, UUID(identity)
    except ValueError:
        return None


def _refused(item: Item, place: Place, sentence: str) -> Issue:
    """The sentence is in the screen's language already."""
    return Issue(
        severity=Severity.ERROR,
        key="upload.refused",
        code="value",
        expression=item.path,
        text_da=sentence,
        text_en=sentence,
        link_id=item.link_id,
        label=item.label,
        rows=place.rows,
    )


def with_files(saved: Saved, sent: Sent, *, at: datetime, rows: RowChange | None = None) -> Saved:
    """What was saved of a form, with its files: stored, named in the draft, and what it names no more forgotten."""
    if not sent.changes_something:
        if rows is not None and rows.removed is not None:
            forget_unnamed(saved.response, saved.response.document)
        return replace(saved, issues=(*saved.issues, *sent.issues)) if sent.issues else saved
    response, issues = keep(response=saved.response, sent=sent, at=at)
    return replace(saved, response=response, issues=(*saved.issues, *sent.issues, *issues))


@transaction.atomic
def keep(*, response: Response, sent: Sent, at: datetime) -> tuple[Response, tuple[Issue, ...]]:
    """Store the files of a draft and take away those that were given up; an issue for each that finds no room.

    Raises ResponseAlreadyCompleted.
    """
    response = locked(response)
    require_draft(response)
    definition, document = definition_of(response.version), response.document
    issues: list[Issue] = []
    for place, gone in sent.removed:
        answers = answers_at(definition, document, place)
        left = [one for one in answers if upload_id(one.get("valueAttachment")) != gone]
        document = with_answers_at(definition, document, place, left)
    count = Upload.objects.filter(response=response).count()
    for place, made in sent.files:
        item = item_at(definition, place)
        there = answers_at(definition, document, place)
        before: Sequence[engine.AnswerValue] = there if item.repeats else ()
        is_one_more = item.repeats or not there
        is_full = count >= settings.UPLOAD_MOST_FILES and is_one_more
        if is_full or (item.max_occurs and len(before) >= item.max_occurs):
            issues.append(_refused(item, place, _no_room(item.max_occurs or settings.UPLOAD_MOST_FILES)))
            continue
        upload = _stored(response, made, at)
        count += is_one_more
        document = with_answers_at(definition, document, place, [*before, _attachment(upload)])
    if document != response.document:
        response.document, response.saved_at = document, at
        response.save(update_fields=["document", "saved_at"])
    forget_unnamed(response, document)
    return response, tuple(issues)


def _no_room(most: int) -> str:
    return _("Der er ikke plads til flere filer. Du kan højst sende %(most)s.") % {"most": most}


def _stored(response: Response, made: Made, at: datetime) -> Upload:
    return Upload.objects.create(
        response=response,
        municipality_id=response.municipality_id,
        citizen_id=response.citizen_id,
        name=made.name,
        content_type=made.content_type,
        size=len(made.content),
        content=made.content,
        created_at=at,
    )


def _attachment(upload: Upload) -> engine.AnswerValue:
    return {
        "valueAttachment": {
            "contentType": upload.content_type,
            "url": upload.address,
            "size": upload.size,
            "title": upload.name,
            "creation": upload.created_at.isoformat(),
        }
    }
