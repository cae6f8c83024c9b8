"""When an element is shown: one row a condition, with a question, a comparison and an answer that fits it.

Without a script a row grows by sending it: the question first, then what can be said about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kam.panels.base import Json, PanelForm, Source
from questionnaires.authoring import conditions
from questionnaires.authoring.conditions import Comparison, Condition
from questionnaires.authoring.tree import link_id_of, name_of
from questionnaires.engine import Behavior

MOST_CONDITIONS = 20
LONGEST_ANSWER = 500
_SHORTEST_NAME = 90

COMPARISONS = {
    Comparison.EQUALS: _("er"),
    Comparison.NOT_EQUALS: _("er ikke"),
    Comparison.GREATER: _("er større end"),
    Comparison.AT_LEAST: _("er mindst"),
    Comparison.LESS: _("er mindre end"),
    Comparison.AT_MOST: _("er højst"),
    Comparison.EXISTS: _("er besvaret"),
    Comparison.MISSING: _("er ikke besvaret"),
}
COMPARISONS_OF_TIME = COMPARISONS | {
    Comparison.GREATER: _("er efter"),
    Comparison.AT_LEAST: _("er tidligst"),
    Comparison.LESS: _("er før"),
    Comparison.AT_MOST: _("er senest"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one condition, as far as they make sense yet."""

    number: int
    is_new: bool
    question: BoundField
    comparison: BoundField | None
    answer: BoundField | None
    remove: BoundField | None


def is_for(item: Json) -> bool:
    """Everything that is shown can be shown on a condition."""
    return bool(item.get("linkId"))


class ConditionsForm(PanelForm):
    panel_name = "conditions"

    def prepare(self) -> None:
        self.rule = conditions.rule_of(self.source, self.link_id)
        usable = conditions.questions_for(self.source, self.link_id)
        self._questions = {link_id_of(item): item for item, _after in usable}
        self._choices = [("", _("Vælg et spørgsmål"))] + [
            (link_id_of(item), _named(item, is_after=is_after)) for item, is_after in usable
        ]
        self._known = self.rule.conditions
        if self.rule.has_expression or not usable:
            return
        self.fields["behavior"] = forms.ChoiceField(
            label=_("Hvor mange af betingelserne skal være opfyldt?"),
            choices=[("all", _("Alle")), ("any", _("Mindst én"))],
            initial=self.rule.behavior.value,
            widget=forms.RadioSelect,
            required=False,
        )
        for number in self._numbers():
            self._add_row(number, self._known[number] if number < len(self._known) else None)

    def _numbers(self) -> range:
        """The rows: those stored or sent, and a new one."""
        sent = self.sent("rows") or ""
        count = int(sent) if sent.isascii() and sent.isdigit() else len(self._known) + 1
        return range(max(len(self._known) + 1, min(count, MOST_CONDITIONS)))

    @property
    def row_count(self) -> int:
        return len(self._numbers())

    def _add_row(self, number: int, stored: Condition | None) -> None:
        self.fields[f"question-{number}"] = forms.ChoiceField(
            label=_("Spørgsmål"),
            choices=self._choices,
            required=stored is not None,
            initial=stored.question if stored else "",
            error_messages={
                "required": _("Vælg et spørgsmål, eller sæt kryds i »Fjern«."),
                "invalid_choice": _("Det spørgsmål kan ikke bruges her. Vælg et andet."),
            },
        )
        if stored is not None:
            self.fields[f"remove-{number}"] = forms.BooleanField(
                label=_("Fjern denne betingelse"), required=False
            )
        chosen = self.sent(f"question-{number}")
        item = self._questions.get(chosen if chosen is not None else stored.question if stored else "")
        if item is None:
            return
        words = COMPARISONS_OF_TIME if item.get("type") in ("date", "time") else COMPARISONS
        fitting = conditions.comparisons_for(item)
        self.fields[f"comparison-{number}"] = forms.ChoiceField(
            label=_("Sammenligning"),
            choices=[(one.value, words[one]) for one in fitting],
            initial=stored.comparison.value if stored else fitting[0].value,
            required=False,
            error_messages={"invalid_choice": _("Det passer ikke til spørgsmålet. Vælg en anden.")},
        )
        if any(one.needs_answer for one in fitting):
            field = answer_field(item)
            field.initial = _initial(item, stored)
            self.fields[f"answer-{number}"] = field

    def rows(self) -> Iterator[Row]:
        """The conditions for the screen."""
        for number in self._numbers() if self.fields else ():
            yield Row(
                number,
                number >= len(self._known),
                self[f"question-{number}"],
                *(
                    self[f"{name}-{number}"] if f"{name}-{number}" in self.fields else None
                    for name in ("comparison", "answer", "remove")
                ),
            )

    @property
    def sentence(self) -> str:
        """How it is now, in words."""
        return conditions.sentence_of(self.source, self.link_id, get_language() or "da")

    @property
    def has_several(self) -> bool:
        return self.row_count > 1 and bool(self._known)

    def clean(self) -> dict[str, Any]:
        """Each row's condition, with the error at its own field."""
        cleaned = super().clean() or {}
        self.conditions: list[Condition] = []
        for number in self._numbers() if self.fields else ():
            question = cleaned.get(f"question-{number}")
            if cleaned.get(f"remove-{number}"):
                for name in ("question", "comparison", "answer"):
                    self.errors.pop(f"{name}-{number}", None)
            elif question:
                self._read(number, self._questions[question], cleaned)
        return cleaned

    def _read(self, number: int, item: Json, cleaned: dict[str, Any]) -> None:
        chosen = self.sent(f"comparison-{number}")
        if chosen is None:  # only the question has been chosen yet
            self.add_error(f"comparison-{number}", _("Vælg, hvad der skal gælde for svaret, og gem igen."))
            return
        if f"comparison-{number}" in self.errors or f"answer-{number}" in self.errors:
            return
        comparison = Comparison(cleaned.get(f"comparison-{number}") or conditions.comparisons_for(item)[0])
        answer = None
        if comparison.needs_answer:
            given = cleaned.get(f"answer-{number}")
            if given in (None, ""):
                self.add_error(f"answer-{number}", _("Angiv det svar, der skal sammenlignes med."))
                return
            if isinstance(given, Decimal):
                answer = conditions.number_answer(item, given)
            else:
                answer = conditions.read_answer(item, _text(given))
            if answer is None:
                self.add_error(f"answer-{number}", _("Det svar passer ikke til spørgsmålet."))
                return
        self.conditions.append(Condition(link_id_of(item), comparison, answer))

    def changed(self, source: Source) -> Source:
        if not self.fields:
            return source
        behavior = Behavior(self.cleaned_data.get("behavior") or self.rule.behavior.value)
        return conditions.with_conditions(source, self.link_id, self.conditions, behavior)


