"""An upload of questionnaires on its way in: begun, read, chosen among, stored as drafts, forgotten.

Each file is read and stored in a transaction of its own, known by its place in the upload: whoever goes on after a
worker that was killed neither loses nor doubles one. `begin` and `choose` do little uploads at once and leave larger
ones to Celery; beat finds what was left lying (`resume`).
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from questionnaires.engine import Issue
from questionnaires.fingerprints import fingerprint
from questionnaires.import_models import FORSAKEN_AFTER, KEPT_FOR, KEPT_WHEN_DONE, ImportBatch, ImportFile
from questionnaires.importing import QuestionnaireRefused, in_review, judge, newest_version, store_draft
from questionnaires.transfer.candidates import Candidate, FileRefused, shown_name
from questionnaires.transfer.reading import candidates_in, expected_in, is_quickly_read

log = structlog.get_logger(__name__)

STORED_AT_ONCE = 10
"""So many chosen ones are stored while the page waits."""

_SEVERITIES = ("error", "warning", "information")


class NothingChosen(Problem):
    """The form names none of the upload's questionnaires."""

    code = "nothing_chosen"


@transaction.atomic
def begin(
    *, content: bytes, name: str, owner: Municipality | None, by: StaffMember, at: datetime
) -> ImportBatch:
    """Keep an upload and read it: at once where that is quick, else in the background. Nothing is a draft yet."""
    batch = ImportBatch.objects.create(
        content=content,
        name=shown_name(name),
        owner=owner,
        made_by=by,
        expected=expected_in(content),
        created_at=at,
        worked_at=at,
    )
    if is_quickly_read(content):
        read_batch(batch.pk)
        batch.refresh_from_db()
    else:
        transaction.on_commit(partial(_hand_over, "read_import", batch.pk))
    return batch


def read_batch(batch_id: UUID) -> None:
    """Look at every questionnaire of an upload that was not looked at yet."""
    batch = _found(batch_id)
    if batch is None or batch.state != ImportBatch.State.READING:
        return
    with within(batch.scope):
        known = set(batch.files.values_list("position", flat=True))
    try:
        for position, candidate in enumerate(candidates_in(bytes(batch.content), name=batch.name)):
            if position in known:
                continue
            file = _judged(batch, position, candidate)
            with within(batch.scope):
                if not _is_still(batch_id, ImportBatch.State.READING):
                    return
                _say_what_it_is(file)
                ImportFile.objects.bulk_create([file], ignore_conflicts=True)
    except FileRefused as refusal:
        with within(batch.scope):
            if _is_still(batch_id, ImportBatch.State.READING):
                batch.files.all().delete()
                _end(batch_id, ImportBatch.State.REFUSED, refusal=refusal.sentence)
        return
    with within(batch.scope):
        if _is_still(batch_id, ImportBatch.State.READING):
            _end(batch_id, ImportBatch.State.READY, expected=batch.files.count())


@transaction.atomic
def choose(*, batch: ImportBatch, positions: Collection[int], at: datetime) -> ImportBatch:
    """Store the chosen ones as drafts: a few at once, many in the background. Raises NothingChosen.

    Choosing twice does nothing the second time.
    """
    batch = ImportBatch.objects.select_for_update(of=("self",), no_key=True).defer("content").get(pk=batch.pk)
    if batch.state != ImportBatch.State.READY:
        return batch
    chosen = batch.files.usable().filter(position__in=positions).update(is_chosen=True)
    if not chosen:
        raise NothingChosen(_("Vælg mindst ét spørgeskema, der kan importeres."))
    batch.state, batch.worked_at, batch.expected = ImportBatch.State.STORING, at, chosen
    batch.save(update_fields=["state", "worked_at", "expected"])
    if chosen <= STORED_AT_ONCE:
        store_batch(batch.pk)
        batch.refresh_from_db(fields=["state"])
    else:
        transaction.on_commit(partial(_hand_over, "store_import", batch.pk))
    return batch


def store_batch(batch_id: UUID) -> None:
    """Make a draft of every chosen questionnaire that is none yet, each in a transaction of its own."""
    batch = _found(batch_id)
    if batch is None or batch.state != ImportBatch.State.STORING:
        return
    with within(batch.scope):
        waiting = list(batch.files.to_store().order_by("position").values_list("pk", flat=True))
    for pk in waiting:
        with within(batch.scope):
            if not _is_still(batch_id, ImportBatch.State.STORING):
                return
            _store(pk, batch)
    with within(batch.scope):
        if _is_still(batch_id, ImportBatch.State.STORING) and not batch.files.to_store().exists():
            _end(batch_id, ImportBatch.State.DONE)


def resume(*, at: datetime) -> int:
    """Hand over again what nobody works on any more; how many."""
    with within(Scope.system()):
        left = list(
            ImportBatch.objects.filter(
                state__in=ImportBatch.AT_WORK, worked_at__lt=at - FORSAKEN_AFTER
            ).values_list("pk", "state")
        )
        ImportBatch.objects.filter(pk__in=[pk for pk, _state in left]).update(worked_at=at)
    for pk, state in left:
        _hand_over("read_import" if state == ImportBatch.State.READING else "store_import", pk)
    return len(left)


