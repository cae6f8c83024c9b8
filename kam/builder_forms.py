"""What can be set on an element in the builder. Fields are made of what the element is (`authoring.settings`)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kam.builder_fields import BEHIND, FIELDS, LONGEST_LABEL, TOO_LONG, flag_field, long_field, number_field
from kam.builder_words import counted_in_words
from questionnaires.authoring import settings, units
from questionnaires.authoring.answers import Answer, answers_of
from questionnaires.authoring.head import head_of
from questionnaires.authoring.kinds import Kind, kind_of


class BuilderForm(forms.Form):
    """A form of which every field may be left empty, and none has to say so."""

    def for_screen(self) -> "BuilderForm":
        """The same, drawn without “(frivilligt)” on each field. Validates first."""
        if self.is_bound:
            self.full_clean()
        for field in self.fields.values():
            field.required = True
        return self

    def to_change(self) -> dict[str, Any]:
        """What was set anew and is right, by the fields' names; what is wrong keeps what it was."""
        wrong = self.errors  # validates
        cleaned = self.cleaned_data if self.is_bound else {}
        return {
            name: value
            for name, value in cleaned.items()
            if name not in wrong and not _same(value, self.initial.get(name))
        }


class ElementForm(BuilderForm):
    """The settings of one element."""

    def __init__(self, item: Mapping[str, Any], data: Any = None) -> None:
        values = settings.values_of(item)
        super().__init__(data, prefix="s", initial={name: _shown(value) for name, value in values.items()})
        kind = kind_of(item)
        for name in values:
            self.fields[name] = FIELDS[name](kind)
            self._offer_what_is_there(name, values[name])
        # Whoever writes another unit first should know that the numbers beside it stay as they are.
        what = units.counted_in_own(item) if "units" in values else ()
        self.counted = counted_in_words(what, str(values["units"]).splitlines()[0]) if what else ""

    def _offer_what_is_there(self, name: str, value: Any) -> None:
        """A choice that an import made and we do not offer stays a choice; so does a date without its day."""
        field = self.fields[name]
        if isinstance(field.widget, forms.DateInput) and value and len(value) < len("2026-12-31"):
            field.widget = forms.TextInput()  # a date picker would show nothing, and send nothing
        if isinstance(field, forms.ChoiceField) and _shown(value) not in dict(field.choices):  # type: ignore[arg-type]
            field.choices = [*field.choices, (_shown(value), _shown(value))]  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        """The least is not above the most, neither as numbers nor as counts."""
        cleaned: dict[str, Any] = super().clean() or {}
        for low, high, sentence in (
            ("least", "most", _("Det største svar skal være mindst lige så stort som det mindste.")),
            ("earliest", "latest", _("Det seneste svar skal ligge efter det tidligste.")),
            (
                "min_length",
                "max_length",
                _("Der skal være plads til mindst lige så mange tegn, som der kræves."),
            ),
            (
                "min_occurs",
                "max_occurs",
                _("Det højeste antal skal være mindst lige så stort som det mindste."),
            ),
        ):
            least, most = cleaned.get(low), cleaned.get(high)
            if least not in (None, "") and most not in (None, "") and least > most:
                self.add_error(high if high in self.changed_data else low, sentence)
        return cleaned

    def to_set(self) -> dict[str, Any]:
        """As `to_change`, as the settings take it."""
        return {name: _given(name, self.fields[name], value) for name, value in self.to_change().items()}

    @property
    def front(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in BEHIND]

    @property
    def behind(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in BEHIND]


class HeadForm(BuilderForm):
    """What the questionnaire itself says."""

    title = forms.CharField(
        label=_("Titel"),
        max_length=300,
        error_messages={"required": _("Giv spørgeskemaet en titel.")} | TOO_LONG,
    )
    description = long_field(_("Beskrivelse"), _("Hvad spørgeskemaet er til. Borgeren kan læse det."), rows=4)
    language = forms.ChoiceField(
        label=_("Skrevet på"),
        choices=[("da", _("Dansk")), ("en", _("Engelsk")), ("de", _("Tysk")), ("kl", _("Grønlandsk"))],
        required=False,
    )

    employee_title = forms.CharField(
        label=_("Titel for medarbejdere"),
        help_text=_("Kun hvis personalet kalder det noget andet. Den nationale platform viser titlen."),
        max_length=300,
        required=False,
        error_messages=TOO_LONG,
    )
    usage = long_field(_("Brug"), _("Hvornår og til hvem medarbejdere bør vælge det."), rows=3)

    def __init__(self, source: Mapping[str, Any], data: Any = None) -> None:
        initial = head_of(source)
        initial["language"] = initial["language"] or "da"
        super().__init__(data, prefix="h", initial=initial)
        language = self.fields["language"]
        known = dict(language.choices)  # type: ignore[attr-defined]
        if initial["language"] not in known:
            language.choices = [*known.items(), (initial["language"], initial["language"])]  # type: ignore[attr-defined]


