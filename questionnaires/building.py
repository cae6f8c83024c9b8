"""Building a questionnaire: each act on a draft is kept as a step, and one person at a time does them.

What can be done is pure (`questionnaires.authoring`); here it is stored, with the way back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from questionnaires.authoring import deltas, elements
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.drafting import change_draft
from questionnaires.models import (
    DraftHolder,
    DraftStep,
    Questionnaire,
    QuestionnaireVersion,
    address_of_our_own,
)

MOST_STEPS = 300
"""Older steps of a draft are forgotten."""

IDLE = timedelta(minutes=10)
"""After so long without an act a draft is free for somebody else."""

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class EditRefused(Problem):
    """The draft stays as it was; the sentence says what stands in the way. `reason` is for the screen to offer more."""

    code = "edit_refused"

    def __init__(self, refusal: CannotDo) -> None:
        super().__init__(_sentence_of(refusal))
        self.reason = refusal.reason


class DraftHeld(Problem):
    """Somebody else has the draft open and is working on it."""

    code = "draft_held"

    def __init__(self, holder: DraftHolder) -> None:
        super().__init__(
            _("%(name)s har haft kladden siden kl. %(time)s. Du kan se med, men ikke ændre noget.")
            % {"name": holder.staff.name, "time": time_format(timezone.localtime(holder.since), "H.i")}
        )
        self.holder = holder


class NothingToUndo(Problem):
    """There is no step in that direction."""

    code = "nothing_to_undo"


# --- beginning ------------------------------------------------------------------------------------------------


@transaction.atomic
def start_questionnaire(
    *, owner: Municipality | None, title: str, by: StaffMember, at: datetime
) -> QuestionnaireVersion:
    """A new questionnaire with an address of our own: its first draft, held by who begins it."""
    questionnaire = Questionnaire.objects.create(url=address_of_our_own(), owner=owner)
    source = elements.empty_questionnaire(url=questionnaire.url, title=title)
    version = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=1,
        title=title,
        language=source["language"],
        source=source,
        edited_by=by,
    )
    take(version=version, by=by, at=at)
    return version


@transaction.atomic
def new_version(*, version: QuestionnaireVersion, by: StaffMember, at: datetime) -> QuestionnaireVersion:
    """The draft that follows `version`: a copy of it, or the draft that there is already."""
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=version.questionnaire_id)
    draft = questionnaire.versions.being_written().first()
    if draft is not None:
        return draft
    draft = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=questionnaire.next_number,
        title=version.title,
        language=version.language,
        source=version.source,
        edited_by=by,
    )
    take(version=draft, by=by, at=at)
    return draft


# --- who has it -----------------------------------------------------------------------------------------------


def holder_of(version: QuestionnaireVersion, *, at: datetime) -> DraftHolder | None:
    """Who has the draft now; None where it is free."""
    found = DraftHolder.objects.select_related("staff").filter(version=version).first()
    return found if found is not None and not is_idle(found, at=at) else None


def is_idle(holder: DraftHolder, *, at: datetime) -> bool:
    """Has nothing been done for so long that somebody else may take it?"""
    return at - holder.last_act_at >= IDLE


@transaction.atomic
def take(*, version: QuestionnaireVersion, by: StaffMember, at: datetime) -> DraftHolder:
    """Have the draft, if it is free. Raises DraftHeld."""
    QuestionnaireVersion.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=version.pk)
    return _held_by(version, by, at)


def give_up(*, version: QuestionnaireVersion, by: StaffMember) -> None:
    """Leave the draft to others."""
    DraftHolder.objects.filter(version=version, staff=by).delete()


def _held_by(version: QuestionnaireVersion, by: StaffMember, at: datetime) -> DraftHolder:
    """As `take`, of a draft whose row is locked."""
    found = DraftHolder.objects.select_related("staff").filter(version_id=version.pk).first()
    if found is None:
        return DraftHolder.objects.create(version_id=version.pk, staff=by, since=at, last_act_at=at)
    if found.staff_id != by.pk:
        if not is_idle(found, at=at):
            raise DraftHeld(found)
        found.staff, found.since = by, at
    found.last_act_at = at
    found.save(update_fields=["staff", "since", "last_act_at"])
    return found


# --- doing, undoing, doing again ------------------------------------------------------------------------------


@transaction.atomic
def edit(
    *,
    version: QuestionnaireVersion,
    operation: Operation,
    act: DraftStep.Act,
    about: str = "",
    link_id: str = "",
    fingerprint: str,
    by: StaffMember,
    at: datetime,
) -> QuestionnaireVersion:
    """Do something to a draft, and keep it as a step. What changes nothing is no step.

    `about` names the element in the history, `link_id` is the one to look at afterwards. Raises NotADraft,
    DraftChanged, DraftHeld or EditRefused.
    """
    delta: deltas.Delta = []

    def change(source: dict[str, Any]) -> dict[str, Any]:
        _held_by(version, by, at)
        try:
            made = operation(source)
        except CannotDo as refusal:
            raise EditRefused(refusal) from refusal
        delta.extend(deltas.between(source, made))
        return made

    version = change_draft(version=version, change=change, fingerprint=fingerprint, by=by)
    if delta:
        _keep(version, DraftStep(act=act, about=about[:200], link_id=link_id, delta=delta, by=by, at=at))
    return version


def _keep(version: QuestionnaireVersion, step: DraftStep) -> None:
    version.steps.filter(is_undone=True).delete()
    last = version.steps.aggregate(last=Max("number"))["last"] or 0
    step.version, step.number = version, last + 1
    step.save()
    version.steps.filter(number__lte=step.number - MOST_STEPS).delete()


def undo(
    *, version: QuestionnaireVersion, fingerprint: str, by: StaffMember, at: datetime
) -> tuple[QuestionnaireVersion, DraftStep]:
    """Take the last step back; also gives it. Raises NothingToUndo, and what `edit` does."""
    step = last_step(version)
    if step is None:
        raise NothingToUndo(_("Der er ikke mere at fortryde."))
    return go_to(version=version, number=step.number - 1, fingerprint=fingerprint, by=by, at=at), step


def redo(
    *, version: QuestionnaireVersion, fingerprint: str, by: StaffMember, at: datetime
) -> tuple[QuestionnaireVersion, DraftStep]:
    """Take the last undone step again; also gives it. Raises NothingToUndo, and what `edit` does."""
    step = next_step(version)
    if step is None:
        raise NothingToUndo(_("Der er ikke mere at gøre om."))
    return go_to(version=version, number=step.number, fingerprint=fingerprint, by=by, at=at), step


@transaction.atomic
def go_to(
    *, version: QuestionnaireVersion, number: int, fingerprint: str, by: StaffMember, at: datetime
) -> QuestionnaireVersion:
    """The draft as it was after step `number`: later steps are undone, earlier ones done again.

    Raises NotADraft, DraftChanged, DraftHeld, and EditRefused where the draft was changed without steps meanwhile.
    """

    def change(source: dict[str, Any]) -> dict[str, Any]:
        _held_by(version, by, at)
        back = version.steps.filter(number__gt=number, is_undone=False).order_by("-number")
        forth = version.steps.filter(number__lte=number, is_undone=True).order_by("number")
        try:
            for step in back:
                source = deltas.apply(source, deltas.inverse(step.delta))
            for step in forth:
                source = deltas.apply(source, step.delta)
        except CannotDo as refusal:
            raise EditRefused(refusal) from refusal
        back.update(is_undone=True)
        forth.update(is_undone=False)
        return source

    return change_draft(version=version, change=change, fingerprint=fingerprint, by=by)


def last_step(version: QuestionnaireVersion) -> DraftStep | None:
    """What “Fortryd” takes back."""
    return version.steps.filter(is_undone=False).order_by("-number").first()


def next_step(version: QuestionnaireVersion) -> DraftStep | None:
    """What “Gør om” does again."""
    return version.steps.filter(is_undone=True).order_by("number").first()


# --- words ----------------------------------------------------------------------------------------------------


def _sentence_of(refusal: CannotDo) -> str:
    names = ", ".join(f"»{name}«" if name else _("et element uden tekst") for name in refusal.names)
    match refusal.reason:
        case Reason.IN_USE:
            return _("Det kan ikke slettes, fordi det bliver brugt af %(names)s.") % {"names": names}
        case Reason.IN_USE_BY_FORM:
            return _("Det kan ikke slettes, fordi en beregning for hele spørgeskemaet bruger det.")
        case Reason.OPTION_IN_USE:
            option, *users = refusal.names
            named = ", ".join(f"»{name}«" for name in users)
            return _("Svaret »%(option)s« kan ikke fjernes, fordi det styrer, om %(names)s bliver vist.") % {
                "option": option,
                "names": named,
            }
        case Reason.INSIDE_ITS_CONDITION:
            return _(
                "Det kan ikke flyttes ind i %(names)s, som kun bliver vist efter svaret på det."
                " Fjern betingelsen først."
            ) % {"names": names}
        case Reason.ONE_ANSWER_NEEDED:
            return _(
                "Så ville et spørgsmål kunne få flere svar, men %(names)s kan kun bruge ét."
                " Fjern reglen eller scoren først."
            ) % {"names": names}
        case Reason.TOO_DEEP:
            return _("Der kan ikke være flere grupper inden i hinanden.")
        case Reason.TOO_MANY:
            return _("Der er ikke plads til flere elementer i spørgeskemaet.")
        case Reason.CANNOT_HOLD:
            return _("Det kan ikke stå inden i %(names)s.") % {"names": names}
        case Reason.NO_PLACE:
            return _("Det kan ikke flyttes længere i den retning.")
        case Reason.GONE:
            return _("Elementet er der ikke længere. Vælg et andet.")
        case Reason.NOT_FOR_THIS:
            return _("Det kan ikke indstilles for dette element.")
        case Reason.DOES_NOT_FIT:
            return _("Kladden er ændret på en anden måde siden, så det trin kan ikke fortrydes.")
