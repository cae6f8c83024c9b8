"""What the library says of a questionnaire besides its questions: its area, and whose instrument it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from questionnaires.events import Kind, note
from questionnaires.models import Area, Questionnaire


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said. `permission_needed`: the instrument may be used only by who has asked its owner."""

    area: str
    licence: str
    source: str
    permission_needed: bool


@transaction.atomic
def change_facts(
    *, questionnaire: Questionnaire, facts: Facts, by: StaffMember, at: datetime
) -> Questionnaire:
    """Say them; what changed is in the log."""
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire.pk)
    before = _words(questionnaire)
    for name in ("area", "licence", "source", "permission_needed"):
        setattr(questionnaire, name, getattr(facts, name))
    after = _words(questionnaire)
    changed = [
        f"{name}: {before[name] or '–'} → {after[name] or '–'}"
        for name in before
        if before[name] != after[name]
    ]
    if changed:
        questionnaire.save(update_fields=["area", "licence", "source", "permission_needed"])
        note(Kind.FACTS_CHANGED, at=at, by=by, questionnaire=questionnaire, comment="\n".join(changed))
    return questionnaire


def _words(questionnaire: Questionnaire) -> dict[str, str]:
    """As people read them in the log."""
    return {
        _("Område"): str(Area(questionnaire.area).label) if questionnaire.area else "",
        _("Licens"): questionnaire.licence,
        _("Kilde"): questionnaire.source,
        _("Tilladelse nødvendig"): _("Ja") if questionnaire.permission_needed else _("Nej"),
    }