def _named(item: Json, *, is_after: bool) -> Any:
    name = name_of(item) or str(_("Spørgsmål uden tekst"))
    short = name if len(name) <= _SHORTEST_NAME else f"{name[: _SHORTEST_NAME - 1]}…"
    return _("%(name)s (står senere)") % {"name": short} if is_after else short


def answer_field(item: Json) -> forms.Field:
    """A field for the answers of a question."""
    label = _("Svar")
    choices = conditions.answers_for(item)
    if choices:
        told = [(conditions.answer_key(answer), words) for answer, words in choices]
        if item.get("type") == "boolean":
            told = [("true", _("Ja")), ("false", _("Nej"))]  # type: ignore[list-item]
        return forms.ChoiceField(
            label=label,
            choices=[("", _("Vælg et svar")), *told],
            required=False,
            error_messages={"invalid_choice": _("Det svar findes ikke. Vælg et andet.")},
        )
    match item.get("type"):
        case "integer" | "decimal" | "quantity":
            return forms.DecimalField(
                label=label,
                required=False,
                localize=True,
                max_digits=15,
                decimal_places=0 if item.get("type") == "integer" else 6,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={
                    "invalid": _("Skriv et tal, fx 10 eller 2,5."),
                    "max_digits": _("Tallet er for langt."),
                    "max_whole_digits": _("Tallet er for langt."),
                    "max_decimal_places": _("Skriv et helt tal.")
                    if item.get("type") == "integer"
                    else _("Skriv højst 6 decimaler."),
                },
            )
        case "date":
            return forms.DateField(
                label=label,
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}),
                error_messages={"invalid": _("Skriv en dato, fx 24-12-2026.")},
            )
        case "time":
            return forms.TimeField(
                label=label,
                required=False,
                widget=forms.TimeInput(attrs={"type": "time"}),
                error_messages={"invalid": _("Skriv et klokkeslæt, fx 8:30.")},
            )
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_ANSWER,
        error_messages={"max_length": _("Teksten er for lang.")},
    )


def _initial(item: Json, stored: Condition | None) -> Any:
    if stored is None or stored.answer is None or stored.question != link_id_of(item):
        return None
    if item.get("type") in ("integer", "decimal", "quantity"):
        return Decimal(conditions.answer_key(stored.answer))
    return conditions.answer_key(stored.answer)


def _text(given: Any) -> str:
    """A date or time as FHIR writes it, anything else as it was sent."""
    return given.isoformat() if hasattr(given, "isoformat") else str(given)
