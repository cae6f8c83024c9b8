"""A draft is looked at by somebody else before it is published: sent to review, taken back, sent back, approved."""

from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from identity.programs import is_program_of
from kommunalpro.problems import Problem
from questionnaires.decision_support import is_approved, support_for
from questionnaires.drafting import locked_version, require_draft, require_seen
from questionnaires.events import Kind, note
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.publishability import require_publishable


class NotInReview(Problem):
    """Only what is in review can be approved, sent back or taken back."""

    code = "not_in_review"


class AnotherPersonNeeded(Problem):
    """Who wrote it, or has approved it already, cannot be who looks at it now."""

    code = "another_person_needed"


class CommentMissing(Problem):
    """Who sends a draft back says why."""

    code = "comment_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@transaction.atomic
def send_to_review(
    *, version: QuestionnaireVersion, fingerprint: str, by: StaffMember, at: datetime, comment: str = ""
) -> QuestionnaireVersion:
    """Have a draft looked at. Until it is taken back nobody changes it.

    Raises NotADraft, DraftChanged, or NotPublishable where the engine finds an error.
    """
    version = locked_version(version)
    require_draft(version)
    require_seen(version, fingerprint)
    require_publishable(version)
    version.status = PublicationStatus.IN_REVIEW
    version.save(update_fields=["status"])
    note(
        Kind.SENT_TO_REVIEW,
        at=at,
        by=by,
        questionnaire=version.questionnaire,
        version=version,
        comment=comment,
    )
    return version


@transaction.atomic
def take_back(
    *, version: QuestionnaireVersion, by: StaffMember, at: datetime, comment: str = ""
) -> QuestionnaireVersion:
    """Make it a draft again, to go on writing. What was approved of it is approved no more. Raises NotInReview."""
    return _to_draft(Kind.TAKEN_BACK, version, by, at, comment)


@transaction.atomic
def send_back(
    *, version: QuestionnaireVersion, by: StaffMember, at: datetime, comment: str
) -> QuestionnaireVersion:
    """Make it a draft again, with what has to be done about it. Raises NotInReview or CommentMissing."""
    if not comment.strip():
        raise CommentMissing(_("Skriv, hvad der skal ændres, før du sender spørgeskemaet tilbage."))
    return _to_draft(Kind.SENT_BACK, version, by, at, comment)


def _to_draft(
    kind: Kind, version: QuestionnaireVersion, by: StaffMember, at: datetime, comment: str
) -> QuestionnaireVersion:
    version = locked_version(version)
    _require_in_review(version)
    version.status = PublicationStatus.DRAFT
    version.approved_by = version.approved_at = version.decision_support = None
    version.save(update_fields=["status", "approved_by", "approved_at", "decision_support"])
    note(kind, at=at, by=by, questionnaire=version.questionnaire, version=version, comment=comment.strip())
    return version


@transaction.atomic
def approve(
    *, version: QuestionnaireVersion, fingerprint: str, by: StaffMember, at: datetime, comment: str = ""
) -> QuestionnaireVersion:
    """Say that it can be published as it is; with decision support, under what is switched on for it now.

    Raises NotInReview, DraftChanged, NotPublishable; AnotherPersonNeeded for who wrote it, themselves or by
    a program of theirs, for programs, and where it is approved.
    """
    version = locked_version(version)
    _require_in_review(version)
    require_seen(version, fingerprint)
    require_publishable(version)
    support = support_for(version)
    if by.is_program:
        raise AnotherPersonNeeded(_("Et program kan ikke godkende. Det skal en person gøre i KAM."))
    if version.was_written_by(by.pk):
        raise AnotherPersonNeeded(
            _("Du har selv skrevet i kladden. En anden skal se den igennem og godkende den.")
        )
    if is_program_of(by.pk, among=version.written_by):
        raise AnotherPersonNeeded(
            _(
                "Et program med en nøgle, du har lavet, har skrevet kladden. En anden skal se den igennem og "
                "godkende den."
            )
        )
    if is_approved(version, support):
        raise AnotherPersonNeeded(_("Spørgeskemaet er allerede godkendt. En anden kan nu udgive det."))
    version.approved_by, version.approved_at, version.decision_support = by, at, support
    version.save(update_fields=["approved_by", "approved_at", "decision_support"])
    note(
        Kind.APPROVED, at=at, by=by, questionnaire=version.questionnaire, version=version, comment=comment,
        support=support,
    )  # fmt: skip
    return version


def _require_in_review(version: QuestionnaireVersion) -> None:
    if not version.is_in_review:
        raise NotInReview(_("Spørgeskemaet er ikke til gennemsyn. Se, hvor langt det er nu."))
