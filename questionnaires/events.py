"""The log of what happened to questionnaires: a row a step, in the transaction of the step itself."""

from datetime import datetime

from identity.models import StaffMember
from questionnaires.models import DecisionSupport, PublicationEvent, Questionnaire, QuestionnaireVersion

Kind = PublicationEvent.Kind


def note(
    kind: PublicationEvent.Kind,
    *,
    at: datetime,
    by: StaffMember | None,
    questionnaire: Questionnaire,
    version: QuestionnaireVersion | None = None,
    comment: str = "",
    support: DecisionSupport | None = None,
) -> PublicationEvent:
    """Write down a step; of a version, with the fingerprint of what stands in it."""
    return PublicationEvent.objects.create(
        kind=kind,
        at=at,
        by=by,
        questionnaire=questionnaire,
        municipality_id=questionnaire.owner_id,
        version=version,
        fingerprint=version.fingerprint if version is not None else "",
        comment=comment[: PublicationEvent.LONGEST_COMMENT],
        decision_support=support,
    )


def events_of(version: QuestionnaireVersion) -> list[PublicationEvent]:
    """What happened to a version, and to its questionnaire as a whole; the newest first."""
    every = PublicationEvent.objects.filter(questionnaire_id=version.questionnaire_id)
    mine = every.filter(version=version) | every.filter(version=None)
    return list(mine.select_related("by", "decision_support").order_by("-at", "-pk"))
