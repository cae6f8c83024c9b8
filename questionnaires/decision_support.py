"""Colours and thresholds that steer care are a medical device: off until somebody switches them on and says what for.

A version shows them where it was approved by one and published by another while they were on (`DecisionSupport`);
otherwise they are not there for whoever answers, reads or receives it, however much its file says.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from questionnaires.engine.decision_support import has_decision_support, without_decision_support
from questionnaires.events import Kind, note
from questionnaires.models import DecisionSupport, PublicationStatus, Questionnaire, QuestionnaireVersion


class PurposeMissing(Problem):
    """Who switches it on says what it is for, and by which version of the algorithm."""

    code = "purpose_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SupportIsOff(Problem):
    """There is nothing to switch off."""

    code = "support_is_off"


def active_support(questionnaire_id: UUID) -> DecisionSupport | None:
    """What is switched on for a questionnaire now; None: nothing."""
    return DecisionSupport.objects.filter(questionnaire=questionnaire_id, switched_off_at=None).first()


def support_for(version: QuestionnaireVersion) -> DecisionSupport | None:
    """Under what this version would show decision support; None where it has none, or it is switched off."""
    return active_support(version.questionnaire_id) if has_decision_support(version.source) else None


def is_approved(version: QuestionnaireVersion, support: DecisionSupport | None) -> bool:
    """Has somebody approved it as it stands: for what `support_for` gives of it now?"""
    stands_for = support.pk if support is not None else None
    return version.approved_by_id is not None and version.decision_support_id == stands_for


def source_in_use(version: QuestionnaireVersion) -> Mapping[str, Any]:
    """The FHIR Questionnaire of a published version as it is used: decision support is in it where it is on."""
    source: Mapping[str, Any] = version.source
    return source if version.shows_decision_support else without_decision_support(source)


@transaction.atomic
def switch_on(
    *,
    questionnaire: Questionnaire,
    intended_purpose: str,
    algorithm_version: str,
    by: StaffMember,
    at: datetime,
) -> DecisionSupport:
    """Let the next version of a questionnaire show decision support, once two people have approved it.

    Takes the place of what is on: versions that were approved under that go on as they were. Raises PurposeMissing.
    """
    intended_purpose, algorithm_version = intended_purpose.strip(), algorithm_version.strip()
    if not intended_purpose or not algorithm_version:
        raise PurposeMissing(_("Skriv, hvad farverne skal bruges til, og hvilken version reglerne har."))
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
    questionnaire.decision_supports.filter(switched_off_at=None).update(
        switched_off_at=at, switched_off_by=by
    )
    support = DecisionSupport.objects.create(
        questionnaire=questionnaire,
        intended_purpose=intended_purpose,
        algorithm_version=algorithm_version,
        switched_on_at=at,
        switched_on_by=by,
    )
    note(
        Kind.SUPPORT_ON,
        at=at,
        by=by,
        questionnaire=questionnaire,
        comment=f"{intended_purpose} ({algorithm_version})",
        support=support,
    )
    return support


@transaction.atomic
def switch_off(*, questionnaire: Questionnaire, by: StaffMember, at: datetime, comment: str = "") -> None:
    """Show no colours and thresholds of any version of it from now on. Raises SupportIsOff.

    An approval of what is in review is for something else now, and falls away.
    """
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
    on = questionnaire.decision_supports.filter(switched_off_at=None).first()
    shown = questionnaire.versions.exclude(decision_support=None)
    if on is None and not shown.exists():
        raise SupportIsOff(_("Beslutningsstøtten er allerede slået fra."))
    questionnaire.decision_supports.filter(switched_off_at=None).update(
        switched_off_at=at, switched_off_by=by
    )
    shown.filter(status=PublicationStatus.IN_REVIEW).update(
        decision_support=None, approved_by=None, approved_at=None
    )
    shown.update(decision_support=None)
    note(Kind.SUPPORT_OFF, at=at, by=by, questionnaire=questionnaire, comment=comment.strip(), support=on)
