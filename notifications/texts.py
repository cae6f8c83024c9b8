"""The two texts that may be sent. Fixed: no municipality and no employee can change them.

They are Danish in every language of the screen, since they are what the citizen receives.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 150
"""Characters: MeMo allows that many in a NemSMS (`notification`), FUT ten more."""


class Kind(models.TextChoices):
    TASK = "task", _("Ny opgave")
    REMINDER = "reminder", _("Påmindelse")


TEXTS = {
    Kind.TASK: "Du har en opgave. Se den i din telemedicinske løsning",
    Kind.REMINDER: "Husk dit spørgeskema",
}

LABELS = {Kind.TASK: "Ny opgave", Kind.REMINDER: "Påmindelse"}
"""What the message is called in the citizen's Digital Post (MeMo `label`), Danish for the same reason."""


def text_of(kind: str) -> str:
    return TEXTS[Kind(kind)]
