"""A draft becomes the version that citizens answer; and a questionnaire is taken out of use."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from identity.programs import is_program_of
from kommunalpro.problems import Problem
from questionnaires.decision_support import is_approved, support_for
from questionnaires.drafting import NotADraft, locked_version, require_seen
from questionnaires.events import Kind, note
from questionnaires.models import DecisionSupport, PublicationStatus, QuestionnaireVersion
from questionnaires.publishability import require_publishable
from questionnaires.reviewing import AnotherPersonNeeded, CommentMissing
from questionnaires.test_cases import require_passing


class ApprovalNeeded(Problem):
    """Decision support is published only after somebody else has approved it in review."""

    code = "approval_needed"


class PermissionNotConfirmed(Problem):
    """The instrument may be used with permission only, and nobody has said that there is one."""

    code = "permission_not_confirmed"


class NotActive(Problem):
    """Only an active questionnaire can be taken out of use."""

    code = "not_active"


@transaction.atomic
def publish_questionnaire(
    *,
    version: QuestionnaireVersion,
    fingerprint: str,
    by: StaffMember,
    at: datetime,
    permission_confirmed: bool = False,
) -> QuestionnaireVersion:
    """Make a draft, or what is in review, the active version; the version that was active until now is retired.

    `fingerprint` is that of the draft as `by` has looked at it: what is published can never be changed.
    `permission_confirmed`: `by` says that the instrument may be used, where that has to be asked for.
    Raises NotADraft, DraftChanged, NotPublishable, FailingTests, PermissionNotConfirmed; and where it has decision
    support that is switched on, ApprovalNeeded or AnotherPersonNeeded.
    """
    version = locked_version(version)
    questionnaire = version.questionnaire
    if version.is_published:
        raise NotADraft(_("Kun en kladde kan udgives. Denne version er allerede udgivet."))
    require_seen(version, fingerprint)
    require_publishable(version)
    require_passing(version)
    if questionnaire.permission_needed and not permission_confirmed:
        raise PermissionNotConfirmed(
            _("Instrumentet må kun bruges med tilladelse. Bekræft, at I har den, før du udgiver.")
        )
    version.decision_support = _approved_support(version, by)
    former = questionnaire.versions.filter(status=PublicationStatus.ACTIVE).first()
    if former is not None:
        former.status = PublicationStatus.RETIRED
        former.save(update_fields=["status"])
        note(Kind.SUPERSEDED, at=at, by=by, questionnaire=questionnaire, version=former)
    version.status = PublicationStatus.ACTIVE
    version.published_at = at
    version.published_by = by
    version.save(update_fields=["status", "published_at", "published_by", "decision_support"])
    if questionnaire.permission_needed:
        note(
            Kind.PERMISSION_CONFIRMED, at=at, by=by, questionnaire=questionnaire, version=version,
            comment=questionnaire.licence,
        )  # fmt: skip
    note(
        Kind.PUBLISHED, at=at, by=by, questionnaire=questionnaire, version=version,
        support=version.decision_support,
    )  # fmt: skip
    return version


def _approved_support(version: QuestionnaireVersion, by: StaffMember) -> DecisionSupport | None:
    """Under what the version shows decision support from now on. None: it has none, or shows none."""
    support = support_for(version)
    if support is None:
        return None
    if not version.is_in_review:
        raise ApprovalNeeded(
            _(
                "Spørgeskemaet har beslutningsstøtte. Send det til gennemsyn: to andre skal godkende og udgive det."
            )
        )
    if not is_approved(version, support):
        raise ApprovalNeeded(
            _("Spørgeskemaet har beslutningsstøtte. En skal godkende det, før en anden kan udgive det.")
        )
    if by.is_program:
        raise AnotherPersonNeeded(
            _(
                "Spørgeskemaet har beslutningsstøtte. Et program kan ikke udgive det: Det skal en person gøre i KAM."
            )
        )
    if version.approved_by_id == by.pk:
        raise AnotherPersonNeeded(
            _(
                "Du har selv godkendt spørgeskemaet. Fordi det har beslutningsstøtte, skal en anden udgive det."
            )
        )
    if version.was_written_by(by.pk):
        raise AnotherPersonNeeded(
            _("Du har selv skrevet i kladden. Fordi den har beslutningsstøtte, skal en anden udgive den.")
        )
    if is_program_of(by.pk, among=version.written_by):
        raise AnotherPersonNeeded(
            _(
                "Et program med en nøgle, du har lavet, har skrevet kladden. Fordi den har beslutningsstøtte, skal "
                "en anden udgive den."
            )
        )
    return support


@transaction.atomic
def withdraw_questionnaire(
    *, version: QuestionnaireVersion, by: StaffMember, at: datetime, comment: str
) -> QuestionnaireVersion:
    """Retire the active version without a successor: nothing new can be assigned with the questionnaire.

    Its earlier versions go with it, which plans may still be using. Open tasks stay answerable; the next version
    that is published brings the questionnaire back. Raises NotActive or CommentMissing.
    """
    if not comment.strip():
        raise CommentMissing(
            _("Skriv, hvorfor spørgeskemaet tages ud af brug. Det læser de, der har planer med det.")
        )
    version = locked_version(version)
    if version.status != PublicationStatus.ACTIVE:
        raise NotActive(_("Kun et aktivt spørgeskema kan tages ud af brug."))
    used = version.questionnaire.versions.filter(status__in=PublicationStatus.PUBLISHED, withdrawn_at=None)
    used.update(status=PublicationStatus.RETIRED, withdrawn_at=at)
    note(
        Kind.WITHDRAWN, at=at, by=by, questionnaire=version.questionnaire, version=version,
        comment=comment.strip(),
    )  # fmt: skip
    version.refresh_from_db(fields=["status", "withdrawn_at"])
    return version
