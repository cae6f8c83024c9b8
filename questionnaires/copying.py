"""National and local: a municipality copies what others publish, hears of newer versions, and shares its own."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from questionnaires.events import Kind, note
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion, address_of_our_own


class NotCopyable(Problem):
    """Only an active version that one may see is copied."""

    code = "not_copyable"


class DraftInTheWay(Problem):
    """There is a draft already, which is not thrown away for another."""

    code = "draft_in_the_way"


class NotShareable(Problem):
    """Only a municipality's own questionnaire with an active version is shared."""

    code = "not_shareable"


@transaction.atomic
def copy_questionnaire(
    *, version: QuestionnaireVersion, owner: Municipality | None, by: StaffMember, at: datetime
) -> QuestionnaireVersion:
    """The draft of a questionnaire of one's own that begins as a copy of `version`, which stays named as its origin.

    It gets an address of its own; area, licence and source are those of the origin. Raises NotCopyable.
    """
    visible = QuestionnaireVersion.objects.active().visible_in_kam(owner)
    origin = visible.select_related("questionnaire").filter(pk=version.pk).first()
    if origin is None:
        raise NotCopyable(_("Kun en aktiv version kan kopieres."))
    theirs = origin.questionnaire
    mine = Questionnaire.objects.create(
        url=address_of_our_own(),
        owner=owner,
        copied_from=origin,
        area=theirs.area,
        licence=theirs.licence,
        source=theirs.source,
        permission_needed=theirs.permission_needed,
    )
    return _drafted(mine, origin, number=1, by=by, at=at)


@transaction.atomic
def bring_up_to_date(*, questionnaire: Questionnaire, by: StaffMember, at: datetime) -> QuestionnaireVersion:
    """A new draft of a copy from the newest version of its origin. What was changed in the copy is not in it.

    Raises NotCopyable where there is no newer one, or DraftInTheWay.
    """
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
    newer = newer_origins([questionnaire]).get(questionnaire.pk)
    if newer is None:
        raise NotCopyable(_("Kopien svarer allerede til den nyeste version."))
    if questionnaire.versions.being_written().exists():
        raise DraftInTheWay(
            _("Der er allerede en kladde. Udgiv den først, eller ret den efter den nye version.")
        )
    questionnaire.copied_from = newer
    questionnaire.save(update_fields=["copied_from"])
    return _drafted(questionnaire, newer, number=questionnaire.next_number, by=by, at=at)


def _drafted(
    mine: Questionnaire, origin: QuestionnaireVersion, *, number: int, by: StaffMember, at: datetime
) -> QuestionnaireVersion:
    draft = QuestionnaireVersion.objects.create(
        questionnaire=mine,
        number=number,
        title=origin.title,
        language=origin.language,
        source=copied(origin.source, url=mine.url, origin=origin.canonical),
        edited_by=by,
    )
    note(Kind.COPIED, at=at, by=by, questionnaire=mine, version=draft, comment=origin.canonical)
    return draft


def copied(source: dict[str, Any], *, url: str, origin: str) -> dict[str, Any]:
    """The FHIR Questionnaire under another address, as a draft derived from `origin` (`url|version`)."""
    return {**source, "url": url, "status": "draft", "version": "1", "derivedFrom": [origin]}


def newer_origins(questionnaires: Iterable[Questionnaire]) -> dict[UUID, QuestionnaireVersion]:
    """Of those that are copies: the active version of the origin, where it is newer than what was copied; one query."""
    copies = {each.pk: each.copied_from_id for each in questionnaires if each.copied_from_id is not None}
    if not copies:
        return {}
    bases = QuestionnaireVersion.objects.filter(pk__in=copies.values())
    known = {
        pk: (origin, number) for pk, origin, number in bases.values_list("pk", "questionnaire_id", "number")
    }
    active = QuestionnaireVersion.objects.active().filter(
        questionnaire__in=[origin for origin, _number in known.values()]
    )
    newest = {each.questionnaire_id: each for each in active.defer("source").select_related("questionnaire")}
    found = {}
    for pk, base in copies.items():
        origin, number = known.get(base, (None, 0))
        newer = newest.get(origin) if origin is not None else None
        if newer is not None and newer.number > number:
            found[pk] = newer
    return found


@transaction.atomic
def share(*, questionnaire: Questionnaire, shared: bool, by: StaffMember, at: datetime) -> Questionnaire:
    """Let others look at the active version and copy it; or no longer: copies stay. Raises NotShareable."""
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
    if shared and (
        questionnaire.owner_id is None
        or not questionnaire.versions.filter(status=PublicationStatus.ACTIVE).exists()
    ):
        raise NotShareable(_("Kun jeres egne aktive spørgeskemaer kan deles."))
    if questionnaire.shared != shared:
        questionnaire.shared = shared
        questionnaire.save(update_fields=["shared"])
        note(Kind.SHARED if shared else Kind.UNSHARED, at=at, by=by, questionnaire=questionnaire)
    return questionnaire