class StartForm(forms.Form):
    title = forms.CharField(
        label=_("Titel"),
        max_length=300,
        help_text=_("Det, borgeren ser øverst. Du kan ændre den senere."),
        error_messages={"required": _("Giv spørgeskemaet en titel.")} | TOO_LONG,
    )


class AnswerRow(BuilderForm):
    """One answer to choose; a new one has no key."""

    key = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    label = forms.CharField(
        label=_("Svar"), required=False, max_length=LONGEST_LABEL, error_messages=TOO_LONG
    )
    weight = number_field(_("Point"))
    letter = forms.CharField(
        label=_("Bogstav eller tal foran"),
        help_text=_("Fx »a)« eller »1.«. Står foran svaret."),
        required=False,
        max_length=20,
        error_messages=TOO_LONG,
    )
    is_exclusive = flag_field(_("Kan ikke vælges sammen med andre"))
    is_initial = flag_field(_("Er valgt fra begyndelsen"))

    def clean(self) -> dict[str, Any]:
        """An answer that is there has words; taking it away is a button of its own."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("key") and not cleaned.get("label") and "label" not in self.errors:
            self.add_error("label", _("Skriv svaret, eller fjern det."))
        return cleaned


class AnswersForm:
    """All answers of a choice, with an empty row for one more."""

    MOST = 500

    def __init__(self, item: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        known = answers_of(item)
        self.several = kind_of(item) is Kind.SEVERAL_CHOICES
        self.known = {answer.key: answer for answer in known}
        count = len(known) + 1 if data is None else _row_count(data, self.MOST)
        self.rows: list[AnswerRow] = []
        for number in range(count):
            answer = known[number] if data is None and number < len(known) else Answer(label="")
            initial = {
                "key": answer.key,
                "label": answer.label,
                "weight": answer.weight,
                "is_exclusive": answer.is_exclusive,
                "is_initial": answer.is_initial,
                "letter": answer.prefix,
            }
            self.rows.append(AnswerRow(data, prefix=f"svar-{number}", initial=initial))

    @property
    def has_errors(self) -> bool:
        return any(row.is_bound and not row.is_valid() for row in self.rows)

    def answers(self) -> tuple[Answer, ...]:
        """As they are now; of a row with an error what was there before."""
        found = []
        for row in self.rows:
            is_right = row.is_valid()
            given = row.cleaned_data
            before = self.known.get(str(given.get("key") or ""))
            if not is_right and before is not None:
                found.append(before)
            elif is_right and (given["label"] or before is not None):
                found.append(
                    Answer(
                        label=given["label"],
                        key=before.key if before is not None else "",
                        weight=given["weight"],
                        is_exclusive=given["is_exclusive"]
                        if self.several
                        else before is not None and before.is_exclusive,
                        is_initial=given["is_initial"],
                        prefix=given["letter"],
                    )
                )
        return tuple(found)

    def for_screen(self) -> "AnswersForm":
        for row in self.rows:
            row.for_screen()
        return self


def _row_count(data: Mapping[str, Any], most: int) -> int:
    number = 0
    while number < most and f"svar-{number}-label" in data:
        number += 1
    return number


def _shown(value: Any) -> Any:
    """As a field is given it: choices are words."""
    if value is True or value is False or value is None or isinstance(value, Decimal | str):
        return value
    return str(value) if isinstance(value, int) else value


def _given(name: str, field: forms.Field, value: Any) -> Any:
    if name == "initial" and isinstance(field, forms.ChoiceField):
        return {"true": True, "false": False}.get(value)
    if name == "decimals":
        return int(value or 0)
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _same(value: Any, before: Any) -> bool:
    if isinstance(before, bool) and isinstance(value, str):
        before = "true" if before else "false"
    if isinstance(value, str) or isinstance(before, str):
        return _plain(value) == _plain(before)
    return bool(value == before) or (not value and not before and value is not False and value != 0)


def _plain(value: Any) -> str:
    return "" if value is None else "\n".join(line.rstrip() for line in str(value).strip().splitlines())
