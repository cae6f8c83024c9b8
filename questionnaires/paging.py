"""How much of a questionnaire people see at one time: KAM's choice, on the draft itself (`engine.paging`)."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.engine import Paging
from questionnaires.engine.paging import PAGING
from questionnaires.models import QuestionnaireVersion
from questionnaires.services import DraftChanged, NotADraft


class PagingChoice(models.TextChoices):
    """The engine's `Paging` in the words of the screen."""

    SECTIONS = Paging.SECTIONS.value, gettext_lazy("Ét afsnit ad gangen")
    QUESTIONS = Paging.QUESTIONS.value, gettext_lazy("Ét spørgsmål ad gangen")
    WHOLE = Paging.WHOLE.value, gettext_lazy("Alle spørgsmål på én side")


@transaction.atomic
def choose_paging(*, version: QuestionnaireVersion, paging: Paging, fingerprint: str) -> QuestionnaireVersion:
    """Write the choice into a draft's questionnaire.

    `fingerprint` is that of the draft as it was looked at. Raises NotADraft or DraftChanged.
    """
    version = QuestionnaireVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if not version.is_draft:
        raise NotADraft(_("Kun en kladde kan ændres. Denne version er allerede udgivet."))
    if version.fingerprint != fingerprint:
        raise DraftChanged(_("Kladden er ændret, siden du åbnede den. Se den igennem, som den er nu."))
    version.source = with_paging(version.source, paging)
    version.save(update_fields=["source"])
    return version


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
