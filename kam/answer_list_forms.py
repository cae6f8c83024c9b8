"""What an administrator fills in about an answer list: a line for each option, with its points behind a bar."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaires.authoring.answer_lists import MOST_OPTIONS, ListOption

LONGEST_LABEL = 300
LARGEST_WEIGHT = 1_000_000


def as_lines(options: Sequence[ListOption]) -> str:
    """Options as they are written in the field."""
    return "\n".join(
        one.label if one.weight is None else f"{one.label} | {f'{one.weight:f}'.replace('.', ',')}"
        for one in options
    )


class AnswerListForm(forms.Form):
    name = forms.CharField(
        label=_("Navn"),
        max_length=100,
        help_text=_("Det, du kender listen på, fx »Hvor ofte, 0–4«."),
        error_messages={
            "required": _("Giv listen et navn."),
            "max_length": _("Navnet er for langt. Skriv højst 100 tegn."),
        },
    )
    options = forms.CharField(
        label=_("Svar"),
        max_length=MOST_OPTIONS * LONGEST_LABEL,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Ét svar på hver linje. Point skriver du efter en lodret streg, fx »Aldrig | 0«."),
        error_messages={"required": _("Skriv mindst ét svar."), "max_length": _("Der er for meget tekst.")},
    )

    def clean_options(self) -> tuple[ListOption, ...]:
        """The options; a line that cannot be read is named in the error."""
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines()]
        found = [_option(line) for line in lines if line]
        labels = [one.label for one in found]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise forms.ValidationError(
                _("»%(label)s« står der to gange. Skriv hvert svar én gang.") % {"label": twice}
            )
        if len(found) > MOST_OPTIONS:
            raise forms.ValidationError(_("Skriv højst %(most)s svar.") % {"most": MOST_OPTIONS})
        return tuple(found)


def _option(line: str) -> ListOption:
    label, bar, points = (part.strip() for part in line.rpartition("|"))
    if not bar:
        label, points = points, ""
    if not label or (bar and not points):
        raise forms.ValidationError(
            _("Linjen »%(line)s« mangler et svar eller et tal ved stregen.") % {"line": line[:80]}
        )
    if len(label) > LONGEST_LABEL:
        raise forms.ValidationError(_("Et svar er for langt. Skriv højst 300 tegn."))
    if not points:
        return ListOption(label)
    try:
        weight = Decimal(points.replace(",", "."))
    except InvalidOperation:
        weight = Decimal("NaN")
    exponent = weight.as_tuple().exponent
    if (
        not weight.is_finite()
        or abs(weight) > LARGEST_WEIGHT
        or not isinstance(exponent, int)
        or exponent < -6
    ):
        raise forms.ValidationError(
            _("Efter stregen i »%(line)s« skal der stå et tal, fx 2 eller 2,5.") % {"line": line[:80]}
        )
    return ListOption(label, weight)
