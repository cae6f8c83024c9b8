"""The one way to change a draft: what stands in it is replaced as a whole, by who has seen what is there."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from questionnaires.authoring import deltas, patches
from questionnaires.kept_drafts import keep_written, load_source
from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.stored_patches import as_stored, patched


class NotADraft(Problem):
    """Only a draft can be changed or published."""

    code = "not_a_draft"


class DraftChanged(Problem):
    """The draft is no longer what the administrator has looked at."""

    code = "draft_changed"


@transaction.atomic
def change_draft(
    *,
    version: QuestionnaireVersion,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    fingerprint: str,
    by: StaffMember | None = None,
) -> QuestionnaireVersion:
    """Put `change` of a draft's FHIR Questionnaire in its place; `change` leaves what it is given as it was.

    `fingerprint` is that of the draft as it was looked at, or the name of its revision (`revision.hex`), which costs
    nothing to compare; `by` is who changes it, who then cannot approve it. What changes nothing was written by nobody.
    Raises NotADraft, also while it is in review, or DraftChanged.
    """
    locked = QuestionnaireVersion.objects.select_for_update(of=("self",), no_key=True).defer("source")
    version = locked.get(pk=version.pk)
    require_draft(version)
    load_source(version)
    if fingerprint != version.revision.hex and fingerprint != version.fingerprint:
        raise DraftChanged(_("Kladden er ændret, siden du åbnede den. Se den igennem, som den er nu."))
    _write(version, change(version.source), by or version.edited_by)
    return version


def _write(version: QuestionnaireVersion, source: dict[str, Any], by: StaffMember | None) -> None:
    """Store a locked draft's new document: where only a few places differ, only these are sent."""
    # The row says the same as the document: lists show it without reading that.
    delta = patches.between(version.source, source)
    by = by if delta != [] else version.edited_by
    version.title, version.language, version.edited_by = title_of(source), language_of(source), by
    row: dict[str, Any] = {"title": version.title, "language": version.language, "edited_by": by}
    if delta is None:
        row["source"] = version.source = source
    elif delta:
        delta = as_stored(delta)
        row["source"] = patched(F("source"), delta)
        version.source = deltas.apply(version.source, delta)
    QuestionnaireVersion.objects.filter(pk=version.pk).update(**row)
    if "source" in row:
        version.refresh_from_db(fields=["revision"])
    if delta:
        keep_written(version)


def require_draft(version: QuestionnaireVersion) -> None:
    """Raises NotADraft where `version` cannot be changed: it is in review, or published."""
    if version.is_in_review:
        raise NotADraft(_("Spørgeskemaet er til gennemsyn. Tag det tilbage til kladde, før du ændrer det."))
    if not version.is_draft:
        raise NotADraft(_("Kun en kladde kan ændres. Denne version er allerede udgivet."))


def locked_version(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The version as it stands, locked for a step of its life cycle.

    The questionnaire first, as an import does: neither sees half of what the other is doing.
    """
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=version.questionnaire_id)
    found = QuestionnaireVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    found.questionnaire = questionnaire
    return found


def require_seen(version: QuestionnaireVersion, fingerprint: str) -> None:
    """Raises DraftChanged where `fingerprint` is not that of what stands in it now."""
    if version.fingerprint != fingerprint:
        raise DraftChanged(
            _("Kladden er ændret, siden du åbnede den. Se den igennem, som den er nu, og udgiv den så.")
        )


def title_of(source: Mapping[str, Any]) -> str:
    """What lists call the questionnaire, as short as the row holds it."""
    found = source.get("title") or source.get("name")
    title = found.strip() if isinstance(found, str) else ""
    return (title or _("Spørgeskema uden titel"))[:300]


def language_of(source: Mapping[str, Any]) -> str:
    """The language it is written in; Danish where it does not say so."""
    found = source.get("language")
    return found[:20] if isinstance(found, str) and found else "da"
