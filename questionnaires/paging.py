"""How much of a questionnaire people see at one time: KAM's choice, on the draft itself (`engine.paging`)."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import StaffMember
from questionnaires import building
from questionnaires.engine import Paging
from questionnaires.engine.paging import PAGING
from questionnaires.models import DraftStep, QuestionnaireVersion


class PagingChoice(models.TextChoices):
    """The engine's `Paging` in the words of the screen."""

    SECTIONS = Paging.SECTIONS.value, gettext_lazy("Ét afsnit ad gangen")
    QUESTIONS = Paging.QUESTIONS.value, gettext_lazy("Ét spørgsmål ad gangen")
    WHOLE = Paging.WHOLE.value, gettext_lazy("Alle spørgsmål på én side")


@transaction.atomic
def choose_paging(
    *, version: QuestionnaireVersion, paging: Paging, fingerprint: str, by: StaffMember, at: datetime
) -> QuestionnaireVersion:
    """Write the choice into a draft's questionnaire, as a step that can be taken back like any other.

    Who is not building it does not have it afterwards. `fingerprint` is that of the draft as it was looked at.
    Raises NotADraft, DraftChanged or DraftHeld.
    """
    was_free = building.holder_of(version, at=at) is None
    done = building.edit(
        version=version,
        operation=lambda source: with_paging(source, paging),
        act=DraftStep.Act.HEAD,
        about=_("hvor meget borgeren ser ad gangen"),
        fingerprint=fingerprint,
        by=by,
        at=at,
    )
    if was_free:
        building.give_up(version=version, by=by)
    return done


def with_paging(source: dict[str, Any], paging: Paging) -> dict[str, Any]:
    """The questionnaire with this choice; without any extension of ours for what is so anyway."""
    others = [
        one
        for one in source.get("extension") or ()
        if not (isinstance(one, dict) and one.get("url") == PAGING)
    ]
    ours = [] if paging is Paging.SECTIONS else [{"url": PAGING, "valueCode": paging.value}]
    rest = {name: value for name, value in source.items() if name != "extension"}
    return {**rest, "extension": [*others, *ours]} if others or ours else rest