def forget(*, at: datetime) -> int:
    """Delete uploads that are a day old, or done with for an hour; how many."""
    old = Q(created_at__lt=at - KEPT_FOR)
    done = Q(state=ImportBatch.State.DONE, worked_at__lt=at - KEPT_WHEN_DONE)
    with within(Scope.system()):
        _total, by_model = ImportBatch.objects.filter(old | done).delete()
    return by_model.get(ImportBatch._meta.label, 0)


def _judged(batch: ImportBatch, position: int, candidate: Candidate) -> ImportFile:
    """What the engine says of it; whether we have it already is asked in the transaction that keeps it."""
    file = ImportFile(
        batch=batch,
        owner_id=batch.owner_id,
        position=position,
        name=candidate.name[:250],
        relation=ImportFile.Relation.REFUSED,
        refusal=_text(candidate.refusal),
        issues=_told(candidate.issues),
        notes=[_text(note) for note in candidate.notes],
    )
    if candidate.refusal:
        return file
    try:
        judged = judge(candidate.document)
    except QuestionnaireRefused as refusal:
        file.refusal, file.issues = refusal.sentence, _told(refusal.issues)
        return file
    definition = judged.definition
    words = judged.resource.get("copyright")
    file.title = judged.title
    file.url, file.language = definition.url, definition.language
    file.copyright = words if isinstance(words, str) else ""
    file.source, file.issues = judged.resource, _told(judged.issues)
    file.relation = ImportFile.Relation.NEW
    return file


def _say_what_it_is(file: ImportFile) -> None:
    """New, the next version, in place of a draft, here already; or somebody else's, or twice in the upload."""
    if file.relation == ImportFile.Relation.REFUSED:
        return
    file.number = 1
    if not file.url:
        return
    twin = (
        ImportFile.objects.filter(batch_id=file.batch_id, url=file.url)
        .exclude(relation=ImportFile.Relation.REFUSED)
        .first()
    )
    if twin is not None:
        _refuse(
            file,
            _("Adressen (url) er den samme som i »%(name)s«. Kun den første kan importeres.")
            % {"name": twin.name},
        )
        return
    try:
        newest = newest_version(file.url, owner=file.owner)
    except QuestionnaireRefused as refusal:
        _refuse(file, refusal.sentence)
        return
    if newest is None:
        return
    if newest.is_in_review:
        _refuse(file, in_review())
        return
    file.number = newest.number if newest.is_draft else newest.number + 1
    file.relation = ImportFile.Relation.REPLACES if newest.is_draft else ImportFile.Relation.NEXT
    if file.source is not None and fingerprint(file.source) == newest.fingerprint:
        file.relation, file.number, file.version = ImportFile.Relation.IDENTICAL, newest.number, newest


def _refuse(file: ImportFile, sentence: str) -> None:
    file.relation, file.refusal, file.source, file.number = ImportFile.Relation.REFUSED, sentence, None, None


def _store(pk: int, batch: ImportBatch) -> None:
    file = ImportFile.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if file.outcome != ImportFile.Outcome.WAITING:
        return
    try:
        with transaction.atomic():
            file.version = store_draft(judge(file.source), owner=batch.owner, by=batch.made_by)
        file.outcome = ImportFile.Outcome.STORED
    except QuestionnaireRefused as refusal:
        file.outcome, file.refusal = ImportFile.Outcome.FAILED, refusal.sentence
    file.source = None
    file.save(update_fields=["version", "outcome", "refusal", "source"])


def _found(batch_id: UUID) -> ImportBatch | None:
    with within(Scope.system()):
        return ImportBatch.objects.select_related("owner", "made_by").filter(pk=batch_id).first()


def _is_still(batch_id: UUID, state: ImportBatch.State) -> bool:
    """A sign of work; False where the upload was given up or somebody else has finished it.

    The row stays locked until the transaction ends: two who work on one upload take turns.
    """
    return bool(ImportBatch.objects.filter(pk=batch_id, state=state).update(worked_at=timezone.now()))


def _end(batch_id: UUID, state: ImportBatch.State, **facts: Any) -> None:
    ImportBatch.objects.filter(pk=batch_id).update(state=state, content=b"", **facts)


def _told(issues: tuple[Issue, ...]) -> list[dict[str, str]]:
    """The engine's issues as they are kept, the worst first."""
    return [
        {
            "severity": issue.severity.value,
            "da": _text(issue.text_da),
            "en": _text(issue.text_en),
            "expression": _text(issue.expression),
            "label": _text(issue.label),
        }
        for issue in sorted(issues, key=lambda issue: _SEVERITIES.index(issue.severity.value))
    ]


def _text(words: str) -> str:
    """What PostgreSQL can keep of a sentence that quotes a file."""
    return words.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _hand_over(task: str, batch_id: UUID) -> None:
    """To a worker. Where the queue is away, beat's `resume` finds it."""
    try:
        current_app.send_task(
            f"questionnaires.tasks.{task}", args=[str(batch_id)], retry=False, ignore_result=True
        )
    except OperationalError as error:
        log.warning("imports.not_handed_over", batch=str(batch_id), reason=str(error))
