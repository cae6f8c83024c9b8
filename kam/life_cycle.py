"""Where a version stands in its life, and what the person who looks at it may do next: the page offers nothing else."""

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from identity.access import StaffRequest
from identity.programs import is_program_of
from identity.roles import Permission
from kam.owners import owner_of
from kam.versions import is_own
from questionnaires.copying import newer_origins
from questionnaires.decision_support import active_support, is_approved
from questionnaires.engine import Definition
from questionnaires.engine.decision_support import has_decision_support
from questionnaires.events import events_of
from questionnaires.models import DecisionSupport, PublicationEvent, PublicationStatus, QuestionnaireVersion
from questionnaires.significance_words import rules_in_words


@dataclass(slots=True)
class LifeCycle:
    """What the card on a version's page shows and offers."""

    has_support: bool
    support: DecisionSupport | None
    rules: list[tuple[str, list[str]]] = field(default_factory=list)
    events: list[PublicationEvent] = field(default_factory=list)
    newer_origin: QuestionnaireVersion | None = None
    origin: QuestionnaireVersion | None = None
    may_send: bool = False
    may_take_back: bool = False
    may_approve: bool = False
    may_publish: bool = False
    may_send_back: bool = False
    may_withdraw: bool = False
    may_share: bool = False
    may_copy: bool = False
    may_bring_up: bool = False
    may_change_facts: bool = False
    may_switch_support: bool = False
    waits_for: str = ""

    @property
    def support_is_missing(self) -> bool:
        """Colours are in the file, and will not be shown."""
        return self.has_support and self.support is None


def life_cycle(request: StaffRequest, version: QuestionnaireVersion, definition: Definition) -> LifeCycle:
    """Of a version that `request` may see; `definition` is what it compiles to."""
    questionnaire = version.questionnaire
    is_mine = is_own(request, version)
    edits = request.actor.may(Permission.EDIT_QUESTIONNAIRE)
    publishes = request.actor.may(Permission.PUBLISH_QUESTIONNAIRE)
    is_active = version.status == PublicationStatus.ACTIVE
    has_support = has_decision_support(version.source)
    support = version.decision_support if version.is_published else active_support(questionnaire.pk)
    found = LifeCycle(
        has_support=has_support,
        support=support if has_support else None,
        # Who approves and publishes reads them here: the page as the citizen sees it does not show them.
        rules=rules_in_words(definition) if has_support else [],
        may_copy=edits and is_active and not (is_mine and questionnaire.owner_id is None),
        origin=_origin(request, version),
    )
    if not is_mine:
        return found
    found.events = events_of(version)
    found.newer_origin = newer_origins([questionnaire]).get(questionnaire.pk)
    found.may_bring_up = (
        edits and found.newer_origin is not None and not questionnaire.versions.being_written().exists()
    )
    found.may_send = edits and version.is_draft
    found.may_take_back = edits and version.is_in_review
    found.may_send_back = publishes and version.is_in_review
    found.may_withdraw = publishes and is_active
    found.may_share = publishes and questionnaire.owner_id is not None and (is_active or questionnaire.shared)
    found.may_change_facts = edits
    found.may_switch_support = publishes
    if not version.is_published:
        _judge(found, version, request.actor.staff_id, publishes=publishes)
    return found


def _judge(found: LifeCycle, version: QuestionnaireVersion, me: UUID, *, publishes: bool) -> None:
    """Who can approve and publish what is not published; else, what it waits for."""
    wrote_it_myself = version.was_written_by(me)
    wrote_it = wrote_it_myself or is_program_of(me, among=version.written_by)
    approved = is_approved(version, found.support)
    found.may_approve = publishes and version.is_in_review and not approved and not wrote_it
    if found.support is None:
        found.may_publish = publishes
        return
    found.may_publish = publishes and approved and version.approved_by_id != me and not wrote_it
    if version.is_draft:
        found.waits_for = _(
            "Det har beslutningsstøtte. Send det til gennemsyn: to andre skal godkende og udgive det."
        )
    elif not approved:
        found.waits_for = _("Det har beslutningsstøtte. En skal godkende det, og en anden skal udgive det.")
        if wrote_it:
            found.waits_for = _("Du har selv skrevet i kladden. To andre skal godkende og udgive den.")
            if not wrote_it_myself:
                found.waits_for = _(
                    "Et program med en nøgle, du har lavet, har skrevet kladden. To andre skal godkende og udgive den."
                )
    elif not found.may_publish:
        found.waits_for = _("Det er godkendt. Fordi det har beslutningsstøtte, skal en anden udgive det.")


def _origin(request: StaffRequest, version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """What it was copied from, where that may still be seen."""
    if version.questionnaire.copied_from_id is None:
        return None
    visible = QuestionnaireVersion.objects.visible_in_kam(owner_of(request)).select_related(
        "questionnaire__owner"
    )
    return visible.defer("source").filter(pk=version.questionnaire.copied_from_id).first()
