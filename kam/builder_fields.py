"""The field in which each setting of an element is filled in (`authoring.settings`), and how they are made."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaires.authoring import units
from questionnaires.authoring.initial import moment_of
from questionnaires.authoring.kinds import GROUPS, Kind

LONGEST_TEXT = 4000
LONGEST_LABEL = 300
LONGEST_UNIT = 40
TOO_LONG = {"max_length": _("Teksten er for lang. Skriv højst %(limit_value)s tegn.")}
_NUMBER = {"invalid": _("Skriv et tal, fx 10 eller 2,5."), "max_digits": _("Tallet er for langt.")}
_COUNT = {
    "invalid": _("Skriv et helt tal."),
    "min_value": _("Skriv et tal på mindst %(limit_value)s."),
    "max_value": _("Skriv et tal på højst %(limit_value)s."),
}


def long_field(label: Any, help_text: Any = "", rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages=TOO_LONG,
    )


def short_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=LONGEST_LABEL, error_messages=TOO_LONG
    )


def number_field(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=False,
        localize=True,
        max_digits=15,
        decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=_NUMBER
        | {
            "max_decimal_places": _("Skriv højst 6 decimaler."),
            "max_whole_digits": _("Tallet er for langt."),
        },
    )


def _count(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=1,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=_COUNT,
    )


def flag_field(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def _choice(label: Any, choices: Sequence[tuple[str, Any]], help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, help_text=help_text)


def _date(label: Any) -> forms.CharField:
    return forms.RegexField(
        r"^\d{4}(-\d{2}){0,2}$",
        label=label,
        required=False,
        widget=forms.DateInput(),
        error_messages={"invalid": _("Vælg en dato.")},
    )


class MomentField(forms.CharField):
    """A date and a time of day, as the citizen would write it; the time may be left out."""

    def clean(self, value: Any) -> str:
        """As it was written, if it can be read."""
        text = str(super().clean(value))
        if text and moment_of(text) is None:
            raise forms.ValidationError(_("Skriv det sådan: 31-12-2026 14:30. Klokkeslættet kan udelades."))
        return text


def _text_label(kind: Kind) -> Any:
    if kind in GROUPS:
        return _("Overskrift")
    return _("Tekst") if kind is Kind.TEXT_TO_READ else _("Spørgsmålet")


def _time(label: Any) -> forms.CharField:
    return forms.RegexField(
        r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
        label=label,
        required=False,
        widget=forms.TimeInput(),
        error_messages={"invalid": _("Skriv timer og minutter, fx 14:30.")},
    )


def _moment(label: Any) -> Callable[[Kind], forms.Field]:
    return lambda kind: _time(label) if kind is Kind.TIME else _date(label)


class UnitsField(forms.CharField):
    """Units one a line, each another."""

    MOST = 12

    def clean(self, value: Any) -> str:
        """The units as they were written, each once."""
        names = units.names_in(super().clean(value))
        if len(names) > self.MOST:
            raise forms.ValidationError(_("Skriv højst %(most)s enheder.") % {"most": self.MOST})
        if too_long := next((name for name in names if len(name) > LONGEST_UNIT), None):
            raise forms.ValidationError(
                _("»%(name)s« er for lang. En enhed har højst %(most)s tegn.")
                % {"name": f"{too_long[:LONGEST_UNIT]}…", "most": LONGEST_UNIT}
            )
        if same := units.same_units("\n".join(names)):
            raise forms.ValidationError(
                _("»%(one)s« og »%(other)s« er den samme enhed. Fjern den ene.")
                % {"one": same[0], "other": same[1]}
            )
        return "\n".join(names)


def _units(kind: Kind) -> forms.Field:
    return UnitsField(
        label=_("Enhed"),
        help_text=_(
            "Fx kg. Skal borgeren selv kunne vælge, så skriv én enhed på hver linje. Den øverste er valgt fra "
            "begyndelsen."
        ),
        required=False,
        max_length=LONGEST_LABEL,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=TOO_LONG,
    )


def _bound(label: Any) -> Callable[[Kind], forms.Field]:
    return lambda kind: _date(label) if kind is Kind.DATE else number_field(label)


def _initial(kind: Kind) -> forms.Field:
    label = _("Begynder med svaret")
    match kind:
        case Kind.YES_NO:
            return _choice(label, [("", _("Intet svar")), ("true", _("Ja")), ("false", _("Nej"))])
        case Kind.DATE:
            return _date(label)
        case Kind.TIME:
            return _time(label)
        case Kind.DATE_AND_TIME:
            return MomentField(
                label=label,
                help_text=_("Fx 31-12-2026 14:30. Klokkeslættet kan udelades."),
                required=False,
                max_length=LONGEST_LABEL,
                error_messages=TOO_LONG,
            )
        case Kind.LINK:
            return short_field(label)
        case Kind.SHORT_TEXT | Kind.LONG_TEXT:
            return long_field(label)
    return number_field(label)


_CONTROLS = [
    ("", _("Som det passer bedst")),
    ("radio-button", _("Knapper")),
    ("drop-down", _("Liste, der foldes ud")),
    ("autocomplete", _("Søgefelt")),
]
_ORIENTATIONS = [
    ("", _("Som det passer bedst")),
    ("vertical", _("Under hinanden")),
    ("horizontal", _("Ved siden af hinanden")),
]
_PATTERNS = [
    ("", _("Hvad som helst")),
    ("email", _("En e-mailadresse")),
    ("phone", _("Et dansk telefonnummer")),
    ("postcode", _("Et postnummer (4 cifre)")),
    ("digits", _("Kun cifre")),
    ("letters", _("Kun bogstaver")),
]
_FILES = [
    ("", _("Billeder og PDF-filer")),
    ("pictures", _("Kun billeder")),
    ("documents", _("Kun PDF-filer")),
]
_DECIMALS = [(str(places), str(places)) for places in range(7)]


def _megabytes(kind: Kind) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Højst så mange MB"),
        required=False,
        localize=True,
        min_value=Decimal("0.1"),
        max_value=100,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=_NUMBER
        | {
            "min_value": _COUNT["min_value"],
            "max_value": _COUNT["max_value"],
            "max_decimal_places": _("Skriv højst én decimal."),
        },
    )


FIELDS: Mapping[str, Callable[[Kind], forms.Field]] = {
    "text": lambda kind: long_field(_text_label(kind), rows=6 if kind is Kind.TEXT_TO_READ else 2),
    "help": lambda kind: long_field(_("Hjælpetekst"), _("Står med mindre skrift under spørgsmålet.")),
    "required": lambda kind: flag_field(_("Skal besvares")),
    "prefix": lambda kind: short_field(_("Nummer foran"), _("Fx »1« eller »2a«. Står foran teksten.")),
    "short_text": lambda kind: short_field(
        _("Kort navn"), _("Bruges i oversigter, hvor der ikke er plads til hele spørgsmålet.")
    ),
    "units": _units,
    "unit": lambda kind: short_field(_("Enhed"), _("Fx kg, cm eller mmHg.")),
    "least": _bound(_("Mindste svar")),
    "most": _bound(_("Største svar")),
    "earliest": _moment(_("Tidligste svar")),
    "latest": _moment(_("Seneste svar")),
    "step": lambda kind: number_field(_("Trin på skalaen")),
    "decimals": lambda kind: _choice(_("Decimaler"), _DECIMALS),
    "lower": lambda kind: short_field(_("Tekst ved det mindste tal"), _("Fx »Ingen smerter«.")),
    "upper": lambda kind: short_field(_("Tekst ved det største tal"), _("Fx »Værst tænkelige smerter«.")),
    "pattern": lambda kind: _choice(
        _("Svaret skal være"),
        _PATTERNS,
        _(
            "Skriv under »Vejledning i feltet«, hvad borgeren skal gøre: det bliver sagt, når svaret ikke passer."
        ),
    ),
    "files": lambda kind: _choice(_("Hvad der må sendes"), _FILES),
    "max_size": _megabytes,
    "min_length": lambda kind: _count(_("Mindst så mange tegn"), 100_000),
    "max_length": lambda kind: _count(_("Højst så mange tegn"), 100_000),
    "entry_format": lambda kind: short_field(_("Vejledning i feltet"), _("Fx »dag, måned og år«.")),
    "open_label": lambda kind: short_field(_("Tekst ved feltet til egne ord"), _("Fx »Andet, skriv hvad«.")),
    "control": lambda kind: _choice(_("Vises som"), _CONTROLS),
    "orientation": lambda kind: _choice(_("Svarene står"), _ORIENTATIONS),
    "repeats": lambda kind: flag_field(_("Kan besvares flere gange")),
    "min_occurs": lambda kind: _count(_("Mindst så mange"), 100),
    "max_occurs": lambda kind: _count(_("Højst så mange"), 100),
    "initial": _initial,
    "read_only": lambda kind: flag_field(_("Borgeren kan ikke ændre svaret")),
    "hidden": lambda kind: flag_field(_("Skjult for borgeren"), _("Bruges til det, der kun skal regnes på.")),
    "is_copyright": lambda kind: flag_field(_("Teksten er en oplysning om ophavsret")),
}
"""The field of each setting."""

BEHIND = frozenset(
    {
        "prefix",
        "short_text",
        "pattern",
        "min_length",
        "is_copyright",
        "max_size",
        "entry_format",
        "open_label",
        "control",
        "orientation",
        "repeats",
        "min_occurs",
        "max_occurs",
        "initial",
        "read_only",
        "hidden",
        "step",
    }
)
"""Settings that few elements need: they stand behind “Flere indstillinger”."""
